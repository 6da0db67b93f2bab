//! Requests: how many, how long, how much work.

use std::process::Command;
use std::thread;
use std::time::Duration;

use bench_support::{Bars, Table, grouped, median, ratio};

use crate::child::{End, Server, this_binary};
use crate::load::{Round, WORKS, Work, measure, pin, repeat};

/// The measure of the others comes first, the kit second.
const ALL: [&str; 6] = [
    "hyper",
    "tf-http",
    "hyper-timer",
    "hyper-nodelay",
    "axum",
    "axum-server",
];
const ROUNDS: usize = 15;
const WARM_UP: Duration = Duration::from_millis(100);
const TIME: Duration = Duration::from_millis(300);
const CLIENTS: usize = 64;
/// Requests behind each count.
const COUNTED: u32 = 1_000;
const SERVER_CORE: usize = 0;
const CLIENT_CORE: usize = 1;

/// Prints a table for each kind of work whose title holds this text.
pub fn report(part: &str, bars: &mut Bars) {
    for work in WORKS.into_iter().filter(|work| work.title().contains(part)) {
        // A thread of its own, so that no other figure is taken on one core.
        let rounds = thread::scope(|scope| scope.spawn(|| rounds(work)).join());
        let rounds = rounds.expect("no round fails");
        let counts = ALL.map(|contestant| counts(contestant, work));
        println!("{}", throughput(work, &rounds, &counts));
        if work == Work::KeepAlive {
            let rate = share(&rounds[1], &rounds[0], |round| round.rate);
            bars.at_least("throughput, keep-alive, x hyper alone", 0.97, rate);
            let instructions = ratio(counts[1].instructions, counts[0].instructions);
            let what = "instructions of a request, keep-alive, x hyper alone";
            bars.at_most(what, 1.0 / 0.97, instructions);
        }
    }
}

/// One after the other, again and again, each a new process, with another one first each time.
fn rounds(work: Work) -> Vec<Vec<Round>> {
    let mut all: Vec<Vec<Round>> = ALL.iter().map(|_| Vec::new()).collect();
    for round in 0..ROUNDS {
        for turn in 0..ALL.len() {
            let at = (round + turn) % ALL.len();
            let server = on_its_core(ALL[at]);
            all[at].push(measure(&server, work, CLIENTS, WARM_UP, TIME));
            server.terminate();
        }
    }
    all
}

/// The child inherits the core of the thread that starts it.
fn on_its_core(contestant: &str) -> Server {
    pin(SERVER_CORE);
    let server = Server::start(contestant, 1);
    pin(CLIENT_CORE);
    server
}

fn middle(rounds: &[Round], part: impl Fn(&Round) -> f64) -> f64 {
    median(rounds.iter().map(part).collect())
}

/// The median over the rounds.
fn share(own: &[Round], of: &[Round], part: impl Fn(&Round) -> f64) -> f64 {
    let rounds = own.iter().zip(of);
    median(rounds.map(|(own, of)| part(own) / part(of)).collect())
}

fn throughput(work: Work, rounds: &[Vec<Round>], counts: &[Counts]) -> Table {
    let title = format!(
        "{}: {CLIENTS} requests in flight (x against {})",
        work.title(),
        ALL[0]
    );
    let heads = [
        "server",
        "requests/s",
        "x",
        "server CPU µs",
        "x",
        "core used",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "instr",
        "x",
        "system calls",
        "allocs",
        "alloc B",
    ];
    let mut table = Table::new(title, &heads);
    for ((name, own), count) in ALL.iter().zip(rounds).zip(counts) {
        let middle = |part: fn(&Round) -> f64| middle(own, part);
        let share = |part: fn(&Round) -> f64| format!("{:.2}", share(own, &rounds[0], part));
        table.row([
            (*name).to_owned(),
            grouped(middle(|round| round.rate) as u64),
            share(|round| round.rate),
            format!("{:.2}", 1e6 * middle(|round| round.busy)),
            share(|round| round.busy),
            format!("{:.2}", middle(|round| round.load)),
            format!("{:.0}", middle(|round| round.percentile(50.0))),
            format!("{:.0}", middle(|round| round.percentile(99.0))),
            format!("{:.0}", middle(|round| round.percentile(99.9))),
            grouped(count.instructions),
            format!("{:.2}", ratio(count.instructions, counts[0].instructions)),
            format!("{:.2}", count.system_calls),
            format!("{:.2}", count.allocations),
            format!("{:.0}", count.bytes),
        ]);
    }
    table
}

/// Of one request.
struct Counts {
    instructions: u64,
    system_calls: f64,
    allocations: f64,
    bytes: f64,
}

fn counts(contestant: &str, work: Work) -> Counts {
    let callgrind = |count| [callgrind(contestant, work, count, "/dev/null"), 0];
    let instructions = (0..3).map(|_| each(callgrind)[0]).collect();
    let [allocations, bytes] = each(|count| allocations(contestant, work, count));
    Counts {
        instructions: median(instructions).round() as u64,
        system_calls: each(|count| [system_calls(contestant, work, count), 0])[0],
        allocations,
        bytes,
    }
}

/// What each of `2n` requests costs more than `n`.
fn each(cost: impl Fn(u32) -> [u64; 2]) -> [f64; 2] {
    let (less, more) = (cost(COUNTED), cost(2 * COUNTED));
    [0, 1].map(|at| more[at].saturating_sub(less[at]) as f64 / f64::from(COUNTED))
}

/// One worker, one request after another.
fn end_after(command: Command, role: &str, contestant: &str, work: Work, count: u32) -> End {
    let server = Server::run(command, role, contestant, 1);
    repeat(server.port, work, count);
    server.terminate()
}

/// Writes a profile of so many requests, for `callgrind_annotate`.
pub fn callgrind(contestant: &str, work: Work, count: u32, file: &str) -> u64 {
    let mut command = Command::new("valgrind");
    command
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={file}"))
        .arg(this_binary().get_program());
    end_after(command, "serve", contestant, work, count).instructions()
}

fn system_calls(contestant: &str, work: Work, count: u32) -> u64 {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=none", "--trace-syscalls=yes"])
        .arg(this_binary().get_program());
    let end = end_after(command, "serve", contestant, work, count);
    // A call that may block has a second line, for its end; the clock is read without the kernel.
    let is_start = |line: &&str| {
        line.starts_with("SYSCALL[")
            && !line.contains(") ... [")
            && !line.contains("sys_clock_gettime")
    };
    end.stderr.lines().filter(is_start).count() as u64
}

/// Count and bytes.
fn allocations(contestant: &str, work: Work, count: u32) -> [u64; 2] {
    let end = end_after(this_binary(), "count", contestant, work, count);
    let figures = end
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("heap: "));
    let figures = figures.and_then(|figures| figures.split_once(' '));
    let (count, bytes) = figures.unwrap_or_else(|| panic!("no figures in {end:?}"));
    [count, bytes].map(|text| text.parse().expect("a count is a number"))
}
