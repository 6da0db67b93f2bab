//! Signals as they come in the field: repeated, early, late, ignored by inheritance.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use harness::{example, packaged};
use rustix::process::Signal;

use super::live::{Ended, Live, bare, shutdown, wrapped};

const SECOND: Duration = Duration::from_secs(1);
/// An interrupt this long after the first request is another press of the keys.
const PRESS: Duration = Duration::from_millis(500);

fn ready(timeout: &str, arguments: &[&str]) -> Live {
    let mut live = Live::start(shutdown(timeout, arguments));
    live.wait_until_ready();
    live
}

fn reason(ended: &Ended) -> String {
    ended.stopped()["reason"].to_string()
}

#[test]
fn an_interrupt_stops_as_a_termination_does() {
    let mut live = ready("20s", &[]);
    live.signal(Signal::INT);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(reason(&ended).contains("SIGINT"));
}

#[test]
fn a_hangup_stops_gracefully() {
    let mut live = ready("20s", &[]);
    live.signal(Signal::HUP);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.closed_the_pool());
}

#[test]
fn quit_is_left_to_the_system() {
    // Nobody wants the core file.
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c 0; exec \"$0\""]);
    let command = wrapped("20s", shell, &[]);
    let mut live = Live::start(command);
    live.wait_until_ready();
    live.signal(Signal::QUIT);
    assert_eq!(live.end().signal, Some(Signal::QUIT.as_raw()));
}

#[test]
fn a_storm_of_terminations_forces_nothing() {
    let mut live = ready("2s", &["--stuck"]);
    live.signal(Signal::TERM);
    live.wait_for("lifecycle.stop_requested");
    live.pass(PRESS + PRESS / 5);
    for _ in 0..200 {
        live.signal(Signal::TERM);
    }
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(ended.closed_the_pool());
    let told = ended
        .actions()
        .iter()
        .filter(|action| *action == "lifecycle.signal_repeated")
        .count();
    assert!((1..=4).contains(&told), "{told}");
}

#[test]
fn a_storm_of_all_signals_on_an_idle_service_ends_with_0() {
    let mut live = ready("20s", &[]);
    for signal in [
        Signal::TERM,
        Signal::HUP,
        Signal::INT,
        Signal::TERM,
        Signal::INT,
        Signal::INT,
    ] {
        live.signal(signal);
    }
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn a_second_interrupt_at_once_is_the_same_press() {
    let mut live = ready("2s", &["--stuck"]);
    live.signal(Signal::INT);
    live.wait_for("lifecycle.stop_requested");
    live.signal(Signal::INT);
    let ended = live.end();
    assert_eq!(ended.code, Some(124), "{ended:#?}");
    assert!(ended.closed_the_pool());
}

#[test]
fn a_second_interrupt_later_forces_the_end_and_names_who_was_there() {
    let mut live = ready("60s", &["--stuck"]);
    live.signal(Signal::INT);
    live.wait_for("lifecycle.stop_requested");
    live.pass(PRESS + PRESS / 5);
    live.signal(Signal::INT);
    let ended = live.end();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert!(ended.took < SECOND, "{ended:#?}");
    let last = ended.last_words();
    assert_eq!(last["exit_code"], 130);
    let late = last["stragglers"].as_array().unwrap();
    assert!(
        late.iter().any(|late| late["task"] == "stuck job"),
        "{last}"
    );
}

#[test]
fn a_wedged_service_is_forced_by_a_second_interrupt() {
    let mut live = ready("60s", &["--wedge"]);
    live.signal(Signal::INT);
    live.pass(PRESS + PRESS / 5);
    live.signal(Signal::INT);
    let ended = live.end();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert_eq!(ended.last_words()["exit_code"], 130);
}

/// The example on a terminal of its own, with a pre-stop of one second.
fn at_a_terminal() -> Live {
    let mut terminal = Command::new(packaged("script", "bsdutils"));
    let command = format!("exec {}", example("shutdown").display());
    terminal.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
    bare(&mut terminal, "20s");
    terminal
        .env("SHUTDOWN_PRE_STOP", "1s")
        .env("LOG_FORMAT", "json");
    Live::start(terminal)
}

#[test]
fn who_interrupts_at_a_terminal_waits_for_no_balancer() {
    for (signal, pre_stop) in [(Signal::INT, None), (Signal::TERM, Some(1000))] {
        let mut live = at_a_terminal();
        let service = live.wait_until_ready();
        live.signal_process(service, signal);
        let stopped = live.wait_for("lifecycle.stopped");
        let took = stopped["lifecycle"]["lame_duck_ms"].as_u64();
        assert!(took >= pre_stop, "{signal:?}: {stopped}");
        assert_eq!(took.is_some(), pre_stop.is_some(), "{signal:?}: {stopped}");
        assert_eq!(live.end().code, Some(0));
    }
}

#[test]
fn an_interrupt_that_the_parent_ignored_stays_ignored() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT QUIT; exec \"$0\" \"$@\""]);
    let mut live = Live::start(wrapped("20s", shell, &[]));
    live.wait_until_ready();
    live.signal(Signal::INT);
    live.signal(Signal::QUIT);
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(reason(&ended).contains("SIGTERM"), "{ended:#?}");
    assert!(!ended.stderr.join("\n").contains("SIGINT"), "{ended:#?}");
}

#[test]
fn a_termination_that_the_parent_ignored_is_taken() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' TERM; exec \"$0\" \"$@\""]);
    let mut live = Live::start(wrapped("20s", shell, &[]));
    live.wait_until_ready();
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(reason(&ended).contains("SIGTERM"));
}

#[test]
fn a_hangup_stays_ignored_under_nohup() {
    let mut live = Live::start(wrapped("20s", Command::new("nohup"), &[]));
    live.wait_until_ready();
    live.signal(Signal::HUP);
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(reason(&ended).contains("SIGTERM"), "{ended:#?}");
}

#[test]
fn a_signal_to_the_whole_group_counts_once_for_each_process() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "\"$0\" \"$@\"; echo never >&2"])
        .process_group(0);
    let mut live = Live::start(wrapped("20s", shell, &[]));
    let service = live.wait_until_ready();
    let group = rustix::process::getpgid(Some(service)).unwrap();
    live.signal_group(group, Signal::TERM);
    let ended = live.end();
    // The shell dies by the signal; the service outlives it and ends well.
    assert_eq!(ended.signal, Some(Signal::TERM.as_raw()), "{ended:#?}");
    assert_eq!(ended.stopped()["exit_code"], 0);
}
