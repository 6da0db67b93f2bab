//! A service that starts, answers once and ends; and one that only says its version.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bench_support::{
    Bars, End, Server, Table, Watch, grouped, instructions, is_answered, median, ratio,
};

use crate::services::{ALL, build, configured};

const ROUNDS: usize = 51;
/// Lives under callgrind, which differ by what threads happen to do.
const COUNTED: usize = 9;
const WORKERS: usize = 2;

/// What shows the version, of those that can.
const VERSIONS: [(&str, &str); 4] = [
    ("hand", "--version"),
    ("tf-app", "version"),
    ("floor", "--version"),
    ("assembly", "--version"),
];

struct Life {
    listening: Duration,
    answer: Duration,
    end: Duration,
    peak: u64,
}

/// The tables of all services.
pub fn report(bars: &mut Bars) {
    let programs = ALL.map(build);
    lives(&programs, bars);
    versions(&programs);
}

fn place(service: &str) -> usize {
    let place = ALL.iter().position(|one| *one == service);
    place.expect("there is such a service")
}

/// All of them in turns, with another one first each time.
fn in_turns<T>(count: usize, rounds: usize, mut take: impl FnMut(usize) -> T) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = (0..count).map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..count {
            let at = (round + turn) % count;
            all[at].push(take(at));
        }
    }
    all
}

fn lives(programs: &[PathBuf], bars: &mut Bars) {
    let all = in_turns(ALL.len(), ROUNDS, |at| live(&programs[at]));
    let counts = in_turns(ALL.len(), COUNTED, |at| {
        counted(&programs[at], Path::new("/dev/null"))
    });
    let counts: Vec<u64> = counts.into_iter().map(median).collect();
    let title = format!("Exec, one request, SIGTERM, exit (x against {})", ALL[0]);
    let heads = [
        "service",
        "exec to listening ms, min",
        "median",
        "exec to first 200 ms, min",
        "median",
        "x",
        "SIGTERM to exit ms, min",
        "median",
        "x",
        "peak resident KiB",
        "instr of the whole life",
        "x",
    ];
    let mut table = Table::new(title, &heads);
    for ((service, own), count) in ALL.iter().zip(&all).zip(&counts) {
        let times = |part: fn(&Life) -> Duration| own.iter().map(part).collect::<Vec<_>>();
        let listening = times(|life| life.listening);
        let answer = times(|life| life.answer);
        let end = times(|life| life.end);
        table.row([
            (*service).to_owned(),
            least(&listening),
            millis(median(listening)),
            least(&answer),
            millis(median(answer)),
            format!("{:.2}", share(own, &all[0], |life| life.answer)),
            least(&end),
            millis(median(end)),
            format!("{:.2}", share(own, &all[0], |life| life.end)),
            grouped(median(own.iter().map(|life| life.peak).collect()) / 1_024),
            grouped(*count),
            format!("{:.2}", ratio(*count, counts[0])),
        ]);
    }
    println!("{table}");
    let [app, bare] = ["tf-app", "bare"].map(place);
    let what = "exec, one request, SIGTERM, exit: instructions, x hand";
    bars.at_most(what, 1.2, ratio(counts[app], counts[0]));
    let what = "SIGTERM to exit when idle, x plain axum";
    bars.at_most(what, 1.2, share(&all[app], &all[bare], |life| life.end));
}

/// The median of the quotients within a round.
fn share(own: &[Life], of: &[Life], part: impl Fn(&Life) -> Duration) -> f64 {
    let pairs = own.iter().zip(of);
    let quotients = pairs.map(|(own, of)| part(own).as_secs_f64() / part(of).as_secs_f64());
    median(quotients.collect())
}

fn least(times: &[Duration]) -> String {
    millis(times.iter().min().copied().unwrap_or_default())
}

fn millis(time: Duration) -> String {
    format!("{:.2}", 1_000.0 * time.as_secs_f64())
}

fn live(program: &Path) -> Life {
    let begin = Instant::now();
    let server = Server::start(configured(Command::new(program), WORKERS, false));
    let listening = begin.elapsed();
    assert!(is_answered(server.port), "{} answers", program.display());
    let answer = begin.elapsed();
    let peak = server.peak();
    // Its threads go to sleep before the signal comes.
    thread::sleep(Duration::from_millis(10));
    Life {
        listening,
        answer,
        peak,
        end: ended(server).after,
    }
}

fn ended(server: Server) -> End {
    let end = server.terminate();
    let is_success = end.status.is_some_and(|status| status.success());
    assert!(is_success, "{end:?}");
    end
}

fn counted(program: &Path, file: &Path) -> u64 {
    let command = Watch::Instructions(file).command(program);
    let server = Server::start(configured(command, WORKERS, false));
    assert!(is_answered(server.port), "{} answers", program.display());
    ended(server).instructions()
}

/// Writes a profile of one life, for `callgrind_annotate`.
pub fn profile(service: &str, file: &Path) {
    counted(&build(service), file);
}

fn versions(programs: &[PathBuf]) {
    let program = |at: usize| (&programs[place(VERSIONS[at].0)], VERSIONS[at].1);
    let walls = in_turns(VERSIONS.len(), ROUNDS, |at| {
        let (program, word) = program(at);
        let mut command = Command::new(program);
        command.arg(word).env_clear().stdout(Stdio::null());
        let begin = Instant::now();
        let status = command.status().expect("the program starts");
        let wall = begin.elapsed();
        assert!(status.success(), "{command:?}: {status}");
        wall
    });
    let counts: Vec<u64> = (0..VERSIONS.len())
        .map(|at| {
            let (program, word) = program(at);
            let counts = (0..COUNTED).map(|_| {
                let mut command = Watch::Instructions(Path::new("/dev/null")).command(program);
                let output = command.arg(word).env_clear().output();
                let output = output.expect("valgrind starts");
                assert!(output.status.success(), "{command:?}: {output:?}");
                instructions(&String::from_utf8_lossy(&output.stderr))
            });
            median(counts.collect())
        })
        .collect();
    let heads = [
        "program",
        "exec to exit ms, min",
        "median",
        "x",
        "instr",
        "x",
    ];
    let title = "The version: the whole life of the process (x against hand)";
    let mut table = Table::new(title, &heads);
    for (at, (service, word)) in VERSIONS.iter().enumerate() {
        let pairs = walls[at].iter().zip(&walls[0]);
        let quotients = pairs.map(|(own, of)| own.as_secs_f64() / of.as_secs_f64());
        table.row([
            format!("{service} {word}"),
            least(&walls[at]),
            millis(median(walls[at].clone())),
            format!("{:.2}", median(quotients.collect())),
            grouped(counts[at]),
            format!("{:.2}", ratio(counts[at], counts[0])),
        ]);
    }
    println!("{table}");
}
