//! SIGTERM, and what came of it: judged by the end of the process, not by what it says.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::bench::Bench;
use crate::outcome::{Outcome, Stop};
use crate::subject::{Ended, Subject};
use crate::waiting::{took, until};

pub(super) enum Stopped {
    /// Before the signal: what is left of it is a daemon.
    Before {
        ended: Ended,
        left: Vec<u32>,
    },
    Ended {
        ended: Ended,
        after: Duration,
        /// What it started and did not end.
        left: Vec<u32>,
    },
    Runs(Duration),
}

pub(super) fn stop(bench: &Bench, subject: &mut Subject) -> Result<Stopped, Stop> {
    if let Some(ended) = subject.ended() {
        let left = subject.family.members();
        return Ok(Stopped::Before { ended, left });
    }
    let sent = Instant::now();
    subject.signal(Signal::TERM);
    let ended = subject.wait(bench.options.timeout);
    bench.interrupted()?;
    let after = sent.elapsed();
    let Some(ended) = ended else {
        return Ok(Stopped::Runs(after));
    };
    // Children that are ending need a moment.
    let gone = || subject.family.members().is_empty().then_some(());
    let _ = until(&bench.options.interrupt, Duration::from_secs(1), gone);
    let left = subject.family.members();
    Ok(Stopped::Ended { ended, after, left })
}

/// A clean end is 0, or the end that the signal itself makes.
pub(super) fn verdict(stopped: Stopped) -> Outcome {
    const BY_SIGTERM: i32 = 15;
    let (ended, after, left) = match stopped {
        Stopped::Runs(after) => {
            return Outcome::fail(format!("runs on {} after SIGTERM", took(after)));
        }
        Stopped::Before { ended, left } => {
            let text = format!("{ended}, before any signal, and left {}", shown(&left));
            return Outcome::fail(text);
        }
        Stopped::Ended { ended, after, left } => (ended, after, left),
    };
    let text = format!("ended {} {} after SIGTERM", ended.how(), took(after));
    let by_signal =
        ended.signal() == Some(BY_SIGTERM) || ended.status.code() == Some(128 + BY_SIGTERM);
    match (left.is_empty(), ended.succeeded() || by_signal) {
        (false, _) => Outcome::fail(format!("{text}, and left {}", shown(&left))),
        (true, true) => Outcome::pass(text),
        (true, false) => Outcome::fail(text + ": neither 0 nor by that signal"),
    }
}

fn shown(left: &[u32]) -> String {
    match left {
        [] => "nothing behind".to_owned(),
        [pid] => format!("1 process behind, pid {pid}"),
        [pid, ..] => format!("{} processes behind, pid {pid} first", left.len()),
    }
}
