//! A service that starts, answers once and ends; and one that only says its version.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bench_support::{Bars, End, Server, Table, Watch, grouped, instructions, is_ok, median, ratio};

use crate::services::{ALL, Service, build};

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

/// The tables of the services that serve a greeting.
pub fn report(bars: &mut Bars) {
    let services = ALL.map(|name| build(name).workers(WORKERS));
    let title = format!("Exec, one request, SIGTERM, exit (x against {})", ALL[0]);
    let lives = table(&title, &services, "/");
    let [app, bare] = ["tf-app", "bare"].map(place);
    let what = "exec, one request, SIGTERM, exit: instructions, x hand";
    bars.at_most(what, 1.2, ratio(lives.counts[app], lives.counts[0]));
    let what = "SIGTERM to exit when idle, x plain axum";
    let ends = share(&lives.all[app], &lives.all[bare], |life| life.end);
    bars.at_most(what, 1.2, ends);
    versions(&services);
}

fn place(service: &str) -> usize {
    let place = ALL.iter().position(|one| *one == service);
    place.expect("there is such a service")
}

/// What was seen of several services.
pub struct Lives {
    all: Vec<Vec<Life>>,
    /// Instructions of a whole life.
    counts: Vec<u64>,
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

/// Prints the table of these services, the first of which is the measure; each is asked for this path once.
pub fn table(title: &str, services: &[Service], path: &str) -> Lives {
    let all = in_turns(services.len(), ROUNDS, |at| live(&services[at], path));
    let counts = in_turns(services.len(), COUNTED, |at| {
        counted(&services[at], path, Path::new("/dev/null"))
    });
    let counts: Vec<u64> = counts.into_iter().map(median).collect();
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
    for ((service, own), count) in services.iter().zip(&all).zip(&counts) {
        let times = |part: fn(&Life) -> Duration| own.iter().map(part).collect::<Vec<_>>();
        let listening = times(|life| life.listening);
        let answer = times(|life| life.answer);
        let end = times(|life| life.end);
        table.row([
            service.name.to_owned(),
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
    Lives { all, counts }
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

fn live(service: &Service, path: &str) -> Life {
    let begin = Instant::now();
    let server = Server::start(service.command());
    let listening = begin.elapsed();
    assert!(is_ok(server.port, path), "{} answers", service.name);
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

fn counted(service: &Service, path: &str, file: &Path) -> u64 {
    let server = Server::start(service.watched(Watch::Instructions(file)));
    assert!(is_ok(server.port, path), "{} answers", service.name);
    ended(server).instructions()
}

/// Writes a profile of one life, for `callgrind_annotate`.
pub fn profile(service: &str, file: &Path) {
    let service = build(ALL[place(service)]).workers(WORKERS);
    counted(&service, "/", file);
}

fn versions(services: &[Service]) {
    let program = |at: usize| (&services[place(VERSIONS[at].0)].program, VERSIONS[at].1);
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
