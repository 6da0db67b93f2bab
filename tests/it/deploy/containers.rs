//! Files for container platforms, which are not here: read by other programs, and compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{Output, packaged, root, run, tool};
use serde_json::Value;

use super::site::orders;
use super::texts::{deploy, read};

/// The documents of a YAML file, read by a real parser.
fn documents(path: &Path) -> Vec<Value> {
    let script =
        "import json, sys, yaml\nprint(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let mut python = Command::new(tool("python3"));
    let output = run(python.args(["-c", script]).arg(path));
    assert_eq!(output.code, Some(0), "{output:?}");
    serde_json::from_str(&output.stdout).expect("it is JSON")
}

fn succeeded(command: &mut Command) -> Output {
    let output = run(command);
    assert_eq!(output.code, Some(0), "{output:?}");
    output
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|text| text.as_str().expect("a text"))
        .collect()
}

fn entries(map: &Value) -> impl Iterator<Item = (&String, &Value)> {
    map.as_object()
        .unwrap_or_else(|| panic!("no map: {map}"))
        .iter()
}

/// All objects of the release, as kustomize makes them.
fn objects(folder: &Path) -> Vec<Value> {
    let mut kubectl = Command::new(packaged("kubectl", "kubernetes-client"));
    let made = succeeded(kubectl.arg("kustomize").arg(deploy().join("kubernetes")));
    let file = folder.join("objects.yaml");
    fs::write(&file, made.stdout).expect("the folder can be written to");
    documents(&file)
}

#[test]
fn kubernetes_takes_a_whole_release() {
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path());
    // The first version in which pod failure policies are stable, and the newest that the checker knows.
    for version in [&["-k", "1.31.0"][..], &[]] {
        let mut checker = Command::new(tool("kubernetes-validate"));
        checker.arg("--strict").args(version);
        let told = succeeded(checker.arg(folder.path().join("objects.yaml")));
        let told = format!("{}{}", told.stdout, told.stderr);
        assert_eq!(
            told.matches(" passed for resource ").count(),
            objects.len(),
            "{told}"
        );
    }
    let kinds: Vec<_> = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    for kind in ["ConfigMap", "Deployment", "Job", "Service"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn each_pod_has_the_image_and_the_configuration_of_the_release() {
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path());
    let map = objects
        .iter()
        .find(|object| object["kind"] == "ConfigMap")
        .unwrap();
    let pods = objects
        .iter()
        .filter(|object| object["spec"]["template"].is_object());
    let mut count = 0;
    for object in pods {
        count += 1;
        let pod = &object["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(container["image"], "images.example/orders:v1");
        let references = container["env"].as_array().unwrap().iter();
        let taken: Vec<_> = references
            .filter(|variable| {
                variable["valueFrom"]["configMapKeyRef"]["name"] == map["metadata"]["name"]
            })
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        for (name, _) in entries(&map["data"]) {
            assert!(taken.contains(&name.as_str()), "{name}: {taken:?}");
        }
        let required = container["env"].as_array().unwrap().iter();
        let required = required.filter(|variable| {
            let from = &variable["valueFrom"]["secretKeyRef"];
            from.is_object() && from["optional"] != true
        });
        let required: Vec<_> = required
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        assert_eq!(required, ["DATABASE_URL", "QUEUE_URL"]);
    }
    assert!(count >= 4, "{objects:#?}");
}

#[test]
fn the_migration_gives_up_when_another_try_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let objects = objects(folder.path());
    let is_it =
        |object: &&Value| object["kind"] == "Job" && object["metadata"]["name"] == "orders-migrate";
    let job = objects.iter().find(is_it).unwrap();
    let rules = job["spec"]["podFailurePolicy"]["rules"].as_array().unwrap();
    let codes = &rules[0]["onExitCodes"];
    assert_eq!(
        (rules[0]["action"].as_str(), codes["operator"].as_str()),
        (Some("FailJob"), Some("In"))
    );
    // A wrong configuration ends so, as does a wrong command line.
    for words in [&["admin", "migrate"][..], &["admin", "migrat"]] {
        let code = run(Command::new(orders()).args(words).env_clear()).code;
        let is_final = codes["values"]
            .as_array()
            .unwrap()
            .iter()
            .any(|value| value.as_i64() == code.map(i64::from));
        assert!(is_final, "{words:?}: {code:?} {codes}");
    }
    assert_eq!(rules[1]["action"], "Ignore");
    assert_eq!(rules[1]["onPodConditions"][0]["type"], "DisruptionTarget");
    assert_eq!(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
}

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

#[test]
fn the_image_is_built_locked_and_runs_as_nobody() {
    let _ok = succeeded(Command::new(tool("hadolint")).arg(deploy().join("Dockerfile")));
    let dockerfile = read("Dockerfile");
    let lines = |word: &str| {
        let prefix = format!("{word} ");
        dockerfile
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix))
            .collect::<Vec<_>>()
    };
    assert!(dockerfile.contains("cargo build --release --locked --package orders --bin orders"));
    assert_eq!(lines("FROM").last(), Some(&"scratch"));
    let identity: Vec<_> = lines("USER")[0].split(':').collect();
    assert!(
        identity
            .iter()
            .all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)),
        "{identity:?}"
    );
    let entry: Vec<String> =
        serde_json::from_str(lines("ENTRYPOINT")[0]).expect("words, without a shell");
    assert_eq!(entry, ["/orders"]);
    let script = "examples/deploy/rootfs";
    assert!(dockerfile.contains(script) && root().join(script).is_file());
    // What is left out is no part of the build: nothing that Cargo or the last stage names.
    for line in read("Dockerfile.dockerignore")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        assert!(["**/target", ".git"].contains(&line), "{line}");
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
