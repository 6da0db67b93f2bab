//! Requests, each with one event in the log, which is a pipe that is read.

use std::path::Path;
use std::process::Command;

use bench_support::{
    CLIENTS, End, Round, Server, Table, Watch, Work, each, grouped, heap_requests, median, middle,
    ratio, repeat, rounds, share, system_calls,
};

use crate::services::{ALL, build, configured};

const WORK: Work = Work::KeepAlive;

/// Of one request.
struct Counts {
    instructions: u64,
    system_calls: f64,
    allocations: f64,
    bytes: f64,
}

/// The table of all services.
pub fn report() {
    let programs = ALL.map(build);
    let command = |at: usize| serving(Command::new(&programs[at]));
    let rounds = rounds(ALL.len(), command, WORK);
    let counts = programs.each_ref().map(|program| counts(program));
    let title = format!(
        "{}, an event for each request: {CLIENTS} requests in flight (x against {})",
        WORK.title(),
        ALL[0]
    );
    let heads = [
        "service",
        "requests/s",
        "x",
        "server CPU µs",
        "x",
        "core used",
        "instr",
        "x",
        "system calls",
        "allocs",
        "alloc B",
    ];
    let mut table = Table::new(title, &heads);
    for ((service, own), count) in ALL.iter().zip(&rounds).zip(&counts) {
        let share = |part: fn(&Round) -> f64| format!("{:.2}", share(own, &rounds[0], part));
        table.row([
            (*service).to_owned(),
            grouped(middle(own, |round| round.rate) as u64),
            share(|round| round.rate),
            format!("{:.2}", 1e6 * middle(own, |round| round.busy)),
            share(|round| round.busy),
            format!("{:.2}", middle(own, |round| round.load)),
            grouped(count.instructions),
            format!("{:.2}", ratio(count.instructions, counts[0].instructions)),
            format!("{:.2}", count.system_calls),
            format!("{:.2}", count.allocations),
            format!("{:.0}", count.bytes),
        ]);
    }
    println!("{table}");
}

fn serving(command: Command) -> Command {
    configured(command, 1, true)
}

fn counts(program: &Path) -> Counts {
    let instructions = |count| {
        let watch = Watch::Instructions(Path::new("/dev/null"));
        [watched(watch, program, count).instructions(), 0]
    };
    let calls = |count| {
        let end = watched(Watch::SystemCalls, program, count);
        [system_calls(&end.stderr), 0]
    };
    let heap = |count| heap_requests(&watched(Watch::Heap, program, count).stderr);
    let [allocations, bytes] = each(heap);
    Counts {
        instructions: median((0..3).map(|_| each(instructions)[0]).collect()) as u64,
        system_calls: each(calls)[0],
        allocations,
        bytes,
    }
}

/// One worker, one request after another.
fn watched(watch: Watch<'_>, program: &Path, count: u32) -> End {
    let server = Server::start(serving(watch.command(program)));
    repeat(server.port, WORK, count);
    server.terminate()
}
