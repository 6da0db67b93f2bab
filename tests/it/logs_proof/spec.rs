//! The specification of Elastic's loggers (elastic/ecs-logging), as a checker of one line.

use super::json::Json;

/// One field of the specification.
struct Field {
    name: &'static str,
    kind: &'static str,
    is_required: bool,
    /// Its place among the keys.
    place: Option<usize>,
    /// It must not be nested.
    is_top: bool,
}

fn fields() -> Vec<Field> {
    let table = include_str!("../../data/ecs-logging.txt");
    let read = |row: &'static str| {
        let words: Vec<&str> = row.split(' ').collect();
        Field {
            name: words[0],
            kind: words[1],
            is_required: words[2] == "required",
            place: words.get(3).map(|place| place.parse().expect("a number")),
            is_top: words.get(4) == Some(&"top"),
        }
    };
    table.lines().map(read).collect()
}

/// What is wrong with a line.
pub(super) fn problems(line: &Json) -> Vec<String> {
    let mut problems = Vec::new();
    for field in fields() {
        let name = field.name;
        let value = if field.is_top {
            line.get(name)
        } else {
            find(line, name)
        };
        let Some(value) = value else {
            if field.is_required {
                problems.push(format!("`{name}` is missing"));
            } else if field.is_top && find(line, name).is_some() {
                problems.push(format!("`{name}` is nested"));
            }
            continue;
        };
        if !is_of(field.kind, value) {
            problems.push(format!("`{name}` is no {}: {value:?}", field.kind));
        }
        let place = line.entries().iter().position(|(key, _)| key == name);
        if field.place.is_some() && place != field.place {
            problems.push(format!("`{name}` is key {place:?}, not {:?}", field.place));
        }
    }
    let labels = find(line, "labels").map_or(&[][..], Json::entries);
    for (key, _) in labels
        .iter()
        .filter(|(key, _)| key.contains(['.', '*', '\\']))
    {
        problems.push(format!("`labels` has the key {key:?}"));
    }
    problems
}

/// The value at a path, however much of it is nested.
pub(super) fn find<'a>(object: &'a Json, path: &str) -> Option<&'a Json> {
    object.get(path).or_else(|| {
        path.match_indices('.')
            .find_map(|(dot, _)| find(object.get(&path[..dot])?, &path[dot + 1..]))
    })
}

fn is_of(kind: &str, value: &Json) -> bool {
    match (kind, value) {
        ("datetime", Json::Text(text)) => is_time(text),
        ("string", Json::Text(_)) | ("object", Json::Object(_)) => true,
        ("integer", Json::Number(_)) => value.integer().is_some(),
        ("dataset", Json::Text(text)) => {
            let is_odd = |c: char| c.is_uppercase() || r#"\/*?"<>| ,#:-"#.contains(c);
            text.chars().count() <= 100 && !text.contains(is_odd)
        }
        _ => false,
    }
}

/// Whether the text is an instant in UTC with 1 to 6 digits of a second's fraction: Elastic's own
/// checkers read no fewer and no more.
pub(super) fn is_time(text: &str) -> bool {
    let Some((second, fraction)) = text.strip_suffix('Z').and_then(|text| text.split_once('.'))
    else {
        return false;
    };
    let shape: String = second
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    let in_range = |range: std::ops::Range<usize>, limits: std::ops::RangeInclusive<u32>| {
        second[range]
            .parse()
            .is_ok_and(|number| limits.contains(&number))
    };
    shape == "9999-99-99T99:99:99"
        && in_range(5..7, 1..=12)
        && in_range(8..10, 1..=31)
        && in_range(11..13, 0..=23)
        && in_range(14..16, 0..=59)
        && in_range(17..19, 0..=59)
        && (1..=6).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

const GOOD: &str = r#"{"@timestamp":"2026-11-23T01:02:03.000001Z","log.level":"INFO","message":"m","ecs.version":"9.4.0",
    "service":{"name":"s"},"event":{"dataset":"s"},"log":{"origin":{"file":{"line":7}}},"labels":{"a_b":"c"}}"#;

#[test]
fn a_line_of_the_specification_has_no_problem() {
    let line = super::json::parse(GOOD).expect("it is JSON");
    assert_eq!(problems(&line), [""; 0]);
    assert_eq!(fields().len(), 20);
}

#[test]
fn what_the_specification_forbids_is_found() {
    for (good, bad, name) in [
        (".000001Z", "Z", "@timestamp"),
        (".000001Z", ".000000001Z", "@timestamp"),
        (".000001Z", ".000001+00:00", "@timestamp"),
        ("2026-11", "2026-13", "@timestamp"),
        (
            r#""@timestamp":"2026-11-23T01:02:03.000001Z","#,
            "",
            "@timestamp",
        ),
        (r#""log.level":"INFO""#, r#""log.level":30"#, "log.level"),
        (
            r#""log.level":"INFO""#,
            r#""log":{"level":"INFO"}"#,
            "log.level",
        ),
        (
            r#""log.level":"INFO","#,
            r#""level":1,"log.level":"INFO","#,
            "log.level",
        ),
        (r#""message":"m""#, r#""message":1"#, "message"),
        (r#""message":"m","#, r#""x":1,"message":"m","#, "message"),
        (r#""ecs.version":"9.4.0","#, "", "ecs.version"),
        (r#"{"name":"s"}"#, r#"{"name":1}"#, "service.name"),
        (
            r#"{"dataset":"s"}"#,
            r#"{"dataset":"My-shop"}"#,
            "event.dataset",
        ),
        (r#"{"line":7}"#, r#"{"line":"7"}"#, "log.origin.file.line"),
        (r#""a_b":"c""#, r#""a.b":"c""#, "labels"),
        (r#"{"a_b":"c"}"#, r#""a""#, "labels"),
    ] {
        let text = GOOD.replacen(good, bad, 1);
        assert_ne!(text, GOOD);
        // A second `log` is no JSON, so the case that nests the level has no other.
        let text = match bad.starts_with(r#""log":"#) {
            true => text.replacen(r#","log":{"origin":{"file":{"line":7}}}"#, "", 1),
            false => text,
        };
        let found = problems(&super::json::parse(&text).expect("it is JSON"));
        assert!(
            found
                .iter()
                .any(|problem| problem.starts_with(&format!("`{name}`"))),
            "{text}: {found:?}"
        );
    }
}
