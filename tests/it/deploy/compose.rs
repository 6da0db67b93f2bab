//! The file for Compose and the chain of logs in it, which no engine here runs: judged by schema, compared, and
//! its configuration given to the service.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use harness::{root, run, tool};
use serde_json::Value;

use super::site::orders;
use super::texts::{deploy, read};
use super::yaml::{documents, entries, succeeded, texts};

fn compose() -> Value {
    let documents = documents(&deploy().join("compose.yaml"));
    documents.into_iter().next().expect("one document")
}

/// A value as Compose takes it from an empty environment: `${NAME:-default}`.
fn filled(text: &str) -> String {
    match text.split_once("${") {
        Some((before, rest)) => {
            let (variable, after) = rest.split_once('}').expect("it is closed");
            let default = variable.split_once(":-").map_or("", |(_, default)| default);
            format!("{before}{default}{}", filled(after))
        }
        None => text.to_owned(),
    }
}

#[test]
fn compose_takes_its_file() {
    let mut checker = Command::new(tool("check-jsonschema"));
    checker.args(["--builtin-schema", "vendor.compose-spec"]);
    let _ok = succeeded(checker.arg(deploy().join("compose.yaml")));
}

#[test]
fn the_service_takes_the_configuration_that_compose_gives() {
    let compose = compose();
    let services = entries(&compose["services"]);
    let own = services.filter(|(_, service)| {
        service["image"]
            .as_str()
            .is_some_and(|image| image.starts_with("orders:"))
    });
    let own: Vec<_> = own.collect();
    assert_eq!(own.len(), 3, "{own:?}");
    for (name, service) in own {
        let variables = entries(&service["environment"]);
        let variables: BTreeMap<_, _> = variables
            .map(|(name, value)| (name, filled(value.as_str().expect("a text"))))
            .collect();
        let mut check = Command::new(orders());
        let checked = succeeded(check.args(["config", "check"]).env_clear().envs(&variables));
        assert_eq!(checked.stderr, "", "{name}");
        // Each URL names a server of the same file, by the port that is its protocol's.
        let hosts = ["DATABASE_URL", "QUEUE_URL", "CACHE_URL"].map(|name| {
            let url = &variables[&name.to_owned()];
            let authority = url
                .split("://")
                .nth(1)
                .and_then(|rest| rest.split('/').next())
                .unwrap();
            let address = authority.rsplit('@').next().unwrap();
            address.split(':').next().unwrap().to_owned()
        });
        for host in hosts {
            assert!(compose["services"][&host].is_object(), "{host}");
        }
        let words = texts(&service["command"]);
        let known = run(Command::new(orders()).args(words).env_clear()).code;
        assert_eq!(known, Some(78), "{name}: its command is unknown");
    }
}

#[test]
fn images_are_pinned_and_nothing_waits_for_health_that_nobody_tells() {
    let compose = compose();
    for (name, service) in entries(&compose["services"]) {
        let image = service["image"].as_str().unwrap();
        let (_, tag) = image
            .split_once(':')
            .unwrap_or_else(|| panic!("{image} has no tag"));
        let is_pinned =
            tag.split('.').count() == 3 && tag.split('.').all(|part| part.parse::<u16>().is_ok());
        assert!(is_pinned || image.starts_with("orders:$"), "{image}");
        let ports = service["ports"].as_array().into_iter().flatten();
        for port in ports.map(|port| port.as_str().unwrap()) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            if source.starts_with('.') {
                assert!(deploy().join(source).is_file(), "{name}: {source}");
            } else if !source.starts_with('/') {
                assert!(compose["volumes"][source].is_object(), "{name}: {source}");
            }
        }
        let Some(waits) = service.get("depends_on") else {
            continue;
        };
        for (other, how) in entries(waits) {
            let other = &compose["services"][other];
            assert!(other.is_object(), "{name}: {waits}");
            let is_told = how["condition"] != "service_healthy" || other["healthcheck"].is_object();
            assert!(is_told, "{name}: {waits}");
        }
    }
}

/// The lines of the chain of logs that the documentation of `tf-logs` gives.
#[test]
fn the_log_chain_is_the_documented_one() {
    let documented = fs::read_to_string(root().join("tf-logs/docs/elk.md")).unwrap();
    let logstash = read("elk/logstash.conf");
    let renames = documented
        .lines()
        .find(|line| line.contains("rename =>"))
        .unwrap();
    assert!(logstash.contains(renames), "{logstash}");
    for line in documented
        .lines()
        .filter(|line| line.contains("data_stream"))
    {
        let is_logstash = line.contains("=>");
        assert!(!is_logstash || logstash.contains(line.trim()), "{line}");
    }
    let template = documented
        .split_once("PUT _index_template/logs-services\n")
        .unwrap()
        .1;
    let template = template.split_once("```").unwrap().0;
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parse(&read("elk/index-template.json")), parse(template));
    let filebeat = documents(&deploy().join("elk/filebeat.yml")).remove(0);
    let to = texts(&filebeat["output.logstash"]["hosts"]);
    let port = to[0].strip_prefix("logstash:").unwrap();
    assert!(
        logstash.contains(&format!("beats {{ port => {port} }}")),
        "{to:?}"
    );
}
