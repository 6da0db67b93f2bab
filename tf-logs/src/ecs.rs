//! Which name a field has in the Elastic Common Schema.

mod objects;

use std::borrow::Cow;

pub(crate) use objects::is_object;

/// What every line says by itself; these and what would be inside them are not for fields.
const RESERVED: &[&str] = &[
    "@timestamp",
    "message",
    "log.level",
    "ecs.version",
    "service.name",
    "service.version",
    "service.node.name",
    "service.node.roles",
    "service.ephemeral_id",
    "event.dataset",
    "process.pid",
    "process.thread.name",
    "process.thread.id",
    "log.logger",
    "log.origin.file.name",
    "log.origin.file.line",
];

/// Elasticsearch's own fields of a document, which it refuses inside one.
const METADATA: &[&str] = &[
    "_doc_count",
    "_field_names",
    "_id",
    "_ignored",
    "_index",
    "_nested_path",
    "_routing",
    "_seq_no",
    "_source",
    "_tier",
    "_type",
    "_version",
];

/// Deeper names are joined; Elasticsearch refuses more than twenty levels.
const DEPTH: usize = 12;

/// The path of the field `name`, whose value is no object.
pub(crate) fn path(name: &str) -> Vec<Cow<'_, str>> {
    let segments: Vec<&str> = name.split('.').map(bare).collect();
    if segments
        .iter()
        .any(|segment| segment.chars().all(char::is_whitespace))
    {
        return label(name);
    }
    let whole = match name.contains("r#") {
        true => Cow::from(segments.join(".")),
        false => Cow::from(name),
    };
    match segments.as_slice() {
        ["error"] => vec!["error".into(), "message".into()],
        ["labels", rest @ ..] if !rest.is_empty() => label(&rest.join(".")),
        _ if is_taken(&whole) => label(name),
        segments => bounded(segments),
    }
}

/// Whether the schema has nothing but texts at this path.
pub(crate) fn is_text(path: &[&str]) -> bool {
    matches!(
        path,
        ["labels" | "trace" | "transaction" | "span" | "error", _]
            | [
                "event",
                "action"
                    | "category"
                    | "code"
                    | "kind"
                    | "module"
                    | "outcome"
                    | "provider"
                    | "reason"
                    | "type"
            ]
            | ["service", "environment" | "state" | "type"]
            | ["log", "origin", "function"]
    )
}

/// The name of the stream of events, as a part of an index's name (elastic/ecs-logging, `event.dataset`).
pub(crate) fn dataset(service: &str) -> String {
    let fit = |c: char| match c {
        '\\' | '/' | '*' | '?' | '"' | '<' | '>' | '|' | ' ' | ',' | '#' | ':' | '-' => '_',
        c => c,
    };
    service.to_lowercase().chars().map(fit).take(100).collect()
}

/// The name without the mark of a raw identifier.
pub(crate) fn bare(segment: &str) -> &str {
    segment.strip_prefix("r#").unwrap_or(segment)
}

fn is_taken(name: &str) -> bool {
    is_object(name)
        || name.starts_with("tags.")
        || RESERVED
            .iter()
            .chain(METADATA)
            .filter(|reserved| reserved.as_bytes().first() == name.as_bytes().first())
            .any(|reserved| is_within(name, reserved) || is_within(reserved, name))
}

fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn bounded<'n>(segments: &[&'n str]) -> Vec<Cow<'n, str>> {
    let (outer, rest) = segments.split_at(segments.len().min(DEPTH) - 1);
    let mut path: Vec<_> = outer.iter().copied().map(Cow::Borrowed).collect();
    path.push(match rest {
        [last] => Cow::Borrowed(last),
        rest => Cow::Owned(rest.join("_")),
    });
    path
}

/// The path of a field that may not stand under its own name.
fn label<'n>(name: &str) -> Vec<Cow<'n, str>> {
    let key: String = bare(name)
        .chars()
        .map(|c| {
            if matches!(c, '.' | '*' | '\\') || c.is_whitespace() {
                '_'
            } else {
                c
            }
        })
        .collect();
    let key = if key.is_empty() { "_".to_owned() } else { key };
    vec![Cow::Borrowed("labels"), Cow::Owned(key)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dotted(name: &str) -> String {
        path(name).join("/")
    }

    #[test]
    fn names_of_the_schema_are_themselves() {
        assert_eq!(dotted("http.request.method"), "http/request/method");
        assert_eq!(dotted("event.action"), "event/action");
        assert_eq!(dotted("trace.id"), "trace/id");
        assert_eq!(dotted("tags"), "tags");
    }

    #[test]
    fn a_scalar_never_takes_the_place_of_an_object() {
        for name in [
            "user",
            "url",
            "labels",
            "user.target",
            "http.response.body",
            "service.entity",
        ] {
            assert_eq!(dotted(name), format!("labels/{}", name.replace('.', "_")));
        }
        assert_eq!(dotted("error"), "error/message");
        assert_eq!(dotted("log.origin"), "labels/log_origin");
        assert_eq!(dotted("service.node"), "labels/service_node");
    }

    #[test]
    fn nothing_goes_into_a_value_of_the_schema() {
        assert_eq!(dotted("tags.a"), "labels/tags_a");
        assert_eq!(dotted("message.id"), "labels/message_id");
    }

    #[test]
    fn what_a_line_or_elasticsearch_says_by_itself_is_not_overwritten() {
        for name in RESERVED.iter().chain(METADATA) {
            assert_eq!(dotted(name), format!("labels/{}", name.replace('.', "_")));
        }
        assert_eq!(dotted("service.name.first"), "labels/service_name_first");
        assert_eq!(dotted("message.id"), "labels/message_id");
    }

    #[test]
    fn labels_have_no_dots_stars_or_backslashes() {
        assert_eq!(dotted("labels.a"), "labels/a");
        assert_eq!(dotted("labels.el"), "labels/el");
        assert_eq!(dotted("labels.a.b*c\\d"), "labels/a_b_c_d");
    }

    #[test]
    fn names_that_elasticsearch_refuses_become_labels() {
        assert_eq!(dotted(""), "labels/_");
        assert_eq!(dotted("."), "labels/_");
        assert_eq!(dotted("a..b"), "labels/a__b");
        assert_eq!(dotted(" "), "labels/_");
        assert_eq!(dotted("a. .b"), "labels/a___b");
    }

    #[test]
    fn a_dataset_is_fit_for_the_name_of_an_index() {
        assert_eq!(dataset("Corner-Shop: EU"), "corner_shop__eu");
        assert_eq!(dataset(&"É".repeat(200)), "é".repeat(100));
    }

    #[test]
    fn raw_identifiers_lose_their_mark() {
        assert_eq!(dotted("r#type"), "type");
        assert_eq!(dotted("a.r#type"), "a/type");
        assert_eq!(dotted("r#user"), "labels/user");
    }

    #[test]
    fn deep_names_are_joined_at_a_depth_that_is_accepted() {
        let name = ["a"; 40].join(".");
        let path = path(&name);
        assert_eq!(path.len(), DEPTH);
        assert_eq!(path[DEPTH - 1], ["a"; 40 - DEPTH + 1].join("_"));
    }
}
