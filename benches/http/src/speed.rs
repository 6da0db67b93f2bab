//! Requests: how many, how long, how much work.

use std::path::Path;
use std::process::Command;

use bench_support::{
    Bars, CLIENTS, End, Round, Table, WORKS, Watch, Work, each, grouped, median, middle, ratio,
    repeat, rounds, share, system_calls,
};

use crate::child::{playing, run, this_binary};

/// The measure of the others comes first, the kit second.
const ALL: [&str; 6] = [
    "hyper",
    "tf-http",
    "hyper-timer",
    "hyper-nodelay",
    "axum",
    "axum-server",
];
/// Prints a table for each kind of work whose title holds this text.
pub fn report(part: &str, bars: &mut Bars) {
    for work in WORKS.into_iter().filter(|work| work.title().contains(part)) {
        let command = |at: usize| playing(Command::new(this_binary()), "serve", ALL[at], 1);
        let rounds = rounds(ALL.len(), command, work);
        let counts = ALL.map(|contestant| counts(contestant, work));
        println!("{}", throughput(work, &rounds, &counts));
        if work == Work::KeepAlive("/") {
            let rate = share(&rounds[1], &rounds[0], |round| round.rate);
            bars.at_least("throughput, keep-alive, x hyper alone", 0.97, rate);
            let instructions = ratio(counts[1].instructions, counts[0].instructions);
            let what = "instructions of a request, keep-alive, x hyper alone";
            bars.at_most(what, 1.0 / 0.97, instructions);
        }
    }
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
        system_calls: each(|count| [calls(contestant, work, count), 0])[0],
        allocations,
        bytes,
    }
}

/// One worker, one request after another.
fn end_after(command: Command, role: &str, contestant: &str, work: Work, count: u32) -> End {
    let server = run(command, role, contestant, 1);
    repeat(server.port, work, count);
    server.terminate()
}

/// Writes a profile of so many requests, for `callgrind_annotate`.
pub fn callgrind(contestant: &str, work: Work, count: u32, file: &str) -> u64 {
    let command = Watch::Instructions(Path::new(file)).command(&this_binary());
    end_after(command, "serve", contestant, work, count).instructions()
}

fn calls(contestant: &str, work: Work, count: u32) -> u64 {
    let command = Watch::SystemCalls.command(&this_binary());
    system_calls(&end_after(command, "serve", contestant, work, count).stderr)
}

/// Count and bytes.
fn allocations(contestant: &str, work: Work, count: u32) -> [u64; 2] {
    let end = end_after(
        Command::new(this_binary()),
        "count",
        contestant,
        work,
        count,
    );
    let figures = end
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("heap: "));
    let figures = figures.and_then(|figures| figures.split_once(' '));
    let (count, bytes) = figures.unwrap_or_else(|| panic!("no figures in {end:?}"));
    [count, bytes].map(|text| text.parse().expect("a count is a number"))
}
