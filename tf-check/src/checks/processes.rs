//! VI. Processes are stateless and share nothing.

use std::time::Duration;

use super::port::ordinary_answer;
use super::some_of;
use crate::bench::Bench;
use crate::client::Answer;
use crate::outcome::{Checked, Outcome, Stop};
use crate::place::Place;
use crate::proc;
use crate::profile::Share;
use crate::subject::Subject;

pub(super) const CHECKS: [super::Named; 3] = [
    ("files left", files_left),
    ("same answer", same_answer),
    ("shared state", shared_state),
];

fn files_left(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let before = place.snapshot();
    let (mut subject, up) = bench.started(&bench.launch(&place)?)?;
    let asked = ordinary_answer(bench, &up).is_ok();
    bench.pause(Duration::from_millis(100))?;
    let held = held_elsewhere(&subject, &place);
    subject.signal(rustix::process::Signal::TERM);
    let ended = subject.wait(bench.options.timeout.min(Duration::from_secs(3)));
    bench.interrupted()?;
    subject.kill();
    let mut left = place.snapshot().since(&before);
    left.extend(
        held.into_iter()
            .map(|path| format!("{path}, open for writing")),
    );
    if !left.is_empty() {
        return Ok(Outcome::fail(some_of(&left)));
    }
    let after = match (asked, ended) {
        (true, Some(_)) => "one request and SIGTERM",
        (true, None) => "one request and kill -9",
        (false, _) => "a start and an end, without an HTTP request",
    };
    let elsewhere = match proc::is_there() {
        true => "no other file open for writing",
        false => "what it holds elsewhere cannot be seen without /proc",
    };
    Ok(Outcome::pass(format!(
        "nothing in the working folder, HOME or TMPDIR after {after}; {elsewhere}"
    )))
}

/// Files open for writing outside of its folders, where they would be seen anyway.
pub(super) fn held_elsewhere(subject: &Subject, place: &Place) -> Vec<String> {
    let own = [place.work(), place.home(), place.tmp(), place.data()];
    let held = proc::written(&subject.family.members());
    let elsewhere = held
        .iter()
        .filter(|path| !own.iter().any(|own| path.starts_with(own)));
    elsewhere.map(|path| path.display().to_string()).collect()
}

fn same_answer(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let launch = bench.launch(&place)?;
    let (mut first, up) = bench.started(&launch)?;
    let (_second, other) = bench.started(&bench.launch(&place)?)?;
    let answer = ordinary_answer(bench, &up)?;
    let path = &bench.profile.path;
    if !ordinary_answer(bench, &up)?.same(&answer) {
        let why = format!("GET {path} differs from one request to the next; name a steady `path`");
        return Err(Stop::NotTested(why));
    }
    let steady = shown(&answer);
    let beside = ordinary_answer(bench, &other)?;
    if !beside.same(&answer) {
        let text = format!(
            "GET {path}: {steady} from one instance, {} from the other",
            shown(&beside)
        );
        return Ok(Outcome::fail(text));
    }
    first.kill();
    let (_third, up) = bench.started(&launch)?;
    let later = ordinary_answer(bench, &up)?;
    if !later.same(&answer) {
        let text = format!(
            "GET {path}: {steady}, but after kill -9 and a restart {}",
            shown(&later)
        );
        return Ok(Outcome::fail(text));
    }
    Ok(Outcome::pass(format!(
        "GET {path}: {steady} from two instances, and again after kill -9 and a restart"
    )))
}

fn shown(answer: &Answer) -> String {
    format!(
        "{}, {}",
        answer.status,
        super::count(answer.body.len(), "byte")
    )
}

fn shared_state(bench: &Bench) -> Checked {
    let Some(Share { write, read }) = &bench.profile.share else {
        return Err(Stop::DoesNotApply);
    };
    bench.needs_up()?;
    let place = bench.place()?;
    let launch = bench.launch(&place)?;
    let (mut first, up) = bench.started(&launch)?;
    let (_second, other) = bench.started(&bench.launch(&place)?)?;
    let before = bench.answer(&up, read)?;
    let written = bench.answer(&up, write)?;
    let asked = format!("{} {}", write.method, write.path);
    let after = bench.answer(&up, read)?;
    if !(200..300).contains(&written.status) || after.same(&before) {
        let why = format!(
            "{asked} was answered {}, and GET {} then shows {}: no state to look for",
            written.status,
            read.path,
            if after.same(&before) {
                "no change"
            } else {
                "a change"
            }
        );
        return Err(Stop::NotTested(why));
    }
    let beside = bench.answer(&other, read)?;
    if !beside.same(&after) {
        let text = format!(
            "what {asked} wrote in one instance is not in the other's GET {}",
            read.path
        );
        return Ok(Outcome::fail(text));
    }
    first.kill();
    let (_third, up) = bench.started(&launch)?;
    if !bench.answer(&up, read)?.same(&after) {
        let text = format!(
            "what {asked} wrote is gone from GET {} after kill -9",
            read.path
        );
        return Ok(Outcome::fail(text));
    }
    Ok(Outcome::pass(format!(
        "what {asked} wrote in one instance is in the other's GET {}, and there after kill -9",
        read.path
    )))
}
