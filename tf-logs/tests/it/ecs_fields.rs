//! Where fields go in the Elastic Common Schema.

use std::error::Error;
use std::fmt;

use serde_json::{Value, json};
use tf_logs::testing::{Capture, assert_ecs, capture};

use crate::dynamic::strict;

#[track_caller]
fn line(captured: &Capture) -> Value {
    let lines = captured.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_ecs(&lines[0]);
    captured.clear();
    strict(&lines[0])
}

#[test]
fn dotted_names_become_one_object_with_what_is_there_already() {
    let captured = capture();
    let span = tracing::info_span!(
        "s",
        http.request.method = "GET",
        event.kind = "event",
        service.environment = "x"
    );
    let _entered = span.enter();
    tracing::info!(
        event.action = "lifecycle.ready",
        http.response.status_code = 200,
        log.syslog.priority = 3,
        process.thread.state = "R",
        http.version = "1.1",
        "ready"
    );
    let line = line(&captured);
    assert_eq!(line["event"]["action"], "lifecycle.ready");
    assert_eq!(line["event"]["kind"], "event");
    assert_eq!(line["event"]["dataset"], "test");
    assert_eq!(line["service"]["name"], "test");
    assert_eq!(line["service"]["environment"], "x");
    let http =
        json!({"request": {"method": "GET"}, "response": {"status_code": 200}, "version": "1.1"});
    assert_eq!(line["http"], http);
    assert_eq!(line["log"]["syslog"]["priority"], 3);
    assert_eq!(line["log"]["logger"], "it::ecs_fields");
    assert_eq!(line["process"]["thread"]["state"], "R");
    assert!(line["process"]["thread"]["name"].is_string());
}

#[test]
fn a_scalar_under_the_name_of_an_object_becomes_a_label() {
    let captured = capture();
    tracing::info!(
        user = "bob",
        url = "/x",
        host = 7,
        event = true,
        service = "s",
        http.request = "GET /",
        "hello"
    );
    // A label is a text, so that an index never takes one for a number.
    let labels = json!({"user": "bob", "url": "/x", "host": "7", "event": "true", "service": "s", "http_request": "GET /"});
    assert_eq!(line(&captured)["labels"], labels);
}

#[test]
fn reserved_names_become_labels() {
    let captured = capture();
    let span = tracing::info_span!("s", message = "of the span", log.level = "LOUD");
    let _entered = span.enter();
    tracing::info!(
        service.name = "other",
        ecs.version = "1",
        process.pid = 1,
        "hello"
    );
    let line = line(&captured);
    let labels = json!({
        "message": "of the span", "log_level": "LOUD", "service_name": "other", "ecs_version": "1", "process_pid": "1",
    });
    assert_eq!(line["labels"], labels);
    assert_eq!(
        (&line["message"], &line["log.level"]),
        (&json!("hello"), &json!("INFO"))
    );
    assert_eq!(
        (&line["service"]["name"], &line["ecs.version"]),
        (&json!("test"), &json!("9.4.0"))
    );
}

#[test]
fn a_path_is_either_a_value_or_an_object() {
    let captured = capture();
    tracing::info!(a = 1, a.b = 2, "in one event");
    let first = line(&captured);
    assert_eq!(
        (&first["a"], &first["labels"]),
        (&json!({"b": 2}), &json!({"a": "1"}))
    );

    let span = tracing::info_span!("s", a.b.c = 3, x = 4);
    let _entered = span.enter();
    tracing::info!(
        a = 1,
        x.y = 5,
        "value in the event, object in the span, and the other way round"
    );
    let second = line(&captured);
    assert_eq!((&second["a"], &second["x"]), (&json!(1), &json!({"y": 5})));
    assert_eq!(second["labels"], json!({"a_b_c": "3", "x": "4"}));

    tracing::info!(a.b = 6, "a value inside the object of the span's value");
    let third = line(&captured);
    assert_eq!(
        (&third["a"], &third["labels"]),
        (&json!({"b": 6}), &json!({"a_b_c": "3"}))
    );
}

#[test]
fn the_last_of_equal_names_in_one_event_stays() {
    let captured = capture();
    tracing::info!(a = 1, b.c = 2, a = 3, b.c = 4, "hello");
    let line = line(&captured);
    assert_eq!((&line["a"], &line["b"]), (&json!(3), &json!({"c": 4})));
}

#[test]
fn raw_identifiers_lose_their_mark() {
    let captured = capture();
    tracing::info!(r#type = "x", event.r#type = "info", "hello");
    let line = line(&captured);
    assert_eq!(
        (&line["type"], &line["event"]["type"]),
        (&json!("x"), &json!("info"))
    );
}

#[derive(Debug)]
struct Outer {
    cause: Option<Inner>,
}

#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("payment failed")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("card \"expired\"")
    }
}

impl Error for Inner {}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

const WITH_CAUSE: Outer = Outer { cause: Some(Inner) };

#[test]
fn an_error_has_message_type_and_causes() {
    let captured = capture();
    tracing::error!(error = tf_logs::error(&WITH_CAUSE), "failed");
    let expected = json!({
        "message": "payment failed",
        "type": "Outer",
        "stack_trace": "payment failed\nCaused by: card \"expired\"",
    });
    assert_eq!(line(&captured)["error"], expected);
    let boxed: Box<dyn Error + Send + Sync> = Box::new(Outer { cause: None });
    tracing::error!(error = tf_logs::error(&*boxed), "failed");
    assert_eq!(
        line(&captured)["error"],
        json!({"message": "payment failed", "type": "Outer"})
    );
}

#[test]
fn an_error_by_another_name_is_the_error_unless_there_is_one() {
    let captured = capture();
    tracing::error!(cause = tf_logs::error(&Inner), "failed");
    assert_eq!(line(&captured)["error"]["message"], "card \"expired\"");
    tracing::error!(
        cause = tf_logs::error(&WITH_CAUSE),
        error = "text",
        "failed"
    );
    let second = line(&captured);
    assert_eq!(second["error"], json!({"message": "text"}));
    assert_eq!(second["cause"], "payment failed: card \"expired\"");
    tracing::error!(
        one = tf_logs::error(&Inner),
        two = tf_logs::error(&WITH_CAUSE),
        "failed"
    );
    let third = line(&captured);
    assert_eq!(
        third["error"],
        json!({"message": "card \"expired\"", "type": "Inner"})
    );
    assert_eq!(third["two"], "payment failed: card \"expired\"");
}

#[test]
fn a_text_called_error_is_its_message() {
    let captured = capture();
    tracing::error!(error = "oops", "failed");
    assert_eq!(line(&captured)["error"], json!({"message": "oops"}));
    tracing::error!(error = %Inner, "failed");
    assert_eq!(
        line(&captured)["error"],
        json!({"message": "card \"expired\""})
    );
    tracing::error!(error = 5, error.code = "E5", "failed");
    assert_eq!(
        line(&captured)["error"],
        json!({"message": "5", "code": "E5"})
    );
}

#[test]
fn errors_of_spans_do_not_mix_with_those_of_events() {
    let captured = capture();
    let span = tracing::info_span!("s", error = tf_logs::error(&WITH_CAUSE));
    let _entered = span.enter();
    tracing::error!(error = "other", "failed");
    assert_eq!(line(&captured)["error"], json!({"message": "other"}));
    tracing::error!("failed");
    assert_eq!(line(&captured)["error"]["type"], "Outer");
    span.record("error", tf_logs::error(&Inner));
    tracing::error!("failed");
    assert_eq!(
        line(&captured)["error"],
        json!({"message": "card \"expired\"", "type": "Inner"})
    );
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_trace_parent_becomes_ids() {
    let captured = capture();
    let other = "00-11111111111111111111111111111111-2222222222222222-00".to_owned();
    let span = tracing::info_span!("s", traceparent = PARENT);
    let _entered = span.enter();
    tracing::info!("of the span");
    let first = line(&captured);
    assert_eq!(
        first["trace"],
        json!({"id": "0af7651916cd43dd8448eb211c80319c"})
    );
    assert_eq!(first["span"], json!({"id": "b7ad6b7169203331"}));
    assert!(first.get("traceparent").is_none());
    tracing::info!(traceparent = %other, "of the event");
    let second = line(&captured);
    assert_eq!(
        (&second["trace"]["id"], &second["span"]["id"]),
        (&json!("1".repeat(32)), &json!("2".repeat(16)))
    );
}

#[test]
fn what_is_no_trace_parent_stays_a_text() {
    let captured = capture();
    tracing::info!(traceparent = "00-xyz", "hello");
    let first = line(&captured);
    assert_eq!(first["traceparent"], "00-xyz");
    assert!(first.get("trace").is_none());
}

#[test]
fn the_hook_of_a_tracer_gives_the_ids_of_the_current_span() {
    let ids = tf_logs::TraceIds {
        trace: [0xab; 16],
        span: [0xcd; 8],
    };
    let captured =
        tf_logs::testing::capture_with(tf_logs::builder("test").trace_ids(move |_| Some(ids)));
    tracing::info!("outside of spans");
    assert!(line(&captured).get("trace").is_none());
    let span = tracing::info_span!("s", traceparent = PARENT);
    let _entered = span.enter();
    tracing::info!("inside");
    let inside = line(&captured);
    assert_eq!(
        (&inside["trace"]["id"], &inside["span"]["id"]),
        (&json!("ab".repeat(16)), &json!("cd".repeat(8)))
    );
    tracing::info!(traceparent = PARENT, "explicit");
    assert_eq!(line(&captured)["span"]["id"], "b7ad6b7169203331");
}
