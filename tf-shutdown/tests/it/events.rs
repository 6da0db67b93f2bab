//! The events that the lifecycle logs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Once};

use tf_shutdown::Stage;
use tokio::time::sleep;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::support::{life, secs, settle, sigterm};

type Line = BTreeMap<String, String>;

/// Keeps the fields of every event of this crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(Level, Line)>>>);

thread_local! {
    static LOG: RefCell<Log> = RefCell::default();
}

impl Log {
    /// Starts the log of this thread, on which the whole test runs.
    ///
    /// One subscriber for all threads: whether a callsite is of interest is remembered for the process.
    fn start() -> Self {
        static ROUTER: Once = Once::new();
        ROUTER.call_once(|| tracing::subscriber::set_global_default(Router).expect("the only one"));
        LOG.take();
        LOG.with_borrow(Self::clone)
    }

    fn lines(&self) -> MutexGuard<'_, Vec<(Level, Line)>> {
        self.0.lock().expect("nobody panics with the log")
    }

    fn actions(&self) -> Vec<String> {
        let lines = self.lines();
        let action = |(_, line): &(Level, Line)| line["event.action"].clone();
        lines.iter().map(action).collect()
    }

    fn find(&self, action: &str) -> Vec<(Level, Line)> {
        let lines = self.lines().clone();
        let found = lines
            .into_iter()
            .filter(|(_, line)| line["event.action"] == action);
        found.collect()
    }
}

struct Fields<'a>(&'a mut Line);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

/// Leads each event to the log of its thread.
struct Router;

impl Subscriber for Router {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tf_shutdown")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::new();
        event.record(&mut Fields(&mut line));
        let level = *event.metadata().level();
        LOG.with_borrow(|log| log.lines().push((level, line)));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_told_step_by_step_and_stopped_is_last_and_once() {
    let log = Log::start();
    let life = life();
    let child = life.child("tenant");
    life.ready();
    life.ready();
    life.hook(Stage::Resources, "pool", async || {});
    child.spawn("work", async { sleep(secs(1)).await });
    life.stop(sigterm());
    let _ = life.shutdown().await;
    life.stop("once more");
    life.hook(Stage::Telemetry, "too late", async || {});
    drop(life.spawn("too late", async {}));
    settle().await;

    let actions = log.actions();
    assert_eq!(actions.first().unwrap(), "lifecycle.ready");
    assert_eq!(log.find("lifecycle.ready").len(), 1);
    assert_eq!(log.find("lifecycle.stopped").len(), 1);
    assert_eq!(actions.last().unwrap(), "lifecycle.stopped");
    assert_eq!(log.find("lifecycle.child_stopped").len(), 1);
    let (_, requested) = &log.find("lifecycle.stop_requested")[0];
    assert_eq!(requested["lifecycle.signal"], "SIGTERM");
    assert_eq!(requested["lifecycle.total_ms"], "10000");
    let (_, stopped) = &log.find("lifecycle.stopped")[0];
    assert_eq!(stopped["lifecycle.exit_code"], "0");
    assert_eq!(stopped["lifecycle.draining_ms"], "1000");
    assert!(!stopped.contains_key("lifecycle.lame_duck_ms"));
    let (level, hook) = &log.find("lifecycle.hook")[0];
    assert_eq!((*level, &*hook["lifecycle.outcome"]), (Level::INFO, "done"));
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_told_every_five_seconds_and_the_laggards_at_its_end() {
    let log = Log::start();
    let options = tf_shutdown::Options::for_tests()
        .total(secs(25))
        .reserve(secs(5));
    let life = tf_shutdown::Lifecycle::new(options.budget());
    let _guards = [1, 2].map(|_| life.group("http").guard().unwrap());
    life.spawn("stuck", std::future::pending::<()>());
    let _ = life.shutdown().await;

    let draining = log.find("lifecycle.draining");
    let told: Vec<_> = draining
        .iter()
        .map(|(level, line)| (*level, &*line["lifecycle.left_ms"]))
        .collect();
    assert_eq!(
        told,
        [
            (Level::INFO, "15000"),
            (Level::INFO, "10000"),
            (Level::WARN, "5000")
        ]
    );
    assert_eq!(draining[0].1["lifecycle.groups"], "tasks=1 http=2");
    let stragglers = log.find("lifecycle.straggler");
    assert_eq!(stragglers.len(), 2);
    assert_eq!(stragglers[0].1["lifecycle.task"], "stuck");
    assert_eq!(stragglers[1].1["lifecycle.count"], "2");
    assert_eq!(log.find("lifecycle.aborting").len(), 1);
    assert_eq!(log.find("lifecycle.stopped")[0].1["lifecycle.dropped"], "3");
}

#[tokio::test(start_paused = true)]
async fn failures_are_errors_with_their_texts() {
    let log = Log::start();
    let life = life();
    life.spawn("fails", async { Err::<(), _>("no route") });
    life.group("http").spawn(async { assert_eq!(1, 2) });
    life.hook(Stage::Telemetry, "traces", async || Err::<(), _>("refused"));
    settle().await;
    let _ = life.shutdown().await;
    for (action, text) in [
        ("lifecycle.task_failed", "no route"),
        ("lifecycle.task_panicked", "left: 1"),
        ("lifecycle.hook", "refused"),
    ] {
        let (level, line) = &log.find(action)[0];
        assert_eq!(*level, Level::ERROR);
        assert!(line["lifecycle.error"].contains(text), "{line:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn field_names_are_dotted_and_of_one_family() {
    let log = Log::start();
    let life = life();
    life.ready();
    life.status("warming the cache");
    life.spawn("stuck", std::future::pending::<()>());
    life.stop(sigterm());
    let _ = life.shutdown().await;
    for (_, line) in log.lines().iter() {
        for name in line.keys() {
            let known = ["event.action", "message"].contains(&&**name);
            assert!(known || name.starts_with("lifecycle."), "{name}");
        }
        for (name, value) in line.iter().filter(|(name, _)| name.ends_with("_ms")) {
            value
                .parse::<u64>()
                .unwrap_or_else(|_| panic!("{name}={value}"));
        }
    }
    assert_eq!(
        log.find("lifecycle.status")[0].1["lifecycle.status"],
        "warming the cache"
    );
}
