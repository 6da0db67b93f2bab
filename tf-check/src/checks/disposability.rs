//! IX. The program starts fast, and can be ended at any moment.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::in_flight;
use super::stopping::{self, Stopped};
use crate::bench::{Baseline, Bench};
use crate::outcome::{Checked, Outcome, Stop};
use crate::subject::{Start, Subject};
use crate::waiting::took;

pub(super) const CHECKS: [super::Named; 7] = [
    ("start", start),
    ("SIGTERM", ends),
    ("in flight", in_flight::check),
    ("SIGTERM during start", during_start),
    ("kill -9", killed),
    ("process 1", process_one),
    ("process types end", types_end),
];

fn start(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let Baseline::Up { took: time, .. } = &bench.baseline else {
        return Err(Stop::DoesNotApply);
    };
    let limit = Duration::from_secs_f64(bench.profile.startup.unwrap_or(10.0));
    let text = format!(
        "listening after {}, with no other check beside it",
        took(*time)
    );
    if *time <= limit {
        return Ok(Outcome::pass(text));
    }
    Ok(Outcome::fail(format!(
        "{text}; at most {} is asked",
        took(limit)
    )))
}

/// Asks nothing of the program but to run: one that listens on nothing can be told to end, too.
fn ends(bench: &Bench) -> Checked {
    let place = bench.place()?;
    let mut subject = bench.launch(&place)?.start()?;
    if let Err(why) = bench.up(&mut subject)? {
        if subject.ended().is_some() {
            return Err(Stop::NotTested(why));
        }
    }
    Ok(stopping::verdict(stopping::stop(bench, &mut subject)?))
}

fn during_start(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let Baseline::Up { took: time, .. } = &bench.baseline else {
        return Err(Stop::DoesNotApply);
    };
    let mut moments = Vec::new();
    let mut longest = Duration::ZERO;
    // A fast program on a busy machine may be up before its first signal: more tries help.
    for third in [0, 1, 2, 0, 0, 0] {
        if moments.len() == 3 {
            break;
        }
        let place = bench.place()?;
        let mut subject = bench.launch(&place)?.start()?;
        bench.pause(*time * third / 3)?;
        // Held still, so that what is seen is what the signal meets.
        subject.signal(Signal::STOP);
        let moment = subject.begun.elapsed();
        if subject.listens_now().is_some() || subject.ended().is_some() {
            continue;
        }
        subject.signal(Signal::TERM);
        subject.signal(Signal::CONT);
        match stopping::stop(bench, &mut subject)? {
            Stopped::Runs(after) => {
                let what = match subject.up(Duration::ZERO) {
                    Start::Up(up) => format!("went on to listen on {}", up.socket.place),
                    _ => "runs on".to_owned(),
                };
                let text = format!(
                    "SIGTERM after {}, before it listened: {} later it {what}",
                    took(moment),
                    took(after)
                );
                return Ok(Outcome::fail(text));
            }
            Stopped::Ended { after, .. } => longest = longest.max(after),
            Stopped::Before { .. } => {}
        }
        moments.push(moment);
    }
    if moments.is_empty() {
        let why = "it always listened before the signal could be sent";
        return Err(Stop::NotTested(why.to_owned()));
    }
    moments.sort();
    let moments: Vec<String> = moments.into_iter().map(took).collect();
    let moments = moments.join(", ");
    Ok(Outcome::pass(format!(
        "SIGTERM after {moments}, before it listened: ended within {}",
        took(longest)
    )))
}

fn killed(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let launch = bench.launch(&place)?;
    let (mut subject, _) = bench.started(&launch)?;
    let pid = subject.family.root();
    subject.kill();
    let mut again = launch.start()?;
    Ok(match bench.up(&mut again)? {
        Ok(up) => Outcome::pass(format!(
            "pid {pid} killed while it listened; in the same folder, on the same port it listens again after {}",
            took(up.took)
        )),
        Err(why) => Outcome::fail(format!(
            "after pid {pid} was killed, in the same folder: {why}"
        )),
    })
}

fn process_one(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let Some(wrapper) = bench.namespaces.process_one() else {
        return Err(Stop::NotTested(bench.namespaces.why_not().to_owned()));
    };
    let place = bench.place()?;
    let launch = bench.launch(&place)?.wrapped(wrapper);
    let (mut subject, _) = bench.started(&launch)?;
    let sent = Instant::now();
    let Some(pid) = subject.signal_child(Signal::TERM) else {
        return Err(Stop::NotTested(
            "process 1 was not found from outside".to_owned(),
        ));
    };
    let ended = subject.wait(bench.options.timeout);
    bench.interrupted()?;
    let text = format!("pid {pid}, process 1 of a namespace,");
    Ok(match ended {
        Some(ended) => {
            let after = took(sent.elapsed());
            Outcome::pass(format!(
                "{text} ended {} {after} after SIGTERM",
                ended.how()
            ))
        }
        None => Outcome::fail(format!(
            "{text} runs on {} after SIGTERM: it has no handler, and nothing else ends a process 1",
            took(sent.elapsed())
        )),
    })
}

fn types_end(bench: &Bench) -> Checked {
    let mut remarks = Vec::new();
    for (name, words) in &bench.profile.processes {
        let place = bench.place()?;
        let mut subject = bench.launch(&place)?.words(words).start()?;
        settle(bench, &mut subject, name)?;
        let stopped = stopping::verdict(stopping::stop(bench, &mut subject)?);
        let remark = format!("`{name}`: {}", stopped.remark);
        if stopped.verdict != crate::Verdict::Pass {
            return Ok(Outcome::fail(remark));
        }
        remarks.push(remark);
    }
    match remarks.is_empty() {
        true => Err(Stop::DoesNotApply),
        false => Ok(Outcome::pass(remarks.join("; "))),
    }
}

/// A worker listens on nothing, so that its start cannot be seen; it must at least stay.
pub(super) fn settle(bench: &Bench, subject: &mut Subject, name: &str) -> Result<(), Stop> {
    const TIME: Duration = Duration::from_millis(500);
    let ended = subject.wait(TIME);
    bench.interrupted()?;
    match ended {
        None => Ok(()),
        Some(ended) => {
            let output = subject.output_at_end();
            let why = bench.with_last_words(format!("`{name}` {ended}"), &output);
            Err(Stop::NotTested(why))
        }
    }
}
