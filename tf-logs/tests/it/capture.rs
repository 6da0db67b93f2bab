//! Help for the tests of others.

use std::panic::catch_unwind;
use std::thread;

use tf_logs::testing::{assert_ecs, capture, capture_with, field};
use tracing::Level;

#[test]
fn events_of_this_thread_are_captured_in_order_until_the_end() {
    let captured = capture();
    tracing::trace!("one");
    thread::spawn(|| tracing::info!("of another thread"))
        .join()
        .unwrap();
    tracing::error!("two");
    let messages: Vec<_> = captured
        .lines()
        .iter()
        .map(|line| field(line, "message").unwrap())
        .collect();
    assert_eq!(messages, ["one", "two"]);
    captured.clear();
    assert!(captured.lines().is_empty());
    drop(captured);
    let next = capture();
    assert!(next.lines().is_empty());
    assert!(!tracing::enabled!(target: "x", Level::TRACE) || next.lines().is_empty());
}

#[test]
fn captured_lines_are_lines_of_the_schema() {
    let captured = capture();
    let span = tracing::info_span!("request", id = 7, user.name = "ann");
    let _span = span.enter();
    tracing::warn!(
        error = "oops",
        host = "h",
        n = -3,
        ratio = 1.0,
        ok = true,
        "two\nlines"
    );
    for line in captured.lines() {
        assert_ecs(&line);
    }
    assert_eq!(captured.lines().len(), 1);
}

#[test]
fn a_field_is_found_nested_or_dotted() {
    for line in [
        r#"{"a":{"b.c":1.50}}"#,
        r#"{"a.b":{"c":1.50}}"#,
        r#"{"a.b.c":1.50}"#,
        r#"{"a":{"b":{"c":1.50}}}"#,
    ] {
        assert_eq!(field(line, "a.b.c").as_deref(), Some("1.50"), "{line}");
        assert_eq!(field(line, "a.b.d"), None);
    }
    assert_eq!(
        field(r#"{"a":"x\u00e9\ud83d\ude00\n"}"#, "a").as_deref(),
        Some("xé😀\n")
    );
    assert_eq!(
        field(r#"{"a":[1, null,true , {}]}"#, "a").as_deref(),
        Some("[1,null,true,{}]")
    );
    assert_eq!(field("{", "a"), None);
}

/// A line with the shape that is asked for.
const RIGHT: &str = r#"{"@timestamp":"2026-11-22T09:30:00.125000Z","log.level":"INFO","message":"m","ecs.version":"9.4.0","labels":{"a":"b"},"process":{"pid":1}}"#;

#[test]
fn a_right_line_passes_and_each_defect_is_found() {
    assert_ecs(RIGHT);
    let defects = [
        ("not JSON", "\"m\"", "m"),
        ("not JSON", "}}", "}}}"),
        ("not JSON", "\"m\"", "\"a\u{1}b\""),
        ("not JSON", "\"pid\":1", "\"pid\":01"),
        ("more than one line", ",\"message\"", "\n,\"message\""),
        ("`@timestamp` is no UTC time", "000Z", "000+00:00"),
        ("`@timestamp` is no UTC time", "125000Z", "125000000Z"),
        ("`log.level` is missing", "\"log.level\":\"INFO\",", ""),
        ("`ecs.version` is missing", "\"ecs.version\":\"9.4.0\",", ""),
        (
            "`message` is not at place 3",
            "\"message\":\"m\",\"ecs.version\":\"9.4.0\"",
            "\"ecs.version\":\"9.4.0\",\"message\":\"m\"",
        ),
        ("`message` is not a string", "\"m\"", "7"),
        (
            "`process.pid` is not an integer",
            "\"pid\":1",
            "\"pid\":\"1\"",
        ),
        (
            "`message` is there twice",
            "\"m\",",
            "\"m\",\"message\":\"m\",",
        ),
        (
            "`labels.a` is there twice",
            "\"a\":\"b\"",
            "\"a\":\"b\",\"a\":\"b\"",
        ),
        (
            "the path `labels.a` is there twice",
            "\"process\"",
            "\"labels.a\":\"c\",\"process\"",
        ),
        (
            "`x` is a value, and an object",
            "\"process\"",
            "\"x\":1,\"x.y\":2,\"process\"",
        ),
        (
            "`error` is an object",
            "\"process\"",
            "\"error\":\"oops\",\"process\"",
        ),
        ("`labels.a.b` is not flat", "{\"a\":", "{\"a.b\":"),
        (
            "`n` is beyond 64 bits",
            "\"process\"",
            "\"n\":18446744073709551615,\"process\"",
        ),
    ];
    for (problem, from, to) in defects {
        let line = RIGHT.replacen(from, to, 1);
        assert_ne!(line, RIGHT, "{problem}");
        let text = catch_unwind(|| assert_ecs(&line)).expect_err(problem);
        let text = text.downcast::<String>().expect("a panic has text");
        assert!(text.contains(problem), "{problem}: {text}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_said_at_once() {
    let result = catch_unwind(|| drop(capture_with(tf_logs::builder("orders").filter("inof"))));
    let text = result
        .expect_err("it is refused")
        .downcast::<String>()
        .expect("a panic has text");
    assert!(text.contains("inof"), "{text}");
}
