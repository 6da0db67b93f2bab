//! Progress: a bar for people, events for machines.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tf_admin::{Env, Io, Registry, Task};
use tokio::time::sleep;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_default;
use tracing::{Event, Metadata, Subscriber};

use crate::support::{env, registry};

/// Keeps the fields of every event, a line each.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Subscriber for Seen {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut line = Line(format!("{} ", event.metadata().target()));
        event.record(&mut line);
        self.0.lock().expect("no holder panicked").push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Seen {
    fn with(&self, word: &str) -> Vec<String> {
        let lines = self.0.lock().expect("no holder panicked");
        lines
            .iter()
            .filter(|line| line.contains(word))
            .cloned()
            .collect()
    }
}

fn tasks() -> Registry {
    registry([Task::new("count", "Count").run(|cx, _| async move {
        cx.total(100);
        for _ in 0..100 {
            cx.progress(1);
            sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    })])
}

#[tokio::test(start_paused = true)]
async fn off_a_terminal_there_is_an_event_every_ten_seconds_and_a_last_one() {
    let seen = Seen::default();
    let _guard = set_default(seen.clone());
    let report = tasks().run(["count"], env(&[]), Io::captured()).await;
    assert_eq!(report.code(), 0);
    assert_eq!(report.stderr(), "");
    let events = seen.with("admin.progress");
    assert_eq!(events.len(), 11, "{events:#?}");
    let last = &events[10];
    assert!(
        last.contains("admin.done=100") && last.contains("admin.total=100"),
        "{last}"
    );
}

#[tokio::test(start_paused = true)]
async fn on_a_terminal_there_is_a_bar_without_colours() {
    let seen = Seen::default();
    let _guard = set_default(seen.clone());
    let io = Io::captured().terminal(true);
    let report = tasks().run(["count"], env(&[("COLUMNS", "60")]), io).await;
    assert!(report.stderr().contains("/100"), "{}", report.stderr());
    assert!(
        !report.stderr().contains("\u{1b}[3"),
        "{:?}",
        report.stderr()
    );
    assert!(seen.with("admin.progress").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_dumb_terminal_gets_no_escape_codes() {
    let io = Io::captured().terminal(true);
    let report = tasks().run(["count"], env(&[("TERM", "dumb")]), io).await;
    assert_eq!(report.stderr(), "");
}

#[tokio::test]
async fn messages_and_the_bar_share_the_terminal() {
    let registry = registry([Task::new("talk", "Talk").run(|cx, _| async move {
        for step in 0..20 {
            cx.progress(1);
            cx.note(format!("step {step}"));
        }
        Ok(())
    })]);
    let report = registry
        .run(["talk"], Env::default(), Io::captured().terminal(true))
        .await;
    for step in 0..20 {
        assert!(
            report.stderr().contains(&format!("step {step}\n")),
            "{:?}",
            report.stderr()
        );
    }
}

#[tokio::test]
async fn the_audit_is_a_pair_of_events_for_whoever_listens() {
    let seen = Seen::default();
    let _guard = set_default(seen.clone());
    let registry = registry([
        Task::new("bad", "Fail").run(|_, _| async { Err::<(), _>("row 7 is odd".into()) })
    ]);
    registry
        .run(["bad", "--reason", "why"], env(&[]), Io::captured())
        .await;
    let events = seen.with("event.action");
    assert_eq!(events.len(), 2, "{events:#?}");
    assert!(events[0].contains("\"admin.started\"") && events[0].contains("\"why\""));
    assert!(events[1].contains("\"admin.finished\"") && events[1].contains("row 7 is odd"));
    assert!(
        events.iter().all(|event| event.starts_with("tf_admin")),
        "{events:#?}"
    );
}
