//! Outputs that nobody reads must not hold up the end.

use std::io::{Write, pipe};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;

use super::live::{Live, shutdown};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_closed_reader_of_both_outputs_changes_nothing() {
    let mut command = shutdown("20s", &[]);
    // Only the write end stays: standard error is closed from the start.
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    command.stdout(Stdio::piped()).stderr(writer);
    let mut live = Live::start_as_is(command);
    live.wait_until_ready();
    live.close_stdout();
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!((ended.code, ended.signal), (Some(0), None), "{ended:#?}");
    assert!(ended.took < 5 * SECOND, "{:?}", ended.took);
}

#[test]
fn a_wedged_service_with_closed_outputs_ends_at_the_deadline() {
    let mut command = shutdown("1s", &["--wedge"]);
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    command.stdout(Stdio::piped()).stderr(writer);
    let mut live = Live::start_as_is(command);
    live.wait_until_ready();
    live.close_stdout();
    live.signal(Signal::TERM);
    assert_eq!(live.end().code, Some(124));
}

#[test]
fn a_full_pipe_that_nobody_reads_does_not_delay_the_hard_deadline() {
    let mut command = shutdown("1s", &["--wedge"]);
    let (_reader, writer) = pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    rustix::io::ioctl_fionbio(&filler, true).unwrap();
    while filler.write(&[b' '; 4096]).is_ok() {}
    rustix::io::ioctl_fionbio(&filler, false).unwrap();
    drop(filler);
    command.stdout(Stdio::piped()).stderr(writer);
    let mut live = Live::start_as_is(command);
    live.wait_until_ready();
    live.signal(Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(124));
    assert!(ended.took < 3 * SECOND, "{:?}", ended.took);
}
