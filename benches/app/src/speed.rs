//! Requests, each with one event in the log, which is a pipe that is read.

use std::path::Path;

use bench_support::{
    CLIENTS, End, Round, Server, Table, Watch, Work, each, grouped, heap_requests, median, middle,
    ratio, repeat, rounds, share, system_calls,
};

use crate::services::{ALL, Service, build};

/// Of one request.
struct Counts {
    instructions: u64,
    system_calls: f64,
    allocations: f64,
    bytes: f64,
}

/// The table of the services that serve a greeting.
pub fn report() {
    let services = ALL.map(|name| build(name).with("LOG_REQUESTS", "true"));
    let title = format!(
        "An event for each request, keep-alive: {CLIENTS} requests in flight (x against {})",
        ALL[0]
    );
    table(&title, &services, "/");
}

/// Prints the table of these services, the first of which is the measure.
pub fn table(title: &str, services: &[Service], path: &'static str) {
    let work = Work::KeepAlive(path);
    // One worker, since there is one core for it.
    let services: Vec<_> = services
        .iter()
        .map(|service| service.clone().workers(1))
        .collect();
    let rounds = rounds(services.len(), |at| services[at].command(), work);
    let counts: Vec<_> = services
        .iter()
        .map(|service| counts(service, work))
        .collect();
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
    for ((service, own), count) in services.iter().zip(&rounds).zip(&counts) {
        let share = |part: fn(&Round) -> f64| format!("{:.2}", share(own, &rounds[0], part));
        table.row([
            service.name.to_owned(),
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

fn counts(service: &Service, work: Work) -> Counts {
    let instructions = |count| {
        let watch = Watch::Instructions(Path::new("/dev/null"));
        [watched(watch, service, work, count).instructions(), 0]
    };
    let calls = |count| {
        let end = watched(Watch::SystemCalls, service, work, count);
        [system_calls(&end.stderr), 0]
    };
    let heap = |count| heap_requests(&watched(Watch::Heap, service, work, count).stderr);
    let [allocations, bytes] = each(heap);
    Counts {
        instructions: median((0..3).map(|_| each(instructions)[0]).collect()) as u64,
        system_calls: each(calls)[0],
        allocations,
        bytes,
    }
}

/// One request after another.
fn watched(watch: Watch<'_>, service: &Service, work: Work, count: u32) -> End {
    let server = Server::start(service.watched(watch));
    repeat(server.port, work, count);
    server.terminate()
}
