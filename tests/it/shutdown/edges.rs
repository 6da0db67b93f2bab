//! What goes wrong before the service runs, after it, and in what it cannot see.

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::live::{Live, bare};

const SECOND: Duration = Duration::from_secs(1);
/// Between the deadline and the end that a test sees, on a busy machine.
const SLACK: Duration = Duration::from_millis(900);

fn start(timeout: &str, way: &str) -> Live {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stop_badly"));
    command.arg(way);
    bare(&mut command, timeout);
    Live::start(command)
}

fn ready(timeout: &str, way: &str) -> Live {
    let mut live = start(timeout, way);
    live.wait_until_ready();
    live
}

#[test]
fn the_handlers_are_there_within_two_milliseconds() {
    let took = |_| {
        let mut live = start("1s", "installs-slowly");
        let installed = live.wait_for("installed");
        assert_eq!(live.end().code, Some(0));
        installed["took_us"].as_u64().expect("a number")
    };
    // The best of some: others use the processor too.
    let best = (0..20).map(took).min().expect("some runs");
    assert!(best < 2000, "{best} microseconds");
}

#[test]
fn a_hook_that_blocks_its_thread_stops_neither_the_clock_nor_the_others() {
    let mut live = ready("2s", "hook-blocks");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(ended.took < 2 * SECOND + SECOND / 2 + SLACK, "{ended:#?}");
    assert!(ended.closed_the_pool(), "{ended:#?}");
    assert_eq!(ended.stopped()["exit_code"], 124);
}

#[test]
fn a_drop_that_hangs_after_the_end_is_ended_at_the_deadline() {
    let mut live = ready("1s", "drop-hangs");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(ended.took < SECOND + SECOND / 2 + SLACK, "{ended:#?}");
    assert_eq!(ended.stopped()["exit_code"], 0);
    assert_eq!(ended.last_words()["exit_code"], 124);
}

#[test]
fn a_blocking_job_that_tokio_waits_for_is_ended_at_the_deadline() {
    let mut live = ready("1s", "runtime-of-others");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(ended.took < SECOND + SECOND / 2 + SLACK, "{ended:#?}");
}

#[test]
fn a_setup_that_blocks_its_thread_is_named_at_the_deadline() {
    let mut live = ready("1s", "setup-blocks");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    let late = &ended.last_words()["stragglers"][0];
    assert_eq!(late["task"], "setup", "{late}");
    assert!(
        late["spawned_at"]
            .as_str()
            .unwrap()
            .contains("stop_badly.rs"),
        "{late}"
    );
}

#[test]
fn a_setup_that_is_the_service_is_waited_for() {
    let mut live = ready("20s", "setup-serves");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(
        ended
            .stdout
            .iter()
            .any(|line| line.contains("served to the end"))
    );
}

#[test]
fn a_program_that_never_comes_to_run_ends_at_the_deadline_of_its_variables() {
    let mut live = ready("1s", "never-run");
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(
        ended.took >= SECOND && ended.took < SECOND + SECOND / 2 + SLACK,
        "{ended:#?}"
    );
    assert_eq!(ended.last_words()["exit_code"], 124);
}

#[test]
fn a_program_that_never_comes_to_run_can_be_interrupted_twice() {
    let mut live = ready("60s", "never-run");
    live.signal(Signal::INT);
    live.pass(SECOND);
    live.signal(Signal::INT);
    assert_eq!(live.end().code, Some(130));
}

#[test]
fn dropped_signals_have_their_default_action() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut live = ready("60s", "signals-dropped");
        live.signal(signal);
        assert_eq!(live.end().signal, Some(signal.as_raw()));
    }
}
