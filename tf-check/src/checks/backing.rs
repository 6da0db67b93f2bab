//! IV. Backing services are attached by variables, and can be moved by them.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::nothing_to_see;
use crate::Factor;
use crate::bench::Bench;
use crate::client::{self, Request};
use crate::error::Problem;
use crate::outcome::{Checked, Outcome, Stop};
use crate::proc;
use crate::profile::Variable;
use crate::sink::Sink;
use crate::waiting::{took, until};

pub(super) const CHECKS: [super::Named; 1] = [("attached", attached)];

/// Where the connection of a start went.
struct Seen {
    arrived: Option<Duration>,
    elsewhere: BTreeSet<SocketAddr>,
}

fn attached(bench: &Bench) -> Checked {
    let services = bench.profile.variables.iter();
    let mut outcomes = Vec::new();
    for variable in services.filter(|variable| variable.service.is_some()) {
        bench.needs_up()?;
        outcomes.push(match moved(bench, variable) {
            Err(Stop::NotTested(why)) => Outcome::not_tested(why),
            outcome => outcome?,
        });
    }
    let Some(verdict) = outcomes.iter().map(|outcome| outcome.verdict).max() else {
        let why = "no variable of the profile has a `service`";
        return Err(nothing_to_see(bench, Factor::Backing, why));
    };
    // The worst first: that is what the verdict is about.
    outcomes.sort_by_key(|outcome| Reverse(outcome.verdict));
    let remarks: Vec<String> = outcomes.into_iter().map(|outcome| outcome.remark).collect();
    let remark = remarks.join("; ");
    Ok(Outcome { verdict, remark })
}

fn moved(bench: &Bench, variable: &Variable) -> Checked {
    let name = &variable.name;
    let open = || Sink::open().map_err(Problem::harness("opening a sink"));
    let (first, second) = (open()?, open()?);
    let (from, to) = (first.address(), second.address());
    let seen = start(bench, variable, &first)?;
    let Some(before) = seen.arrived else {
        return Ok(missed(name, from, &seen.elsewhere));
    };
    let at_first = first.connections();
    let seen = start(bench, variable, &second)?;
    if first.connections() > at_first {
        let text = format!(
            "{name} was moved from {from} to {to}, and the connection still goes to {from}"
        );
        return Ok(Outcome::fail(text));
    }
    let Some(after) = seen.arrived else {
        return Ok(missed(name, to, &seen.elsewhere));
    };
    Ok(Outcome::pass(format!(
        "{name} moved from {from} to {to}: a connection arrives there and then here, after {} and {}",
        took(before),
        took(after)
    )))
}

/// No connection is no evidence, unless one went elsewhere.
fn missed(name: &str, address: SocketAddr, elsewhere: &BTreeSet<SocketAddr>) -> Outcome {
    match elsewhere.first() {
        Some(other) => Outcome::fail(format!(
            "{name} names {address}; the connection goes to {other}"
        )),
        None => Outcome::not_tested(format!(
            "{name} names {address}, and no connection came; name a path that needs it as `touch`"
        )),
    }
}

fn start(bench: &Bench, variable: &Variable, sink: &Sink) -> Result<Seen, Stop> {
    let place = bench.place()?;
    let launch = bench
        .launch(&place)?
        .attach(variable, sink.address().to_string());
    let mut subject = launch.start()?;
    let begun = subject.begun;
    let mut elsewhere = BTreeSet::new();
    let mut touched = None;
    let arrived = until(&bench.options.interrupt, bench.options.timeout, || {
        if sink.connections() > 0 {
            return Some(Some(begun.elapsed()));
        }
        let peers = proc::peers(&subject.family.members());
        elsewhere.extend(peers.into_iter().filter(|peer| !peer.ip().is_unspecified()));
        if touched.is_none() {
            touched = subject
                .listens_now()
                .map(|up| (Instant::now(), up.address()));
            if let Some((_, Some(address))) = touched {
                let path = bench.profile.touch.as_ref().unwrap_or(&bench.profile.path);
                // Whatever the answer is: only the sink is of interest.
                let _ = client::ask(address, &Request::get(path), Duration::from_millis(500));
            }
        }
        // It has had a request, and time to connect: it needs no longer than that.
        let quiet = touched.is_some_and(|(since, _)| since.elapsed() > Duration::from_secs(3));
        (quiet || subject.ended().is_some()).then_some(None)
    });
    bench.interrupted()?;
    // A program that ends may have been quicker than the thread that takes connections.
    if arrived.flatten().is_none() {
        bench.pause(Duration::from_millis(50))?;
    }
    let late = (sink.connections() > 0).then(|| begun.elapsed());
    Ok(Seen {
        arrived: arrived.flatten().or(late),
        elsewhere,
    })
}
