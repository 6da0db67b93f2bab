//! A request that is being handled when the signal comes.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::process::Signal;

use super::port::ordinary_answer;
use crate::bench::Bench;
use crate::client::{Exchange, Reply, Request};
use crate::outcome::{Checked, Outcome, Stop};
use crate::subject::Subject;
use crate::waiting::took;

/// What came back, after the signal.
struct Answered {
    asked: String,
    reply: io::Result<Reply>,
}

pub(super) fn check(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let (mut subject, up) = bench.started(&bench.launch(&place)?)?;
    let address = bench.address(&up)?;
    // Whoever listens may not serve yet: a request that waits to be taken is not in flight.
    ordinary_answer(bench, &up)?;
    let profile = &bench.profile;
    let Answered { asked, reply } = match (&profile.slow, &profile.share) {
        (Some(path), _) => slow(bench, &subject, address, path)?,
        (None, Some(share)) => half_sent(bench, &subject, address, &share.write)?,
        (None, None) => {
            let why = "the profile names no `slow` path";
            return Err(Stop::NotTested(why.to_owned()));
        }
    };
    bench.interrupted()?;
    let ended = subject.wait(bench.options.timeout);
    bench.interrupted()?;
    let asked = format!("{asked}, in flight at SIGTERM");
    let Some(ended) = ended else {
        let limit = took(bench.options.timeout);
        let why = format!("{asked}: it runs on {limit} later, as if there were no signal");
        return Ok(Outcome::not_tested(why));
    };
    let end = format!("it ended {}", ended.how());
    Ok(match reply {
        Ok(Reply::Http(answer)) if answer.status < 500 => {
            Outcome::pass(format!("{asked}: answered {}; then {end}", answer.status))
        }
        Ok(Reply::Http(answer)) => {
            Outcome::fail(format!("{asked}: answered {}; {end}", answer.status))
        }
        Ok(_) => Outcome::fail(format!("{asked}, was cut off: {end}")),
        Err(error) => Outcome::fail(format!("{asked}, was lost ({error}): {end}")),
    })
}

/// A path that takes its time: nothing of its answer is there when the signal is sent.
fn slow(
    bench: &Bench,
    subject: &Subject,
    address: SocketAddr,
    path: &str,
) -> Result<Answered, Stop> {
    const PROOF: Duration = Duration::from_millis(200);
    let limit = bench.options.timeout;
    let mut exchange = Exchange::send(address, &Request::get(path), limit).map_err(unsent)?;
    if exchange.has_answer(PROOF).map_err(unsent)? {
        let proof = took(PROOF);
        let why = format!("`{path}` answers within {proof}: too fast to be in flight");
        return Err(Stop::NotTested(why));
    }
    subject.signal(Signal::TERM);
    Ok(Answered {
        asked: format!("GET {path}"),
        reply: exchange.finish(),
    })
}

/// A request whose handler has said that it waits for the body, which comes after the signal.
fn half_sent(
    bench: &Bench,
    subject: &Subject,
    address: SocketAddr,
    request: &Request,
) -> Result<Answered, Stop> {
    let asked = format!("{} {}", request.method, request.path);
    let limit = bench.options.timeout;
    let mut exchange = Exchange::announce(address, request, limit).map_err(unsent)?;
    if !exchange.is_awaited().map_err(unsent)? {
        let why = format!(
            "{asked} does not wait for its body, so that it cannot be kept in flight; name a `slow` path"
        );
        return Err(Stop::NotTested(why));
    }
    subject.signal(Signal::TERM);
    bench.pause(Duration::from_millis(200))?;
    let sent = exchange.go_on(request);
    Ok(Answered {
        asked: format!("{asked}, its body half a way there"),
        reply: sent.and_then(|()| exchange.finish()),
    })
}

fn unsent(error: io::Error) -> Stop {
    Stop::NotTested(format!("no request could be sent: {error}"))
}
