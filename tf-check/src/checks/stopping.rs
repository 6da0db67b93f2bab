//! SIGTERM, and what came of it: judged by the end of the process, not by what it says.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::bench::{Bench, Outcome, Stop};
use crate::subject::{Ended, Subject};
use crate::waiting::{took, until};

pub(super) enum Stopped {
    Ended {
        ended: Ended,
        after: Duration,
        /// What it started and did not end.
        left: Vec<u32>,
    },
    Runs(Duration),
}

pub(super) fn stop(bench: &Bench, subject: &mut Subject) -> Result<Stopped, Stop> {
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
    match stopped {
        Stopped::Runs(after) => Outcome::fail(format!("runs on {} after SIGTERM", took(after))),
        Stopped::Ended { ended, after, left } => {
            let text = format!("ended {} {} after SIGTERM", ended.how(), took(after));
            let by_signal =
                ended.signal() == Some(BY_SIGTERM) || ended.status.code() == Some(128 + BY_SIGTERM);
            if let Some(pid) = left.first() {
                let many = super::count(left.len(), "process");
                let many = many.replace("processs", "processes");
                return Outcome::fail(format!("{text}, and left {many} behind, pid {pid} first"));
            }
            match ended.succeeded() || by_signal {
                true => Outcome::pass(text),
                false => Outcome::fail(text + ": neither 0 nor by that signal"),
            }
        }
    }
}
