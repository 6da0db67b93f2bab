//! Values that fail, panic, log or outlive their thread.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tf_logs::testing::{assert_ecs, capture, capture_with};
use tf_logs::{Panics, Stream};
use tracing::field::Empty;
use tracing_subscriber::layer::SubscriberExt;

use crate::dynamic::strict;

/// Writes something, then does what it is told.
#[derive(Clone, Copy)]
enum Broken {
    Fails,
    Panics,
    PanicsTwice,
    Logs,
    OpensSpan,
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic!("again");
        }
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half \"a\" text\\")?;
        match self {
            Self::Fails => Err(fmt::Error),
            Self::Panics => panic!("broken"),
            Self::PanicsTwice => panic_any(Bomb),
            Self::Logs => {
                tracing::info!(nested = true, "inside");
                f.write_str(" done")
            }
            Self::OpensSpan => {
                let span = tracing::info_span!("nested", inside = ?Self::Fails);
                span.in_scope(|| tracing::info!("in a span"));
                f.write_str(" done")
            }
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Error for Broken {}

fn read(lines: Vec<String>) -> Vec<Value> {
    lines.iter().for_each(|line| assert_ecs(line));
    lines.iter().map(|line| strict(line)).collect()
}

const MARKER: &str = "<formatting failed>";

#[test]
fn a_value_that_fails_or_panics_leaves_a_marker_and_whole_lines() {
    for broken in [Broken::Fails, Broken::Panics, Broken::PanicsTwice] {
        let captured = capture_with(tf_logs::builder("test").panics(Panics::Off));
        let span =
            tracing::info_span!("s", of_span = ?broken, x.y = %broken, late = Empty, fine = 1);
        let _entered = span.enter();
        span.record("late", tracing::field::debug(broken));
        tracing::info!(before = 1, broken = ?broken, http.method = %broken, after = 2, "text");
        tracing::info!("message {broken}");
        tracing::info!("next");
        let lines = read(captured.lines());
        assert_eq!(lines.len(), 3);
        for line in &lines {
            assert_eq!(
                (&line["of_span"], &line["x"]["y"], &line["late"]),
                (&json!(MARKER), &json!(MARKER), &json!(MARKER))
            );
            assert_eq!(line["fine"], 1);
        }
        assert_eq!(
            (&lines[0]["before"], &lines[0]["broken"], &lines[0]["after"]),
            (&json!(1), &json!(MARKER), &json!(2))
        );
        assert_eq!(
            (&lines[0]["http"]["method"], &lines[0]["message"]),
            (&json!(MARKER), &json!("text"))
        );
        assert_eq!(
            (&lines[1]["message"], &lines[2]["message"]),
            (&json!(MARKER), &json!("next"))
        );
    }
}

#[test]
fn an_error_that_cannot_tell_itself_leaves_markers() {
    for broken in [Broken::Fails, Broken::Panics, Broken::PanicsTwice] {
        let captured = capture();
        tracing::error!(error = tf_logs::error(&broken), after = 1, "failed");
        let lines = read(captured.lines());
        assert_eq!(lines[0]["error"]["message"], MARKER);
        assert_eq!(lines[0]["after"], 1);
    }
}

/// What is logged for the whole process: only there does tracing let a value log while it is written.
fn globally(name: &str, inside: fn()) -> Option<Vec<Value>> {
    let lines = crate::in_own_process(name, &[], || {
        tf_logs::builder("test")
            .instance("i")
            .filter("info")
            .stream(Stream::Stderr)
            .panics(Panics::Off)
            .init()
            .expect("it is the first");
        inside();
    })?;
    Some(read(
        lines
            .into_iter()
            .filter(|line| line.starts_with('{'))
            .collect(),
    ))
}

#[test]
fn a_value_that_logs_makes_two_whole_lines() {
    let Some(lines) = globally("failures::a_value_that_logs_makes_two_whole_lines", || {
        tracing::info!(value = ?Broken::Logs, more = 1, "outside");
        tracing::info!(value = ?Broken::OpensSpan, more = 1, "outside");
    }) else {
        return;
    };
    let messages: Vec<&Value> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(messages, ["inside", "outside", "in a span", "outside"]);
    assert_eq!(
        (&lines[0]["nested"], &lines[2]["inside"]),
        (&json!(true), &json!(MARKER))
    );
    for line in [&lines[1], &lines[3]] {
        assert_eq!(
            (&line["value"], &line["more"]),
            (&json!("half \"a\" text\\ done"), &json!(1))
        );
    }
}

/// Logs itself without end.
#[derive(Debug)]
struct Depth(u32);

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 0 {
            tracing::info!(depth = %Depth(self.0 - 1), "deep");
        }
        write!(f, "{}", self.0)
    }
}

#[test]
fn values_that_log_values_that_log_are_all_written() {
    let name = "failures::values_that_log_values_that_log_are_all_written";
    let Some(lines) = globally(name, || tracing::info!(depth = %Depth(50), "deep")) else {
        return;
    };
    let depths: Vec<&str> = lines
        .iter()
        .map(|line| line["depth"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (0..=50).map(|depth| depth.to_string()).collect();
    assert_eq!(depths, expected);
}

#[test]
fn recording_a_value_that_logs_inside_the_same_span_does_not_block() {
    let Some(lines) = globally(
        "failures::recording_a_value_that_logs_inside_the_same_span_does_not_block",
        || {
            let span = tracing::info_span!("s", value = Empty);
            let _entered = span.enter();
            span.record("value", tracing::field::debug(Broken::Logs));
            tracing::info!("after");
        },
    ) else {
        return;
    };
    assert_eq!(
        (&lines[0]["message"], &lines[1]["message"]),
        (&json!("inside"), &json!("after"))
    );
    assert_eq!(lines[1]["value"], "half \"a\" text\\ done");
}

thread_local! {
    static LAST: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

/// Logs when the thread destroys what is local to it.
struct AtEnd;

impl Drop for AtEnd {
    fn drop(&mut self) {
        let span = tracing::info_span!("ending", of = "span");
        let _entered = span.enter();
        tracing::info!(value = ?Broken::Panics, "from a destructor");
        tracing::info!(value = ?Broken::Logs, "another");
    }
}

#[test]
fn logging_from_the_destructor_of_a_thread_local_is_safe() {
    let name = "failures::logging_from_the_destructor_of_a_thread_local_is_safe";
    let Some(lines) = globally(name, || {
        // What is used first is destroyed last, or the other way round; both orders are tried.
        for logs_first in [true, false] {
            let in_thread = move || {
                if logs_first {
                    tracing::info!("first");
                }
                LAST.with(|last| *last.borrow_mut() = Some(AtEnd));
                tracing::info!("before");
            };
            thread::Builder::new()
                .name("ending".into())
                .spawn(in_thread)
                .unwrap()
                .join()
                .unwrap();
        }
    }) else {
        return;
    };
    let last: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "from a destructor")
        .collect();
    assert_eq!(last.len(), 2, "{lines:#?}");
    for line in last {
        assert_eq!(line["value"], MARKER);
        assert!(line["process"]["pid"].is_u64());
    }
    assert_eq!(
        lines
            .iter()
            .filter(|line| line["message"] == "another")
            .count(),
        2
    );
}

/// Logs while its thread panics.
struct OnUnwind;

impl Drop for OnUnwind {
    fn drop(&mut self) {
        tracing::info!(panicking = thread::panicking(), value = ?Broken::Fails, "unwinding");
    }
}

#[test]
fn logging_during_a_panic_is_safe() {
    let captured = capture();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _guard = OnUnwind;
        panic!("of the program");
    }));
    assert!(unwound.is_err());
    let lines = read(captured.lines());
    assert_eq!(
        (&lines[0]["panicking"], &lines[0]["value"]),
        (&json!(true), &json!(MARKER))
    );
}

#[test]
fn a_hook_for_ids_that_panics_gives_none() {
    let captured = capture_with(tf_logs::builder("test").trace_ids(|_| panic!("hook")));
    let span = tracing::info_span!("s", of = "span");
    let _entered = span.enter();
    tracing::info!("hello");
    let lines = read(captured.lines());
    assert_eq!(
        (&lines[0]["of"], lines[0].get("trace")),
        (&json!("span"), None)
    );
}

/// Fails as often as it is told, then keeps what it gets.
#[derive(Clone, Default)]
struct Flaky {
    failures: Arc<AtomicU32>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Write for Flaky {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.fetch_sub(1, Ordering::Relaxed);
            return Err(io::Error::other("not now"));
        }
        self.bytes.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn lost_events_are_told_by_an_event_before_the_next_line() {
    let writer = Flaky::default();
    writer.failures.store(3, Ordering::Relaxed);
    let builder = tf_logs::builder("test").instance("i");
    let (_, layer) = builder.with_writer(writer.clone()).layer().unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let span = tracing::info_span!("s", of = "span");
        let _entered = span.enter();
        (0..3).for_each(|index| tracing::info!(index, "lost"));
        tracing::info!("back");
    });
    let text = String::from_utf8(writer.bytes.lock().unwrap().clone()).unwrap();
    let lines = read(text.lines().map(str::to_owned).collect());
    assert_eq!((lines.len(), &lines[1]["message"]), (2, &json!("back")));
    let notice = &lines[0];
    assert_eq!(
        (&notice["log.level"], &notice["event"]["action"]),
        (&json!("WARN"), &json!("logs.dropped"))
    );
    assert_eq!(notice["logs"]["dropped"], 3);
    assert!(
        notice["logs"]["dropped_since"].as_str().unwrap() <= notice["@timestamp"].as_str().unwrap()
    );
}
