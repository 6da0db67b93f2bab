//! VIII. The program scales by running more of it.

use std::time::Duration;

use super::disposability::settle;
use super::port::ordinary_answer;
use crate::bench::Bench;
use crate::outcome::{Checked, Outcome, Stop};
use crate::proc;
use crate::subject::{Start, Up};

pub(super) const CHECKS: [super::Named; 3] = [
    ("two instances", two_instances),
    ("foreground", foreground),
    ("process types", process_types),
];

fn two_instances(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let (mut first, up) = bench.started(&bench.launch(&place)?)?;
    let mut second = bench.launch(&place)?.start()?;
    let (pid, port) = (second.family.root(), second.port);
    let text = format!(
        "a second instance beside pid {}, in the same folder, port {port}",
        first.family.root()
    );
    let other = match bench.up(&mut second)? {
        Ok(other) => other,
        Err(why) => return Ok(Outcome::fail(format!("{text}: {why}"))),
    };
    if let Some(ended) = first.ended() {
        return Ok(Outcome::fail(format!("{text}: the first {ended}")));
    }
    if other.socket.place == up.socket.place {
        // Port sharing, which says nothing about the port that it was told.
        return Ok(Outcome::fail(format!(
            "{text}: both listen on {}",
            up.socket.place
        )));
    }
    let answers = |up: &Up| ordinary_answer(bench, up).map(|answer| answer.status.to_string());
    Ok(match (answers(&up), answers(&other)) {
        (Ok(one), Ok(two)) if one == two => {
            Outcome::pass(format!("{text}: pid {pid} listens, and both answer {one}"))
        }
        (Ok(one), Ok(two)) => Outcome::fail(format!("{text}: one answers {one}, the other {two}")),
        (Err(Stop::Broken(problem)), _) | (_, Err(Stop::Broken(problem))) => {
            return Err(problem.into());
        }
        _ => Outcome::pass(format!(
            "{text}: pid {pid} listens on {}",
            other.socket.place
        )),
    })
}

fn foreground(bench: &Bench) -> Checked {
    bench.needs_up()?;
    if !proc::is_there() {
        return Err(Stop::NotTested(
            "without /proc an orphan cannot be found".to_owned(),
        ));
    }
    let place = bench.place()?;
    let (mut subject, up) = bench.started(&bench.launch(&place)?)?;
    let (pid, owner) = (subject.family.root(), up.socket.pid);
    // A parent that forks and leaves does so at once.
    let ended = subject.wait(Duration::from_millis(500));
    bench.interrupted()?;
    if let Some(ended) = ended {
        let held = subject.listens_now().map(|up| up.socket);
        let held = held.map_or_else(
            || "nothing listens any more".to_owned(),
            |held| {
                format!(
                    "pid {}, which it left behind, holds {}",
                    held.pid, held.place
                )
            },
        );
        return Ok(Outcome::fail(format!("pid {pid} {ended}; {held}")));
    }
    Ok(Outcome::pass(match pid == owner {
        true => format!("pid {pid} stays, and holds {} itself", up.socket.place),
        false => format!(
            "pid {pid} stays; its child, pid {owner}, holds {}",
            up.socket.place
        ),
    }))
}

fn process_types(bench: &Bench) -> Checked {
    let mut remarks = Vec::new();
    for (name, words) in &bench.profile.processes {
        let place = bench.place()?;
        let mut subject = bench.launch(&place)?.words(words).start()?;
        let pid = subject.family.root();
        match settle(bench, &mut subject, name) {
            Ok(()) => remarks.push(format!("`{name}` runs as pid {pid}")),
            Err(Stop::NotTested(why)) => return Ok(Outcome::fail(why)),
            Err(other) => return Err(other),
        }
        if let Start::Up(up) = subject.up(Duration::ZERO) {
            remarks.push(format!("and listens on {}", up.socket.place));
        }
    }
    match remarks.is_empty() {
        true => Err(Stop::DoesNotApply),
        false => Ok(Outcome::pass(remarks.join(", "))),
    }
}
