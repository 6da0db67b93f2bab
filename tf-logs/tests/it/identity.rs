//! Who writes: what the program says, what the environment fills in.

use serde_json::Value;
use tf_logs::Builder;
use tf_logs::testing::{assert_ecs, capture_with};

use crate::json;

fn service(builder: Builder) -> Value {
    let captured = capture_with(builder);
    tracing::info!("hello");
    let lines = captured.lines();
    assert_ecs(&lines[0]);
    json(&lines[0])["service"].clone()
}

fn with_vars(vars: &[(&str, &str)]) -> Value {
    service(tf_logs::builder("orders").from_vars(vars.iter().copied()))
}

#[test]
fn what_the_program_says_is_on_every_line() {
    let builder = tf_logs::builder("orders")
        .version("1.4.0")
        .instance("a-1")
        .process_type("web");
    let service = service(builder.field("labels.region", "eu"));
    assert_eq!(service["name"], "orders");
    assert_eq!(service["version"], "1.4.0");
    assert_eq!(service["node"]["name"], "a-1");
    assert_eq!(service["node"]["roles"], serde_json::json!(["web"]));
}

#[test]
fn fields_of_the_program_are_on_every_line() {
    let captured = capture_with(
        tf_logs::builder("orders")
            .field("cloud.region", "eu-1")
            .field("tier", "gold"),
    );
    tracing::info!("one");
    tracing::warn!("two");
    for line in captured.lines() {
        assert_ecs(&line);
        let line = json(&line);
        assert_eq!(
            (&line["cloud"]["region"], &line["tier"]),
            (&"eu-1".into(), &"gold".into())
        );
    }
}

#[test]
fn the_release_is_shown_instead_of_the_version() {
    let program = || tf_logs::builder("orders").version("1.4.0");
    assert_eq!(service(program().release("v42"))["version"], "v42");
    assert_eq!(
        service(program().from_vars([("RELEASE_ID", "v43")]))["version"],
        "v43"
    );
    assert_eq!(
        service(program().release("v42").from_vars([("RELEASE_ID", "v43")]))["version"],
        "v42"
    );
}

#[test]
fn the_first_variable_that_is_set_names_the_release() {
    let order = [
        "RELEASE_ID",
        "HEROKU_RELEASE_VERSION",
        "HEROKU_SLUG_COMMIT",
        "K_REVISION",
        "SERVICE_VERSION",
    ];
    for start in 0..order.len() {
        let vars: Vec<_> = order[start..].iter().map(|name| (*name, *name)).collect();
        assert_eq!(with_vars(&vars)["version"], order[start]);
    }
    let otel = [(
        "OTEL_RESOURCE_ATTRIBUTES",
        "deployment.environment=x, service.version=1%2C2 ,service.name=y",
    )];
    assert_eq!(with_vars(&otel)["version"], "1,2");
}

#[test]
fn the_first_variable_that_is_set_names_the_instance() {
    let order = ["DYNO", "POD_NAME", "HOSTNAME"];
    for start in 0..order.len() {
        let vars: Vec<_> = order[start..].iter().map(|name| (*name, *name)).collect();
        assert_eq!(with_vars(&vars)["node"]["name"], order[start]);
    }
    assert_eq!(
        with_vars(&[("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=i%2D7")])["node"]["name"],
        "i-7"
    );
}

#[test]
fn an_instance_without_a_name_gets_one_of_its_own() {
    let (one, other) = (with_vars(&[("HOSTNAME", " ")]), with_vars(&[]));
    let name = |service: &Value| service["node"]["name"].as_str().unwrap().to_owned();
    assert!(name(&one).len() >= 8, "{one}");
    assert_ne!(name(&one), name(&other));
}

#[test]
fn each_start_of_an_instance_has_an_id() {
    let one = with_vars(&[("HOSTNAME", "pod-1")]);
    let other = with_vars(&[("HOSTNAME", "pod-1")]);
    assert_eq!(one["node"]["name"], other["node"]["name"]);
    assert!(one["ephemeral_id"].is_string());
    assert_ne!(one["ephemeral_id"], other["ephemeral_id"]);
}

#[test]
fn a_dyno_names_its_process_type() {
    assert_eq!(
        with_vars(&[("DYNO", "worker.12")])["node"]["roles"],
        serde_json::json!(["worker"])
    );
    let roles = service(
        tf_logs::builder("orders")
            .process_type("web")
            .from_vars([("DYNO", "worker.12")]),
    );
    assert_eq!(roles["node"]["roles"], serde_json::json!(["web"]));
    assert!(
        with_vars(&[("DYNO", "odd"), ("HOSTNAME", "x")])["node"]
            .get("roles")
            .is_none()
    );
}

#[test]
fn a_program_without_a_name_is_named_by_the_environment() {
    let order = [
        "SERVICE_NAME",
        "OTEL_SERVICE_NAME",
        "K_SERVICE",
        "FLY_APP_NAME",
        "HEROKU_APP_NAME",
    ];
    for start in 0..order.len() {
        let vars: Vec<_> = order[start..].iter().map(|name| (*name, *name)).collect();
        assert_eq!(
            service(tf_logs::builder("").from_vars(vars.clone()))["name"],
            order[start]
        );
        assert_eq!(with_vars(&vars)["name"], "orders");
    }
}

#[test]
fn odd_values_make_no_odd_lines() {
    let odd = "a\"b\\c\n\u{1b}[31m\u{0}é";
    let captured = capture_with(
        tf_logs::builder(odd)
            .version(odd)
            .instance(odd)
            .process_type(odd)
            .field("k", odd),
    );
    tracing::info!("hello");
    let lines = captured.lines();
    assert_eq!(lines.len(), 1);
    assert_ecs(&lines[0]);
    assert!(!lines[0].contains('\u{1b}'));
    let name = json(&lines[0])["service"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        name.starts_with("a\"b\\c\n\u{1b}[31m") && name.ends_with('é'),
        "{name:?}"
    );
}

#[test]
fn attributes_that_are_no_pairs_do_no_harm() {
    for text in [
        "",
        "=",
        "service.version",
        "service.version=",
        "service.version=%",
        "%zz=1,,=,service.version=%4",
    ] {
        let service = with_vars(&[("OTEL_RESOURCE_ATTRIBUTES", text)]);
        assert_eq!(service["name"], "orders", "{text}");
    }
}
