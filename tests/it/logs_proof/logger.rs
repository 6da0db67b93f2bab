//! Elastic's own logger for Python writes the same event.

use std::collections::BTreeMap;
use std::process::Command;

use harness::{run, tool};
use serde_json::json;

use super::json::{Json, parse};
use super::spec::find;
use super::{Line, ecs};

/// Each value of a line by its path, as a list of keys: what is dotted differs from what is nested.
fn shape<'a>(value: &'a Json, path: &[&'a str], found: &mut BTreeMap<Vec<&'a str>, &'a Json>) {
    for (key, value) in value.entries() {
        let path = [path, &[key]].concat();
        if value.entries().is_empty() {
            found.insert(path, value);
        } else {
            shape(value, &path, found);
        }
    }
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(digits) if digits.contains(['.', 'e']) => "float",
        Json::Number(_) => "integer",
        Json::Text(_) => "text",
        Json::List(_) => "list",
        Json::Object(_) => "object",
    }
}

/// The line of Elastic's logger for an event like `ours` with these fields.
fn theirs(ours: &Line, level: &str, fields: &serde_json::Value, error: &serde_json::Value) -> Json {
    let text = |path| {
        find(&ours.value, path)
            .and_then(Json::text)
            .expect("a text")
    };
    let line = find(&ours.value, "log.origin.file.line").and_then(Json::integer);
    let event = json!({
        "logger": text("log.logger"),
        "level": level,
        "file": text("log.origin.file.name"),
        "line": line.expect("an integer"),
        "message": ours.message(),
        "fields": fields,
        "error": error,
    });
    let output = run(Command::new(tool("python3"))
        .args(["-c", include_str!("formatter.py")])
        .arg(event.to_string()));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    parse(&output.stdout).expect("it writes JSON")
}

fn sample(message: &str) -> &'static Line {
    let found = ecs().iter().find(|line| line.message() == message);
    found.expect("the samples have it")
}

/// Compares the values that both have, by path and type; all but `free` also by value.
fn assert_alike(ours: &Line, theirs: &Json, free: &[&str], only_theirs: &[&str]) {
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    shape(&ours.value, &[], &mut left);
    shape(theirs, &[], &mut right);
    for (path, their) in right {
        let name = path.join(".");
        match left.get(&path) {
            Some(our) => {
                assert_eq!(kind(our), kind(their), "{name}: {our:?}, {their:?}");
                assert!(
                    free.contains(&&*name) || our.same(their),
                    "{name}: {our:?}, {their:?}"
                );
            }
            None => assert!(
                only_theirs.contains(&&*name),
                "{path:?} is theirs alone: {}",
                ours.text
            ),
        }
    }
}

/// What differs from one process to the next, the case of levels, and a file with or without its folder.
const FREE: [&str; 6] = [
    "@timestamp",
    "log.level",
    "log.origin.file.name",
    "process.pid",
    "process.thread.id",
    "process.thread.name",
];

/// What Rust does not tell of a callsite, and the message a second time.
const THEIRS: [&str; 3] = ["log.origin.function", "log.original", "process.name"];

#[test]
fn elastics_own_logger_gives_the_same_event_the_same_shape() {
    let ours = sample("paid");
    let fields = json!({
        "service.name": "Corner-Shop",
        "service.version": "v42",
        "service.node": {"name": "web.1", "roles": ["web"]},
        "labels": {"region": "eu-1"},
        "shop.items": 2,
        "shop.tenant": "static",
        "http.request.method": "POST",
        "http.response.status_code": 201,
        "event.action": "order.paid",
    });
    let theirs = theirs(ours, "INFO", &fields, &json!(null));
    let free = [&FREE[..], &["ecs.version"]].concat();
    assert_alike(ours, &theirs, &free, &THEIRS);
    let first = |line: &Json| {
        line.entries()
            .iter()
            .take(3)
            .map(|(key, _)| key.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(first(&ours.value), first(&theirs));
}

#[test]
fn elastics_own_logger_gives_an_error_the_same_shape() {
    let ours = sample("error chain");
    let error = json!({"type": "Failure", "message": "failure 1\nof two lines"});
    let theirs = theirs(ours, "ERROR", &json!({}), &error);
    let free = [&FREE[..], &["ecs.version", "error.stack_trace"]].concat();
    assert_alike(ours, &theirs, &free, &THEIRS);
}

#[test]
fn a_difference_of_shape_is_found() {
    let line = |text: &str| Line {
        text: text.to_owned(),
        value: parse(text).expect("it is JSON"),
    };
    let ours = line(r#"{"a":{"b":1},"c":"x"}"#);
    for (theirs, is_alike) in [
        (r#"{"a":{"b":1},"c":"x"}"#, true),
        (r#"{"a":{"b":1}}"#, true),
        (r#"{"a.b":1}"#, false),
        (r#"{"a":{"b":1.0}}"#, false),
        (r#"{"a":{"b":"1"}}"#, false),
        (r#"{"c":"y"}"#, false),
        (r#"{"d":1}"#, false),
    ] {
        let theirs = parse(theirs).expect("it is JSON");
        let compared = std::panic::catch_unwind(|| assert_alike(&ours, &theirs, &[], &[]));
        assert_eq!(compared.is_ok(), is_alike, "{theirs:?}");
    }
}
