//! What a line looks like, whatever is logged.

use proptest::prelude::*;
use serde_json::{Value, json};
use tf_logs::Schema;
use tf_logs::testing::{Capture, assert_ecs, capture, capture_with};

use crate::dynamic::{Fields, Sample, event, samples, span, strict};

/// The only line so far.
#[track_caller]
fn line(captured: &Capture) -> Value {
    let lines = captured.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    captured.clear();
    strict(&lines[0])
}

fn keys(line: &str) -> Vec<String> {
    let mut at: Vec<(usize, String)> = strict(line)
        .as_object()
        .expect("a line is an object")
        .keys()
        .map(|key| {
            (
                line.find(&format!("\"{key}\":")).expect("it is there"),
                key.clone(),
            )
        })
        .collect();
    at.sort();
    at.into_iter().map(|(_, key)| key).collect()
}

#[test]
fn time_level_message_and_version_come_first() {
    let captured = capture();
    let span = tracing::info_span!("outer", outside = 1);
    let _entered = span.enter();
    tracing::warn!(zebra = 1, apple = 2, "hello");
    tracing::warn!(zebra = 1, message = "hello", apple = 2);
    tracing::warn!(zebra = 1, apple = 2);
    for line in captured.lines() {
        let keys = keys(&line);
        assert_eq!(
            keys[..4],
            ["@timestamp", "log.level", "message", "ecs.version"]
        );
        assert_eq!(keys[keys.len() - 3..], ["zebra", "apple", "outside"]);
    }
}

#[test]
fn the_time_has_six_digits_and_is_now() {
    let captured = capture();
    let before = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    tracing::info!("hello");
    let line = line(&captured);
    let text = line["@timestamp"].as_str().unwrap();
    assert_eq!(text.len(), "2026-01-01T00:00:00.000000Z".len());
    let seconds: u64 = text[17..19].parse().unwrap();
    assert!(
        (seconds + 60 - before % 60) % 60 <= 30,
        "{text} against {before}"
    );
}

#[test]
fn the_message_is_a_text_whatever_it_was() {
    let captured = capture();
    for (fields, message) in [
        (vec![("message".to_owned(), Sample::I64(-5))], "-5"),
        (vec![("message".to_owned(), Sample::Bool(true))], "true"),
        (vec![("message".to_owned(), Sample::F64(1.0))], "1.0"),
        (
            vec![("message".to_owned(), Sample::U128(u128::MAX))],
            "340282366920938463463374607431768211455",
        ),
        (
            vec![("message".to_owned(), Sample::Bytes(vec![0xff, 0]))],
            "0xff00",
        ),
        (vec![("a".to_owned(), Sample::I64(1))], ""),
        (vec![], ""),
    ] {
        event(&fields);
        assert_eq!(line(&captured)["message"], message);
    }
}

#[test]
fn a_second_message_is_kept_as_a_label() {
    let captured = capture();
    tracing::info!(message = "field", "text");
    let line = line(&captured);
    assert_eq!(line["message"], "text");
    assert_eq!(line["labels"]["message"], "field");
}

#[test]
fn numbers_keep_their_types() {
    let captured = capture();
    tracing::info!(
        one = 1.0,
        tenth = 0.1,
        huge = 1e300,
        tiny = 5e-324,
        single = 0.1_f32,
        nan = f64::NAN,
        infinite = f64::NEG_INFINITY,
        byte = 255_u8,
        negative = -1_i8,
        largest = i64::MAX,
        unsigned = u64::MAX,
        small_wide = 5_u128,
        wide = i128::MIN,
        yes = true,
        "numbers"
    );
    let text = captured.lines().remove(0);
    assert!(text.contains("\"one\":1.0,\"tenth\":0.1,"), "{text}");
    let line = line(&captured);
    assert_eq!(line["huge"], json!(1e300));
    assert_eq!(line["tiny"], json!(5e-324));
    assert_eq!(line["single"], json!(f64::from(0.1_f32)));
    assert_eq!(
        (&line["nan"], &line["infinite"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&line["byte"], &line["negative"]),
        (&json!(255), &json!(-1))
    );
    assert_eq!(
        (&line["largest"], &line["unsigned"]),
        (&json!(i64::MAX), &json!(u64::MAX.to_string()))
    );
    assert_eq!(
        (&line["small_wide"], &line["wide"]),
        (&json!(5), &json!(i128::MIN.to_string()))
    );
    assert_eq!(line["yes"], true);
}

#[test]
fn bytes_are_text_where_they_are_utf_8_and_digits_elsewhere() {
    let captured = capture();
    tracing::info!(
        text = "grün\n".as_bytes(),
        other = &[0xff_u8, 0x00, 0x61][..],
        "bytes"
    );
    let line = line(&captured);
    assert_eq!(
        (&line["text"], &line["other"]),
        (&json!("grün\n"), &json!("0xff0061"))
    );
}

#[test]
fn the_origin_is_the_callsite() {
    let captured = capture();
    let at = line!() + 1;
    tracing::info!(target: "orders::cart", "hello");
    let line = line(&captured);
    assert_eq!(line["log"]["logger"], "orders::cart");
    let file = &line["log"]["origin"]["file"];
    assert_eq!(file["line"], at);
    assert!(file["name"].as_str().unwrap().ends_with("lines.rs"));
}

#[test]
fn the_process_and_its_thread_are_told() {
    let inside = || {
        let captured = capture();
        tracing::info!("hello");
        line(&captured)["process"].clone()
    };
    let threads = [(); 2].map(|()| {
        std::thread::Builder::new()
            .name("worker \"7\"".into())
            .spawn(inside)
            .unwrap()
    });
    let [one, two] = threads.map(|thread| thread.join().unwrap());
    assert_eq!(one["pid"], std::process::id());
    assert_eq!(one["thread"]["name"], "worker \"7\"");
    assert!(one["thread"]["id"].is_u64());
    assert_ne!(one["thread"]["id"], two["thread"]["id"]);
}

#[test]
fn the_identity_is_on_every_line() {
    let captured = capture_with(
        tf_logs::builder("orders")
            .version("1.2.3")
            .release("v42")
            .instance("web.1")
            .process_type("web")
            .field("region", "eu \"1\"")
            .field("cloud.region", "eu-1"),
    );
    tracing::info!("hello");
    tracing::info!(region = "override", "hello");
    let lines = captured.lines();
    lines.iter().for_each(|line| assert_ecs(line));
    let line = strict(&lines[0]);
    assert_eq!(line["service"]["name"], "orders");
    assert_eq!(line["service"]["version"], "v42");
    assert_eq!(
        line["service"]["node"],
        json!({"name": "web.1", "roles": ["web"]})
    );
    assert_eq!(line["event"]["dataset"], "orders");
    assert_eq!(line["region"], "eu \"1\"");
    assert_eq!(line["cloud"]["region"], "eu-1");
    assert_eq!(strict(&lines[1])["region"], "override");
}

#[test]
fn without_a_schema_names_stay_and_keys_are_unique() {
    let captured = capture_with(
        tf_logs::builder("orders")
            .schema(Schema::Plain)
            .process_type("web"),
    );
    let span = tracing::info_span!("s", http.method = "GET", a = 1, user = "span");
    let _entered = span.enter();
    let error = std::io::Error::other("boom");
    tracing::info!(
        user = "bob",
        a.b = 1.0,
        level = 7,
        error = tf_logs::error(&error),
        "hello"
    );
    let text = captured.lines().remove(0);
    let line = line(&captured);
    assert!(keys(&text).starts_with(&[
        "timestamp".into(),
        "level".into(),
        "message".into(),
        "service".into()
    ]));
    assert_eq!(
        (&line["level"], &line["fields.level"]),
        (&json!("INFO"), &json!(7))
    );
    assert_eq!(
        (&line["user"], &line["a.b"], &line["a"]),
        (&json!("bob"), &json!(1.0), &json!(1))
    );
    assert_eq!(
        (&line["http.method"], &line["error"]),
        (&json!("GET"), &json!("boom"))
    );
    assert_eq!(
        (&line["service"], &line["process_type"]),
        (&json!("orders"), &json!("web"))
    );
    assert_eq!(line["target"], "it::lines");
}

#[test]
fn events_of_the_crate_tracing_log_tell_the_origin_of_their_record() {
    let captured = capture();
    let text = |text: &str| Sample::Text(text.to_owned());
    crate::dynamic::event_of(
        "log",
        &vec![
            ("message".to_owned(), text("hello")),
            ("log.target".to_owned(), text("hyper::proto")),
            ("log.module_path".to_owned(), text("hyper::proto::h1")),
            ("log.file".to_owned(), text("h1.rs")),
            ("log.line".to_owned(), Sample::U64(12)),
        ],
    );
    assert_ecs(&captured.lines()[0]);
    let line = line(&captured);
    let origin =
        json!({"logger": "hyper::proto", "origin": {"file": {"name": "h1.rs", "line": 12}}});
    assert_eq!(line["log"], origin);
    assert!(line.get("labels").is_none());
}

/// Names that are special in one way or another.
const NAMES: &[&str] = &[
    "a",
    "a.b",
    "a.b.c",
    "a.c",
    "b",
    "error",
    "error.message",
    "error.type.x",
    "user",
    "user.name",
    "message",
    "message.x",
    "@timestamp",
    "log.level",
    "log",
    "log.x",
    "log.origin",
    "log.origin.file.name",
    "service.name",
    "service",
    "service.x",
    "service.name.x",
    "event.action",
    "event.dataset",
    "event",
    "labels",
    "labels.a",
    "labels.a.b",
    "labels.truncated",
    "tags",
    "",
    ".",
    "..",
    "a.",
    ".a",
    "a..b",
    " ",
    "r#type",
    "type",
    "r#a.r#b",
    "traceparent",
    "trace.id",
    "span",
    "http.request",
    "http.request.method",
    "process.thread.id",
    "ecs.version",
    "x\"y",
    "x\\y",
    "x*y",
    "line\nbreak",
    "truncated",
];

fn fields(names: usize) -> impl Strategy<Value = Fields> {
    let name = prop_oneof![
        4 => proptest::sample::select(NAMES).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-c]{1,2}(\\.[a-c]{1,2}){0,3}",
    ];
    proptest::collection::vec((name, samples()), 0..names)
}

/// Names that have no meaning and are told apart by `prefix`.
fn simple(prefix: &'static str) -> impl Strategy<Value = Fields> {
    proptest::collection::vec(samples(), 0..4).prop_map(move |values| {
        let name = |(index, value)| (format!("{prefix}{index}"), value);
        values.into_iter().enumerate().map(name).collect()
    })
}

fn mixed(simple: &Fields, wild: &Fields) -> Fields {
    wild.iter()
        .take(2)
        .chain(simple)
        .chain(wild.iter().skip(2))
        .cloned()
        .collect()
}

#[track_caller]
fn holds(line: &Value, fields: &Fields) {
    for (name, value) in fields {
        assert_eq!(line.get(name).cloned(), value.expected(), "{name}");
    }
}

proptest! {
    #[test]
    fn every_line_is_one_document_with_unique_keys_and_the_values_that_were_logged(
        event_fields in (simple("event_"), fields(12)),
        inner in (simple("inner_"), fields(8)),
        outer in (simple("outer_"), fields(8)),
        plain in any::<bool>(),
        rounds in 1_usize..3,
    ) {
        let schema = if plain { Schema::Plain } else { Schema::Ecs };
        let builder = tf_logs::builder("orders").instance("i").filter("trace").max_event_bytes(1 << 20).schema(schema);
        let captured = capture_with(builder);
        let outer_span = span(&mixed(&outer.0, &outer.1));
        let _outer = outer_span.enter();
        let inner_span = span(&mixed(&inner.0, &inner.1));
        let _inner = inner_span.enter();
        for _ in 0..rounds {
            event(&mixed(&event_fields.0, &event_fields.1));
        }
        let lines = captured.lines();
        prop_assert_eq!(lines.len(), rounds);
        for text in &lines {
            let line = strict(text);
            if !plain {
                assert_ecs(text);
            }
            holds(&line, &event_fields.0);
            holds(&line, &inner.0);
            holds(&line, &outer.0);
        }
    }
}
