//! III. Configuration is in the environment, and a wrong one is refused.

use super::secrets::secrets;
use crate::bench::Bench;
use crate::launch::Launch;
use crate::outcome::{Checked, Outcome, Stop};
use crate::subject::Start;
use crate::waiting::took;

pub(super) const CHECKS: [super::Named; 4] = [
    ("required", required),
    ("junk", junk),
    ("junk port", junk_port),
    ("secrets", secrets),
];

fn required(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let names: Vec<&str> = {
        let required = bench
            .profile
            .variables
            .iter()
            .filter(|variable| variable.required);
        required.map(|variable| &*variable.name).collect()
    };
    let mut sets: Vec<Vec<&str>> = names.iter().map(|name| vec![*name]).collect();
    match names.len() {
        0 => {
            let why = "the profile names no `required` variable";
            return Err(Stop::NotTested(why.to_owned()));
        }
        1 => {}
        _ => sets.push(names),
    }
    let mut remarks = Vec::new();
    for missing in sets {
        let place = bench.place()?;
        let launch = missing
            .iter()
            .fold(bench.launch(&place)?, |launch, name| launch.unset(name));
        let without = format!("without {}", missing.join(" and "));
        match refused(bench, &launch, &missing)? {
            Ok(how) => remarks.push(format!("{without} {how}")),
            Err(why) => return Ok(Outcome::fail(format!("{without} {why}"))),
        }
    }
    Ok(Outcome::pass(remarks.join("; ")))
}

fn junk(bench: &Bench) -> Checked {
    let mut remarks = Vec::new();
    for variable in &bench.profile.variables {
        let Some(junk) = &variable.junk else {
            continue;
        };
        bench.needs_up()?;
        let place = bench.place()?;
        let launch = bench.launch(&place)?.set(&variable.name, junk.clone());
        let with = format!("with junk in {}", variable.name);
        match refused(bench, &launch, &[&variable.name])? {
            Ok(how) => remarks.push(format!("{with} {how}")),
            Err(why) => return Ok(Outcome::fail(format!("{with} {why}"))),
        }
    }
    match remarks.is_empty() {
        true => Err(Stop::DoesNotApply),
        false => Ok(Outcome::pass(remarks.join("; "))),
    }
}

fn junk_port(bench: &Bench) -> Checked {
    const JUNK: &str = "no-number";
    bench.needs_up()?;
    let place = bench.place()?;
    let name = &bench.profile.port;
    let launch = bench.launch(&place)?.set(name, JUNK);
    let with = format!("with {name}={JUNK}");
    Ok(match refused(bench, &launch, &[name, JUNK])? {
        Ok(how) => Outcome::pass(format!("{with} {how}")),
        Err(why) => Outcome::fail(format!("{with} {why}")),
    })
}

/// Whether it ends, with a code that is not 0, before it listens, and says why. For a port the value
/// is as good as the name.
fn refused(
    bench: &Bench,
    launch: &Launch<'_>,
    names: &[&str],
) -> Result<Result<String, String>, Stop> {
    let mut subject = launch.start()?;
    let start = subject.up(bench.options.timeout);
    bench.interrupted()?;
    let ended = match start {
        Start::Up(up) => {
            return Ok(Err(format!(
                "it listens on {} all the same",
                up.socket.place
            )));
        }
        Start::Silent(after) => return Ok(Err(format!("it still runs after {}", took(after)))),
        Start::Ended(ended) => ended,
    };
    let output = subject.output_at_end();
    if ended.succeeded() {
        return Ok(Err(format!("it {ended}: as if all were well")));
    }
    let text = output.all();
    let says = |name: &&&str| text.contains(**name);
    let is_port = names.first() == Some(&bench.profile.port.as_str());
    let unnamed: Vec<&str> = names.iter().filter(|name| !says(name)).copied().collect();
    let enough = if is_port {
        unnamed.len() < names.len()
    } else {
        unnamed.is_empty()
    };
    if enough {
        return Ok(Ok(format!("it {ended} and says so")));
    }
    let missed = if is_port {
        bench.profile.port.clone()
    } else {
        unnamed.join(" and ")
    };
    let why = format!("it {ended} and does not name {missed}");
    Ok(Err(bench.with_last_words(why, &output)))
}
