//! XI. Logs are a stream of events on standard output.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::port::ordinary_answer;
use super::processes::held_elsewhere;
use super::{count, some_of};
use crate::bench::Bench;
use crate::outcome::{Checked, Outcome, Stop};
use crate::output::{Output, Stream, excerpt};
use crate::proc;
use crate::subject::{Ended, Start, Subject};
use crate::waiting::{took, until};

pub(super) const CHECKS: [super::Named; 4] = [
    ("stdout", stdout),
    ("lines", lines),
    ("no reader", no_reader),
    ("log files", log_files),
];

fn stream(bench: &Bench) -> (Stream, &'static str) {
    match bench.profile.logs_on_stderr {
        true => (Stream::Stderr, "stderr"),
        false => (Stream::Stdout, "stdout"),
    }
}

/// A start, a request and SIGTERM.
struct Life {
    output: Output,
    /// When the signal was sent.
    moment: Instant,
    /// From the start to the first byte.
    first: Duration,
    answered: bool,
}

fn live(bench: &Bench) -> Result<Life, Stop> {
    let place = bench.place()?;
    let mut subject = bench.launch(&place)?.start()?;
    let begun = subject.begun;
    let answered = match bench.up(&mut subject)? {
        Ok(up) => match ordinary_answer(bench, &up) {
            Err(Stop::Broken(problem)) => return Err(problem.into()),
            answer => answer.is_ok(),
        },
        // Who listens on nothing can still be heard.
        Err(why) if subject.ended().is_some() => return Err(Stop::NotTested(why)),
        Err(_) => false,
    };
    let (stream, _) = stream(bench);
    let said = || (!subject.output.bytes(stream).is_empty()).then(|| begun.elapsed());
    let first = until(&bench.options.interrupt, Duration::from_secs(1), said).unwrap_or_default();
    let moment = Instant::now();
    subject.signal(Signal::TERM);
    let _ = subject.wait(bench.options.timeout.min(Duration::from_secs(3)));
    bench.interrupted()?;
    Ok(Life {
        output: subject.output_at_end(),
        moment,
        first,
        answered,
    })
}

fn stdout(bench: &Bench) -> Checked {
    let Life {
        output,
        moment,
        first,
        ..
    } = live(bench)?;
    let (stream, name) = stream(bench);
    let before = output.bytes_before(stream, moment);
    let all = output.bytes(stream);
    let lines = |bytes: &[u8]| count(bytes.iter().filter(|byte| **byte == b'\n').count(), "line");
    if !before.is_empty() {
        let (first, before) = (took(first), lines(&before));
        return Ok(Outcome::pass(format!(
            "{name}, a pipe: {before} while it ran, there within {first}"
        )));
    }
    if !all.is_empty() {
        let text = format!(
            "{name}, a pipe: {} came only after SIGTERM: it is buffered",
            lines(&all)
        );
        return Ok(Outcome::fail(text));
    }
    let other = output.bytes(if stream == Stream::Stdout {
        Stream::Stderr
    } else {
        Stream::Stdout
    });
    match other.is_empty() {
        true => Err(Stop::NotTested(
            "it wrote nothing, or lost what it wrote".to_owned(),
        )),
        false => {
            let other_name = if stream == Stream::Stdout {
                "stderr"
            } else {
                "stdout"
            };
            Ok(Outcome::fail(format!(
                "nothing on {name}; {} on {other_name}",
                lines(&other)
            )))
        }
    }
}

fn lines(bench: &Bench) -> Checked {
    let output = live(bench)?.output;
    let (stream, name) = stream(bench);
    let bytes = output.bytes(stream);
    if bytes.is_empty() {
        return Err(Stop::NotTested(format!("nothing came on {name}")));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(Outcome::fail(format!("{name} is not UTF-8")));
    };
    Ok(match form_of(&text) {
        Ok(remark) => Outcome::pass(remark),
        Err(remark) => Outcome::fail(bench.masked(&remark)),
    })
}

/// What the lines have in common; the error is the first that is odd.
fn form_of(text: &str) -> Result<String, String> {
    let filled = |line: &&str| !line.trim().is_empty();
    let lines: Vec<&str> = text.lines().filter(filled).collect();
    let at = |index: usize| {
        let line = excerpt(lines.get(index).copied().unwrap_or_default());
        format!("line {} of {}: {line}", index + 1, lines.len())
    };
    if !text.ends_with('\n') {
        let last = at(lines.len().saturating_sub(1));
        return Err(format!("the last line is cut off, {last}"));
    }
    if let Some(index) = lines.iter().position(|line| line.contains('\u{1b}')) {
        return Err(format!("colours for a terminal in a pipe, {}", at(index)));
    }
    let is_event = |line: &&str| {
        serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value.is_object())
    };
    let all = count(lines.len(), "line");
    let events = lines.iter().filter(|line| is_event(line)).count();
    match lines.iter().position(|line| !is_event(line)) {
        None => Ok(format!("{all}, each a JSON object")),
        Some(_) if events == 0 => Ok(format!("{all}, plain text throughout")),
        Some(odd) => Err(format!(
            "{events} of {all} are JSON, others are not: {}",
            at(odd)
        )),
    }
}

fn no_reader(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let life = live(bench)?;
    if life.output.bytes(Stream::Stdout).is_empty() {
        return Err(Stop::NotTested("it writes nothing to stdout".to_owned()));
    }
    let place = bench.place()?;
    let launch = bench.launch(&place)?.without_reader();
    let mut subject = launch.start()?;
    let gone = "with nobody reading its stdout";
    let up = match subject.up(bench.options.timeout) {
        Start::Up(up) => up,
        Start::Ended(ended) => return Ok(Outcome::fail(format!("{gone} it {ended}"))),
        Start::Silent(after) => {
            return Ok(Outcome::fail(format!(
                "{gone} it listens on nothing after {}",
                took(after)
            )));
        }
    };
    let mut statuses = Vec::new();
    for _ in 0..3 {
        match ordinary_answer(bench, &up) {
            Ok(answer) => statuses.push(answer.status.to_string()),
            Err(Stop::NotTested(why)) if life.answered => {
                let why = match subject.wait(Duration::from_millis(200)) {
                    Some(ended) => format!("it {ended}"),
                    None => why,
                };
                return Ok(Outcome::fail(format!("{gone} {why}")));
            }
            Err(Stop::Broken(problem)) => return Err(problem.into()),
            Err(_) => {}
        }
    }
    let busy = match busy_for_a_second(bench, &mut subject)? {
        Ok(busy) => busy,
        Err(ended) => return Ok(Outcome::fail(format!("{gone} it {ended}"))),
    };
    if busy > Duration::from_millis(100) {
        // Some are always busy.
        let place = bench.place()?;
        let (mut other, up) = bench.started(&bench.launch(&place)?)?;
        let _ = ordinary_answer(bench, &up);
        let usual = busy_for_a_second(bench, &mut other)?.unwrap_or_default();
        if busy > 3 * usual {
            let (busy, usual) = (took(busy), took(usual));
            let text = format!("{gone} it spins: {busy} of processor in 1 s, else {usual}");
            return Ok(Outcome::fail(text));
        }
    }
    let answers = match statuses.is_empty() {
        true => "stays".to_owned(),
        false => format!("answers {}", statuses.join(", ")),
    };
    let spins = if proc::is_there() {
        ", and does not spin"
    } else {
        ""
    };
    Ok(Outcome::pass(format!("{gone} it {answers}{spins}")))
}

/// The time that it spends on a processor while nobody asks anything; or its end.
fn busy_for_a_second(
    bench: &Bench,
    subject: &mut Subject,
) -> Result<Result<Duration, Ended>, Stop> {
    const TICK: Duration = Duration::from_millis(10);
    let ticks = |subject: &Subject| {
        let members = subject.family.members().into_iter();
        members
            .filter_map(proc::stat)
            .map(|stat| stat.ticks)
            .sum::<u64>()
    };
    let before = ticks(subject);
    let ended = subject.wait(Duration::from_secs(1));
    bench.interrupted()?;
    if let Some(ended) = ended {
        return Ok(Err(ended));
    }
    let ticks = ticks(subject).saturating_sub(before);
    Ok(Ok(TICK * u32::try_from(ticks).unwrap_or(u32::MAX)))
}

fn log_files(bench: &Bench) -> Checked {
    bench.needs_up()?;
    if !proc::is_there() {
        return Err(Stop::NotTested(
            "without /proc an open file cannot be seen".to_owned(),
        ));
    }
    let place = bench.place()?;
    let before = place.snapshot();
    let (subject, up) = bench.started(&bench.launch(&place)?)?;
    let _ = ordinary_answer(bench, &up);
    bench.pause(Duration::from_millis(100))?;
    let mut files = held_elsewhere(&subject, &place);
    let written = place.snapshot().since(&before);
    files.extend(written.into_iter().filter(|file| {
        let name = file.split([' ', ',']).next().unwrap_or(file).to_lowercase();
        name.contains("log") || name.ends_with(".out") || name.ends_with(".err")
    }));
    match files.is_empty() {
        true => Ok(Outcome::pass(
            "none in its folders, none open for writing elsewhere",
        )),
        false => Ok(Outcome::fail(some_of(&files))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_one_form_or_the_odd_one_is_named() {
        assert_eq!(form_of("{}\n{}\n").unwrap(), "2 lines, each a JSON object");
        assert_eq!(
            form_of("a\n\n1\n").unwrap(),
            "2 lines, plain text throughout"
        );
        let mixed = form_of("{}\noh\n").unwrap_err();
        assert_eq!(
            mixed,
            "1 of 2 lines are JSON, others are not: line 2 of 2: oh"
        );
        assert!(
            form_of("{}\n{")
                .unwrap_err()
                .contains("the last line is cut off")
        );
        assert!(form_of("\u{1b}[31mred\n").unwrap_err().contains("colours"));
    }
}
