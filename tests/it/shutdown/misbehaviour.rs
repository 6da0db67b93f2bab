//! Each way to misbehave, its code, its time and its last line.

use std::fs;
use std::time::Duration;

use harness::root;
use rustix::process::{Signal, getpid};
use serde_json::Value;

use super::live::{Live, shutdown};

const SECOND: Duration = Duration::from_secs(1);
/// Between the deadline and the end that a test sees, on a busy machine.
const SLACK: Duration = Duration::from_millis(900);

/// Where the example says this, as a place in code.
fn place(text: &str) -> String {
    let path = "examples/src/bin/shutdown.rs";
    let source = fs::read_to_string(root().join(path)).expect("it is there");
    let line = source
        .lines()
        .position(|line| line.contains(text))
        .expect("it says this");
    format!("{path}:{}", line + 1)
}

#[test]
fn a_good_service_ends_with_0_and_tells_who_asked_and_what_each_stage_took() {
    let mut live = Live::start(shutdown("20s", &[]));
    live.wait_until_ready();
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.took < 2 * SECOND, "{ended:#?}");
    assert!(ended.closed_the_pool());

    let stopped = ended.stopped();
    assert_eq!(stopped["exit_code"], 0);
    let reason = stopped["reason"].to_string();
    assert!(reason.contains("SIGTERM"), "{stopped}");
    assert_eq!(
        stopped["sender_pid"],
        getpid().as_raw_nonzero().get(),
        "{stopped}"
    );
    assert!(stopped["sender_uid"].is_u64(), "{stopped}");
    for stage in ["intake", "draining", "closing", "flushing"] {
        let took = &stopped[format!("{stage}_ms")];
        assert!(took.is_u64(), "{stage}: {stopped}");
    }
    assert_eq!(
        ended
            .actions()
            .iter()
            .filter(|action| *action == "lifecycle.stopped")
            .count(),
        1
    );
}

#[test]
fn a_stuck_task_is_named_with_age_and_place_and_hooks_still_run() {
    let mut live = Live::start(shutdown("2s", &["--stuck"]));
    live.wait_until_ready();
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(
        ended.took > SECOND && ended.took < 2 * SECOND + SLACK,
        "{ended:#?}"
    );
    assert!(ended.closed_the_pool());
    assert_eq!(ended.stopped()["exit_code"], 124);

    let report = ended.stderr.join("\n");
    assert!(report.contains("stuck job"), "{report}");
    assert!(report.contains(&place("\"stuck job\"")), "{report}");
    let straggler = ended
        .stdout
        .iter()
        .find(|line| line.contains("lifecycle.straggler"));
    let straggler: Value = serde_json::from_str(straggler.expect("an event")).unwrap();
    assert_eq!(straggler["lifecycle"]["task"], "stuck job");
    assert!(straggler["lifecycle"]["age_ms"].as_u64().unwrap() >= 1000);
}

#[test]
fn a_service_with_every_worker_blocked_ends_at_the_deadline() {
    let mut live = Live::start(shutdown("2s", &["--wedge"]));
    live.wait_until_ready();
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    let deadline = 2 * SECOND + SECOND / 2;
    assert!(
        ended.took >= deadline && ended.took < deadline + SLACK,
        "{:?}",
        ended.took
    );

    let stopped = ended.last_words();
    assert_eq!(stopped["exit_code"], 124);
    let late = stopped["stragglers"].as_array().unwrap();
    let wedge = late
        .iter()
        .find(|late| late["task"] == "wedge")
        .expect("it is named");
    assert!(wedge["age_ms"].as_u64().unwrap() >= 2000, "{wedge}");
    let named = wedge["spawned_at"].as_str().unwrap();
    assert!(named.starts_with(&place("\"wedge\"")), "{named}");
}

#[test]
fn a_failed_essential_task_ends_the_service_with_1() {
    let ended = Live::start(shutdown("20s", &["--fail"])).end();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.closed_the_pool());
    let reason = ended.stopped()["reason"].to_string();
    for part in ["consumer", "the broker is gone"] {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn a_panicked_essential_task_ends_the_service_with_101() {
    let ended = Live::start(shutdown("20s", &["--panic"])).end();
    assert_eq!(ended.code, Some(101), "{ended:#?}");
    assert!(ended.closed_the_pool());
    let reason = ended.stopped()["reason"].to_string();
    assert!(reason.contains("consumer"), "{reason}");
}

#[test]
fn a_signal_before_ready_interrupts_the_setup() {
    let mut live = Live::start(shutdown("20s", &["--slow-start", "3600"]));
    live.wait_for("lifecycle.starting");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.took < 2 * SECOND, "{ended:#?}");
    let actions = ended.actions();
    assert!(
        !actions.iter().any(|action| action == "lifecycle.ready"),
        "{actions:?}"
    );
    assert_eq!(
        actions.last().map(String::as_str),
        Some("lifecycle.stopped")
    );
}

#[test]
fn a_setup_that_fails_ends_with_1_and_its_error() {
    let ended = Live::start(shutdown("20s", &["--slow-start", "soon"])).end();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(
        ended.stopped()["reason"]
            .to_string()
            .contains("invalid digit")
    );
}

#[test]
fn nonsense_in_the_variables_is_listed_before_anything_starts() {
    let mut command = shutdown("30", &[]);
    command.env("SHUTDOWN_PRE_STOP", "s3cr3t");
    let ended = Live::start(command).end();
    assert_eq!(ended.code, Some(78), "{ended:#?}");
    assert!(ended.stdout.is_empty(), "{ended:#?}");
    let report = ended.stderr.join("\n");
    for part in [
        "SHUTDOWN_TIMEOUT",
        "the unit is missing",
        "SHUTDOWN_PRE_STOP",
    ] {
        assert!(report.contains(part), "{part} in {report}");
    }
    assert!(!report.contains("s3cr3t"));
}
