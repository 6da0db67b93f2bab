//! Fields of spans in the lines of events.

use std::thread;

use serde_json::{Value, json};
use tf_logs::testing::{Capture, assert_ecs, capture};
use tracing::field::Empty;
use tracing_subscriber::layer::SubscriberExt;

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
fn the_event_wins_over_the_inner_span_and_that_over_the_outer_one() {
    let captured = capture();
    let outer = tracing::info_span!(
        "outer",
        a = "outer",
        b = "outer",
        c = "outer",
        x.y = "outer",
        x.z = "outer"
    );
    let _outer = outer.enter();
    let inner = tracing::info_span!("inner", a = "inner", b = "inner", x.y = "inner");
    let _inner = inner.enter();
    tracing::info!(a = "event", "hello");
    let line = line(&captured);
    assert_eq!(
        (&line["a"], &line["b"], &line["c"]),
        (&json!("event"), &json!("inner"), &json!("outer"))
    );
    assert_eq!(line["x"], json!({"y": "inner", "z": "outer"}));
}

#[test]
fn a_field_that_the_event_leaves_out_comes_from_the_span() {
    let captured = capture();
    let span = tracing::info_span!("s", a = "span");
    let _entered = span.enter();
    tracing::info!(a = None::<&str>, b = 1, "hello");
    assert_eq!(line(&captured)["a"], "span");
}

#[test]
fn an_explicit_parent_counts_and_not_the_current_span() {
    let captured = capture();
    let parent = tracing::info_span!("parent", of = "parent");
    let child = tracing::info_span!(parent: &parent, "child", kind = "child");
    let current = tracing::info_span!("current", of = "current", also = 1);
    let _entered = current.enter();
    tracing::info!(parent: &child, "explicit");
    let explicit = line(&captured);
    assert_eq!(
        (&explicit["of"], &explicit["kind"]),
        (&json!("parent"), &json!("child"))
    );
    assert!(explicit.get("also").is_none());
    tracing::info!(parent: None, "none");
    assert!(line(&captured).get("of").is_none());
    tracing::info!("current");
    assert_eq!(line(&captured)["of"], "current");
    let root = tracing::info_span!(parent: None, "root", own = true);
    root.in_scope(|| tracing::info!("in a root"));
    let in_root = line(&captured);
    assert_eq!((&in_root["own"], in_root.get("of")), (&json!(true), None));
}

#[test]
fn what_is_recorded_later_replaces_what_was_there() {
    let captured = capture();
    let span = tracing::info_span!(
        "s",
        first = 1,
        status = Empty,
        http.status = Empty,
        last = 2
    );
    let _entered = span.enter();
    tracing::info!("before");
    let before = line(&captured);
    assert!(before.get("status").is_none() && before.get("http").is_none());
    for status in ["a \"long\" one", "b", ""] {
        span.record("status", status);
        span.record("http.status", status.len());
        span.record("first", status);
        tracing::info!("after");
        let after = line(&captured);
        assert_eq!(
            (&after["status"], &after["http"]["status"]),
            (&json!(status), &json!(status.len()))
        );
        assert_eq!(
            (&after["first"], &after["last"]),
            (&json!(status), &json!(2))
        );
    }
}

#[test]
fn a_field_recorded_in_another_thread_is_seen() {
    let captured = capture();
    let span = tracing::info_span!("s", status = Empty);
    let also = span.clone();
    let record = move || {
        also.record("status", 5);
        also.record("status", 6);
    };
    thread::spawn(record).join().unwrap();
    span.in_scope(|| tracing::info!("hello"));
    assert_eq!(line(&captured)["status"], 6);
}

#[test]
fn closed_spans_leave_nothing_behind() {
    let captured = capture();
    for round in 0..100_u64 {
        let span = tracing::info_span!(
            "s",
            round,
            text = "x".repeat(usize::try_from(round).unwrap() * 50)
        );
        span.in_scope(|| tracing::info!("inside"));
        let inside = line(&captured);
        assert_eq!(inside["round"], round);
        drop(span);
        let other = tracing::info_span!("t", other = round);
        other.in_scope(|| tracing::info!("in another one"));
        let outside = line(&captured);
        assert!(outside.get("round").is_none() && outside.get("text").is_none());
    }
}

#[test]
fn spans_below_the_filter_have_no_fields_in_lines() {
    let captured = tf_logs::testing::capture_with(tf_logs::builder("test").filter("info"));
    let span = tracing::debug_span!("s", hidden = 1);
    let _entered = span.enter();
    tracing::info!("hello");
    assert!(line(&captured).get("hidden").is_none());
}

#[test]
fn two_layers_in_one_subscriber_keep_their_fields_apart() {
    let (one, two) = (Shared::default(), Shared::default());
    let (_, first) = tf_logs::builder("one")
        .instance("i")
        .redact(["secret"])
        .with_writer(one.clone())
        .layer()
        .unwrap();
    let (_, second) = tf_logs::builder("two")
        .instance("i")
        .filter("warn")
        .with_writer(two.clone())
        .layer()
        .unwrap();
    let subscriber = tracing_subscriber::registry().with(first).with(second);
    tracing::subscriber::with_default(subscriber, || {
        let outer = tracing::info_span!("outer", outside = 1);
        let _outer = outer.enter();
        let span = tracing::warn_span!("s", secret = "x", status = Empty);
        let _entered = span.enter();
        span.record("status", 5);
        tracing::info!("for one");
        tracing::warn!("for both");
    });
    let (one, two) = (one.lines(), two.lines());
    assert_eq!((one.len(), two.len()), (2, 1));
    for line in &one {
        assert_eq!(
            (&line["secret"], &line["status"], &line["outside"]),
            (&json!("[redacted]"), &json!(5), &json!(1))
        );
    }
    assert_eq!(
        (&two[0]["secret"], &two[0]["status"]),
        (&json!("x"), &json!(5))
    );
    assert!(two[0].get("outside").is_none());
    assert_eq!(
        (&one[1]["service"]["name"], &two[0]["service"]["name"]),
        (&json!("one"), &json!("two"))
    );
}

#[derive(Clone, Default)]
struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Shared {
    fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().expect("no writer panics");
        std::str::from_utf8(&bytes)
            .expect("lines are UTF-8")
            .lines()
            .map(strict)
            .collect()
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
