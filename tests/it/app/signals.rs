//! A signal in each phase of the life of a process.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::live::{action, event, free_port, start, wait_for};

const GOOD: [(&str, &str); 3] = [("GREETING", "hi"), ("PORT", "0"), ("RELEASE_ID", "v42")];

#[test]
fn a_service_that_is_told_to_stop_ends_with_0_and_its_report() {
    for (words, signal) in [
        (&[][..], Signal::TERM),
        (&["worker", "tick"], Signal::INT),
        (&["all"], Signal::HUP),
    ] {
        let mut app = start(words, &GOOD);
        wait_for(&mut app.stdout, "lifecycle.ready");
        app.signal(signal);
        let rest: Vec<_> = app
            .stdout
            .by_ref()
            .filter_map(|line| event(&line))
            .collect();
        assert_eq!(app.wait().code(), Some(0), "{words:?}");
        let last = rest.last().expect("a report");
        assert_eq!(action(last), "lifecycle.stopped", "{last}");
        assert!(
            rest.iter()
                .all(|event| event["service"]["version"] == "v42")
        );
    }
}

#[test]
fn a_stop_during_the_wait_for_backing_services_is_honoured_at_once() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let vars: Vec<_> = GOOD
        .into_iter()
        .chain([("DATABASE_URL", &*url), ("BACKING_WAIT", "1h")])
        .collect();
    for (words, code) in [(&["web"][..], 0), (&["worker", "tick"], 0)] {
        let mut app = start(words, &vars);
        wait_for(&mut app.stdout, "backing.changed");
        let told = Instant::now();
        app.signal(Signal::TERM);
        wait_for(&mut app.stdout, "lifecycle.stopped");
        assert_eq!(app.wait().code(), Some(code), "{words:?}");
        assert!(told.elapsed() < Duration::from_secs(5));
    }
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut app = start(&["admin", "hello"], &vars);
        wait_for(&mut app.stderr, "backing.changed");
        app.signal(signal);
        wait_for(&mut app.stderr, "admin.refused");
        assert_eq!(app.wait().code(), Some(code), "{signal:?}");
    }
}

#[test]
fn a_second_termination_changes_nothing() {
    let mut app = start(&["web"], &GOOD);
    wait_for(&mut app.stdout, "lifecycle.ready");
    app.signal(Signal::TERM);
    wait_for(&mut app.stdout, "lifecycle.stop_requested");
    app.signal(Signal::TERM);
    wait_for(&mut app.stdout, "lifecycle.stopped");
    assert_eq!(app.wait().code(), Some(0));
}
