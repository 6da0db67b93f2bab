//! VII. The program exports its service by binding a port that it is told.

use crate::bench::Bench;
use crate::client::{self, Reply, Request};
use crate::error::Problem;
use crate::outcome::{Checked, Outcome, Stop};
use crate::subject::Start;
use crate::waiting::took;
use crate::{ports, proc};

pub(super) const CHECKS: [super::Named; 4] = [
    ("listens", listens),
    ("moves", moves),
    ("answers", answers),
    ("busy port", busy),
];

fn listens(bench: &Bench) -> Checked {
    let place = bench.place()?;
    let launch = bench.launch(&place)?;
    let mut subject = launch.start()?;
    let port = subject.port;
    let told = format!("{}={port}", bench.profile.port);
    let up = match bench.up(&mut subject)? {
        Ok(up) => up,
        Err(why) => return Ok(Outcome::fail(format!("{told}: {why}"))),
    };
    let (pid, found) = (up.socket.pid, &up.socket.place);
    if !proc::is_there() {
        let why = format!("{told}: {found} takes connections; without /proc nobody knows for whom");
        return Err(Stop::NotTested(why));
    }
    if found.port() == Some(port) {
        return Ok(Outcome::pass(format!(
            "{told}: pid {pid} listens on {found}"
        )));
    }
    Ok(Outcome::fail(format!(
        "{told}, yet pid {pid} listens on {found}"
    )))
}

fn moves(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let (first, second) = (bench.place()?, bench.place()?);
    let (before, up) = bench.started(&bench.launch(&first)?)?;
    if up.socket.place.port() != Some(before.port) {
        let why = format!("it listens on {} whatever it is told", up.socket.place);
        return Ok(Outcome::fail(why));
    }
    let old = before.port;
    drop(before);
    let (after, up) = bench.started(&bench.launch(&second)?)?;
    let told = format!(
        "moved by {} from {old} to {}",
        bench.profile.port, after.port
    );
    if up.socket.place.port() != Some(after.port) || after.listens_on(old) {
        return Ok(Outcome::fail(format!(
            "{told}, it listens on {}",
            up.socket.place
        )));
    }
    Ok(Outcome::pass(told))
}

fn answers(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let (_subject, up) = bench.started(&bench.launch(&place)?)?;
    let path = &bench.profile.path;
    let begun = std::time::Instant::now();
    let reply = client::ask(
        bench.address(&up)?,
        &Request::get(path),
        bench.options.timeout,
    );
    bench.interrupted()?;
    Ok(match reply {
        Ok(Reply::Http(answer)) if answer.status >= 500 => {
            Outcome::fail(format!("GET {path}: {}", answer.status))
        }
        Ok(Reply::Http(answer)) => {
            let time = took(begun.elapsed());
            Outcome::pass(format!("GET {path}: {} after {time}", answer.status))
        }
        Ok(Reply::Other(bytes)) => {
            let bytes = super::count(bytes.len(), "byte");
            Outcome::pass(format!("GET {path}: {bytes} that are not HTTP"))
        }
        Ok(Reply::Nothing) => Outcome::not_tested(format!(
            "GET {path}: it closed the connection without a word"
        )),
        Err(error) => Outcome::not_tested(format!("GET {path}: no answer: {error}")),
    })
}

fn busy(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let port = bench.port()?;
    let _occupied = ports::occupy(port).map_err(Problem::harness("occupying a port"))?;
    let launch = crate::launch::Launch::new(bench, &place, port);
    let mut subject = launch.start()?;
    let start = subject.up(bench.options.timeout);
    bench.interrupted()?;
    let ended = match start {
        Start::Ended(ended) => ended,
        Start::Up(up) => {
            let found = up.socket.place;
            let text = format!("{port} is taken, and it listens on {found} instead of ending");
            return Ok(Outcome::fail(text));
        }
        Start::Silent(after) => {
            let after = took(after);
            let text =
                format!("{port} is taken; after {after} it still runs, and listens on nothing");
            return Ok(Outcome::fail(text));
        }
    };
    let output = subject.output_at_end();
    let text = output.all();
    if ended.succeeded() {
        return Ok(Outcome::fail(format!(
            "{port} is taken, and it {ended}: as if all were well"
        )));
    }
    let names = [
        port.to_string(),
        "in use".to_owned(),
        "EADDRINUSE".to_owned(),
    ];
    if !names.iter().any(|name| text.contains(name)) {
        let why = format!("{port} is taken; it {ended} and does not say that the port is in use");
        return Ok(Outcome::fail(bench.with_last_words(why, &output)));
    }
    Ok(Outcome::pass(format!(
        "{port} is taken: it {ended} and says so"
    )))
}

/// The profile's path, answered as HTTP by a program that was started for it.
pub(super) fn ordinary_answer(
    bench: &Bench,
    up: &crate::subject::Up,
) -> Result<client::Answer, Stop> {
    bench.answer(up, &Request::get(&bench.profile.path))
}
