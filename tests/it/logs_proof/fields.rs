//! The Elastic Common Schema as a table, and what an index made from it refuses or misreads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::json::Json;
use super::spec::is_time;

/// Names that Elasticsearch refuses at the root of a document: they are its own.
const METADATA: [&str; 8] = [
    "_id",
    "_index",
    "_type",
    "_source",
    "_routing",
    "_field_names",
    "_ignored",
    "_doc_count",
];

/// The types of fields that hold objects only.
const OBJECTS: [&str; 3] = ["flattened", "nested", "object"];

/// Elasticsearch's `index.mapping.depth.limit`.
const DEEPEST: usize = 20;

/// Every field of ECS with its type.
pub(super) struct Fields(BTreeMap<&'static str, &'static str>);

impl Fields {
    /// The version of ECS that the table is of.
    pub(super) const VERSION: &str = "9.4.0";

    pub(super) fn load() -> Self {
        let table = include_str!("../../data/ecs-9.4.0.txt");
        let rows = table
            .lines()
            .map(|row| row.split_once(' ').expect("a name and a type"));
        Self(rows.collect())
    }

    /// The first parts of names that stand for objects.
    pub(super) fn object_roots(&self) -> BTreeSet<&'static str> {
        let dotted = self.0.keys().filter_map(|name| name.split_once('.'));
        dotted.map(|(root, _)| root).collect()
    }

    /// Every name at which an index has an object.
    pub(super) fn objects(&self) -> BTreeSet<String> {
        let outer = |name: &&'static str| {
            name.match_indices('.')
                .map(|(dot, _)| name[..dot].to_owned())
                .collect::<Vec<_>>()
        };
        let declared = self.0.iter().filter(|(_, kind)| OBJECTS.contains(kind));
        let declared = declared.map(|(name, _)| (*name).to_owned());
        self.0.keys().flat_map(outer).chain(declared).collect()
    }

    /// Every name at which an index has a value.
    pub(super) fn scalars(&self) -> Vec<String> {
        let objects = self.objects();
        let names = self.0.keys().map(|name| (*name).to_owned());
        names.filter(|name| !objects.contains(name)).collect()
    }

    /// What is wrong with a line whose writer may add fields under the paths `own`.
    pub(super) fn problems(&self, line: &Json, own: &[&str]) -> Vec<String> {
        let mut check = Check {
            fields: self,
            own,
            paths: BTreeMap::new(),
            problems: Vec::new(),
        };
        check.entries("", line);
        check.problems
    }

    fn has_fields_below(&self, path: &str) -> bool {
        let below = format!("{path}.");
        let mut names = self.0.range(&*below..);
        names
            .next()
            .is_some_and(|(name, _)| name.starts_with(&below))
    }
}

struct Check<'a> {
    fields: &'a Fields,
    own: &'a [&'a str],
    /// Each path so far, and whether it holds an object.
    paths: BTreeMap<String, bool>,
    problems: Vec<String>,
}

impl Check<'_> {
    fn entries(&mut self, parent: &str, object: &Json) {
        for (key, value) in object.entries() {
            // A dot in a key and an object are the same to an index.
            let mut path = parent.to_owned();
            let parts: Vec<&str> = key.split('.').collect();
            for (index, part) in parts.iter().enumerate() {
                if !(index == 0 && parent.is_empty()) {
                    path.push('.');
                }
                path.push_str(part);
                let is_object = index + 1 < parts.len() || matches!(value, Json::Object(_));
                self.meet(&path, is_object);
                if part.trim().is_empty() {
                    self.problem(&path, "has a blank part, which Elasticsearch refuses");
                }
            }
            if METADATA.contains(&&*path) {
                self.problem(
                    &path,
                    "is what Elasticsearch says of a document, and refused inside",
                );
            }
            if path.split('.').count() > DEEPEST {
                self.problem(&path, "is deeper than Elasticsearch lets mappings be");
            }
            self.field(&path, value);
        }
    }

    /// An index has one value at a path, and it is a value or an object for good.
    fn meet(&mut self, path: &str, is_object: bool) {
        match self.paths.insert(path.to_owned(), is_object) {
            Some(true) if is_object => {}
            None => {}
            Some(_) => self.problem(path, "comes twice"),
        }
    }

    fn problem(&mut self, path: &str, what: &str) {
        self.problems.push(format!("`{path}` {what}"));
    }

    fn field(&mut self, path: &str, value: &Json) {
        if let Some(kind) = self.fields.0.get(path) {
            if !agrees(kind, value) {
                self.problem(path, &format!("is {value:?}, but ECS has {kind}"));
            } else if path == "labels" {
                self.labels(value);
            } else if *kind == "object" {
                self.entries(path, value);
            }
        } else if self.fields.has_fields_below(path) {
            match value {
                Json::Object(_) => self.entries(path, value),
                _ => self.problem(path, &format!("is {value:?}, but ECS has an object")),
            }
        } else if self.own.iter().any(|own| is_below(path, own)) {
            self.entries(path, value);
        } else if matches!(value, Json::Object(entries) if !entries.is_empty()) {
            // The names may be the writer's own further down.
            self.entries(path, value);
        } else {
            self.problem(path, "is no field of ECS");
        }
    }

    /// ECS stores every label as a keyword and has no objects there.
    fn labels(&mut self, labels: &Json) {
        for (key, value) in labels.entries() {
            if value.text().is_none() {
                self.problem(
                    &format!("labels.{key}"),
                    &format!("is {value:?}, not a text"),
                );
            }
        }
    }
}

fn is_below(path: &str, own: &str) -> bool {
    let rest = path.strip_prefix(own);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether the index takes the value and keeps its type. Every type takes null and a list of its own.
fn agrees(kind: &str, value: &Json) -> bool {
    match (kind, value) {
        ("object" | "flattened" | "nested" | "geo_point", Json::Object(_)) => true,
        (_, Json::Null) => true,
        (_, Json::List(items)) => items.iter().all(|item| agrees(kind, item)),
        ("keyword" | "constant_keyword" | "wildcard" | "match_only_text", Json::Text(_)) => true,
        ("date", Json::Text(text)) => is_time(text),
        ("ip", Json::Text(text)) => text.parse::<IpAddr>().is_ok(),
        ("boolean", Json::Bool(_)) => true,
        ("float" | "double" | "scaled_float", Json::Number(_)) => true,
        ("long", Json::Number(_)) => value.integer().is_some(),
        ("integer", Json::Number(_)) => value
            .integer()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        _ => false,
    }
}

fn problems(text: &str) -> Vec<String> {
    let line = super::json::parse(text).expect("it is JSON");
    Fields::load().problems(&line, &["order", "http.request.shop"])
}

#[test]
fn the_table_has_the_fields_of_ecs() {
    let fields = Fields::load();
    assert_eq!(fields.0["@timestamp"], "date");
    assert_eq!(fields.0["log.level"], "keyword");
    assert_eq!(fields.0["process.pid"], "long");
    let roots = fields.object_roots();
    assert!(
        ["error", "user", "url", "host"]
            .iter()
            .all(|root| roots.contains(root))
    );
    assert!(!roots.contains("message"));
    assert!(fields.0.len() > 2000);
    let known: BTreeSet<&str> = fields.0.values().copied().collect();
    for kind in known {
        let samples = [
            "null",
            "{}",
            "1",
            "1.5",
            "true",
            "\"x\"",
            "\"::1\"",
            "\"2026-11-23T01:02:03.4Z\"",
        ];
        let taken = samples.map(|text| agrees(kind, &super::json::parse(text).expect("JSON")));
        assert!(
            taken.iter().filter(|taken| **taken).count() > 1,
            "{kind} is not judged"
        );
    }
}

#[test]
fn a_line_of_ecs_has_no_problem() {
    let line = r#"{"@timestamp":"2026-11-23T01:02:03.000001Z","log.level":"INFO","message":"m","ecs.version":"9.4.0",
        "service":{"name":"s","node":{"roles":["web"]}},"log":{"logger":"l","origin":{"file":{"line":7}}},
        "process":{"pid":1},"labels":{"a":"b"},"order":{"id":7,"note":null},"source":{"ip":"::1","port":80},
        "http":{"request":{"shop":true,"bytes":5,"method":"GET"}},"event":{"duration":5,"risk_score":1.5}}"#;
    assert_eq!(problems(line), [""; 0]);
}

#[test]
fn what_an_index_refuses_or_misreads_is_found() {
    for (text, path) in [
        (r#"{"error":"oops"}"#, "error"),
        (r#"{"user":null}"#, "user"),
        (r#"{"http":{"request":1}}"#, "http.request"),
        (r#"{"http.request":1}"#, "http.request"),
        (r#"{"message":5}"#, "message"),
        (r#"{"message":{"a":1}}"#, "message"),
        (r#"{"@timestamp":"yesterday"}"#, "@timestamp"),
        (r#"{"process":{"pid":"7"}}"#, "process.pid"),
        (r#"{"process":{"pid":1.5}}"#, "process.pid"),
        (r#"{"process":{"pid":9223372036854775808}}"#, "process.pid"),
        (
            r#"{"service":{"node":{"roles":[1]}}}"#,
            "service.node.roles",
        ),
        (r#"{"source":{"ip":"localhost"}}"#, "source.ip"),
        (r#"{"labels":"x"}"#, "labels"),
        (r#"{"labels":{"a":1}}"#, "labels.a"),
        (r#"{"labels":{"a":{"b":"c"}}}"#, "labels.a"),
        (r#"{"unknown":1}"#, "unknown"),
        (r#"{"service":{"colour":"red"}}"#, "service.colour"),
        (r#"{"orders":1}"#, "orders"),
        (r#"{"order":1,"order.id":2}"#, "order"),
        (r#"{"order.id":2,"order":1}"#, "order"),
        (r#"{"order":{"id":1},"order.id":2}"#, "order.id"),
        (r#"{"order.id":{"a":1},"order":{"id":2}}"#, "order.id"),
        (r#"{"order":{" ":1}}"#, "order. "),
        (r#"{"order.":1}"#, "order."),
        (r#"{"_id":1}"#, "_id"),
    ] {
        let found = problems(text);
        assert!(
            found
                .iter()
                .any(|problem| problem.starts_with(&format!("`{path}` "))),
            "{text}: {found:?}"
        );
    }
}
