//! What is wrong with a line, by the rules for log lines of the Elastic Common Schema (ECS 9, and the
//! specification of elastic/ecs-logging).

use std::collections::HashSet;

use super::json::Json;
use crate::ecs;

/// The fields that the specification for logs names, and the process's numbers.
const STRINGS: [&str; 20] = [
    "log.level",
    "message",
    "ecs.version",
    "trace.id",
    "transaction.id",
    "span.id",
    "service.name",
    "service.version",
    "service.environment",
    "service.node.name",
    "service.ephemeral_id",
    "event.dataset",
    "event.action",
    "process.thread.name",
    "log.logger",
    "log.origin.file.name",
    "log.origin.function",
    "error.type",
    "error.message",
    "error.stack_trace",
];
const INTEGERS: [&str; 3] = ["log.origin.file.line", "process.pid", "process.thread.id"];

pub(super) fn problems(line: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if line.trim_end_matches('\n').contains(['\n', '\r']) {
        problems.push("more than one line".to_owned());
    }
    let members = match Json::parse(line) {
        Ok(Json::Object(members)) => members,
        Ok(_) => return vec!["not a JSON object".to_owned()],
        Err(error) => return vec![error],
    };
    order(&members, &mut problems);
    let mut leaves = Vec::new();
    flatten("", &members, &mut leaves, &mut problems);
    unique(&leaves, &mut problems);
    for (path, value) in &leaves {
        leaf(path, value, &mut problems);
    }
    problems
}

fn order(members: &[(String, Json)], problems: &mut Vec<String>) {
    let place = |name: &str| members.iter().position(|(key, _)| key == name);
    for (index, name) in ["@timestamp", "log.level"].into_iter().enumerate() {
        match place(name) {
            None => problems.push(format!("`{name}` is missing at the root")),
            Some(found) if found != index => {
                problems.push(format!("`{name}` is not at place {}", index + 1));
            }
            Some(_) => {}
        }
    }
    if place("ecs.version").is_none() {
        problems.push("`ecs.version` is missing at the root".to_owned());
    }
    if place("message").is_some_and(|found| found != 2) {
        problems.push("`message` is not at place 3".to_owned());
    }
}

/// Collects what is no object by its dotted path; an empty object is a leaf.
fn flatten<'j>(
    prefix: &str,
    members: &'j [(String, Json)],
    leaves: &mut Vec<(String, &'j Json)>,
    problems: &mut Vec<String>,
) {
    let mut keys = HashSet::new();
    for (key, value) in members {
        if !keys.insert(key) {
            problems.push(format!("`{prefix}{key}` is there twice"));
        }
        match value {
            Json::Object(inner) if !inner.is_empty() => {
                flatten(&format!("{prefix}{key}."), inner, leaves, problems);
            }
            value => leaves.push((format!("{prefix}{key}"), value)),
        }
    }
}

/// No path is there in two spellings, and none goes through a value.
fn unique(leaves: &[(String, &Json)], problems: &mut Vec<String>) {
    let mut paths = HashSet::new();
    for (path, _) in leaves {
        if !paths.insert(path.as_str()) {
            problems.push(format!("the path `{path}` is there twice"));
        }
    }
    for path in &paths {
        let ends = path.match_indices('.').map(|(end, _)| &path[..end]);
        for outer in ends.filter(|outer| paths.contains(outer)) {
            problems.push(format!("`{outer}` is a value, and an object in `{path}`"));
        }
    }
}

fn leaf(path: &str, value: &Json, problems: &mut Vec<String>) {
    let is_integer = |text: &str| text.parse::<i64>().is_ok();
    match value {
        Json::Text(text) if path == "@timestamp" && is_timestamp(text) => {}
        Json::Text(_) if STRINGS.contains(&path) => {}
        Json::Number(text) if INTEGERS.contains(&path) && is_integer(text) => {}
        value if path == "@timestamp" => {
            problems.push(format!("`@timestamp` is no UTC time: {value}"));
        }
        value if STRINGS.contains(&path) => {
            problems.push(format!("`{path}` is not a string: {value}"));
        }
        value if INTEGERS.contains(&path) => {
            problems.push(format!("`{path}` is not an integer: {value}"));
        }
        Json::Number(text) if !text.contains(['.', 'e', 'E']) && !is_integer(text) => {
            problems.push(format!("`{path}` is beyond 64 bits: {text}"));
        }
        value if ecs::is_object(path) && !matches!(value, Json::Object(_)) => {
            problems.push(format!("`{path}` is an object in the schema: {value}"));
        }
        _ => {}
    }
    let label = path.strip_prefix("labels.");
    if label.is_some_and(|label| label.contains(['.', '*', '\\'])) {
        problems.push(format!("`{path}` is not flat below `labels`"));
    }
}

/// `2026-11-22T09:30:00.125000Z`, with one to six digits of a fraction.
fn is_timestamp(text: &str) -> bool {
    let matches = |text: &str, pattern: &str| {
        let fits = |(c, p): (u8, u8)| (p == b'0' && c.is_ascii_digit()) || (p != b'0' && c == p);
        text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
    };
    let parts = text.strip_suffix('Z').and_then(|text| text.split_once('.'));
    parts.is_some_and(|(whole, fraction)| {
        let digits = fraction.bytes().all(|c| c.is_ascii_digit());
        matches(whole, "0000-00-00T00:00:00") && digits && (1..=6).contains(&fraction.len())
    })
}
