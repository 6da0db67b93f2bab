//! Writes one event as a line with tf-logs and its peers.
//!
//! Without arguments it prints Markdown tables. `line CONTESTANT WORK` prints what one repetition
//! writes, `profile CONTESTANT WORK FILE` writes a callgrind profile.

mod by_hand;
mod by_slog;
mod contestants;
mod memory;
mod noop;
mod verdict;
mod work;

use std::io::Write;
use std::path::Path;

use bench_support::{
    Column, Counting, Figure, Job, Outcome, Race, Stdout, Subject, machine_line, peer_versions,
};
use contestants::Sink;
use work::Work;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Each is a batch of units.
const COUNTED: u32 = 4;
const FILTER: &str = "info";
const FILTER_OF_ANOTHER: &str = "info,other_crate=debug";
const VERSIONS: [&str; 11] = [
    "tf-logs",
    "tracing",
    "tracing-subscriber",
    "json-subscriber",
    "tracing-bunyan-formatter",
    "tracing-ecs",
    "tracing-stackdriver",
    "tracing-logfmt",
    "tracing-appender",
    "slog",
    "slog-json",
];

fn main() {
    if let Some((job, arguments)) = Job::from_args() {
        let [work, contestant, sink] = arguments.as_slice() else {
            panic!("a child takes a work, a contestant and a sink");
        };
        let sink = match sink.as_str() {
            "memory" => Sink::Memory,
            _ => Sink::Stdout,
        };
        return contestants::race(job, parse(work), contestant, sink);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => report(),
        [verb, contestant, work] if verb == "line" => {
            let lines = subject(contestant, parse(work)).output(1);
            std::io::stdout()
                .write_all(&lines)
                .expect("stdout takes the lines");
        }
        [verb, contestant, work, file] if verb == "profile" => {
            subject(contestant, parse(work)).profile(200, Path::new(file));
        }
        _ => panic!("usage: bench-logs [line CONTESTANT WORK | profile CONTESTANT WORK FILE]"),
    }
}

fn parse(work: &str) -> Work {
    work.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Writes to `/dev/null` by way of stdout, as a service under a process manager does.
fn subject(contestant: &str, work: Work) -> Subject {
    Subject {
        arguments: vec![work.to_string(), contestant.to_owned(), "stdout".to_owned()],
        environment: vec![("RUST_LOG".to_owned(), FILTER.to_owned())],
        stdout: Stdout::Null,
    }
}

fn report() {
    let lock = include_str!("../../Cargo.lock");
    println!("{}; {}\n", machine_line(), peer_versions(lock, &VERSIONS));
    for contestant in contestants::ALL {
        check(contestant);
    }
    let [kit, floor] = ["tf-logs", "hand-fmt"].map(|contestant| {
        let lines = subject(contestant, Work::Event).output(1);
        lines.split(|&byte| byte == b'\n').map(<[u8]>::len).max()
    });
    assert_eq!(kit, floor, "the floor writes the kit's line");
    let event = lines(Work::Event, &contestants::ALL);
    let title = "One event of a message and 6 fields inside two spans of 3 fields";
    println!("{}", event.table(title));
    let request = lines(Work::Request, &contestants::ALL);
    let title = "A span of 3 fields made, entered, left and closed around one event";
    println!("{}", request.table(title));
    let on_tracing: Vec<_> = contestants::ALL[..9].to_vec();
    let dotted = lines(Work::Dotted, &on_tracing);
    let title = "One event with dotted names inside two spans of 3 fields";
    println!("{}", dotted.table(title));
    println!(
        "{}",
        pair().table("Two threads, one pipe: wall time of one event")
    );
    let [plain, of_another] = [FILTER, FILTER_OF_ANOTHER].map(disabled);
    let title = format!("A `debug!` of 6 fields refused by `{FILTER}`");
    println!("{}", plain.table(&title));
    let title = format!("A `debug!` of 6 fields refused by `{FILTER_OF_ANOTHER}`");
    println!("{}", of_another.table(&title));
    println!(
        "{}",
        verdict::bars(&event, &dotted, &request, [&plain, &of_another])
    );
}

/// Every line shows every value.
fn check(contestant: &str) {
    let lines = subject(contestant, Work::Event).output(1);
    let lines = String::from_utf8(lines).expect("lines are UTF-8");
    if contestants::SILENT.contains(&contestant) {
        return;
    }
    let mut found = lines.lines().filter(|line| line.contains(work::MESSAGE));
    let last = found.next_back().unwrap_or_default();
    for value in work::SHOWN {
        assert!(last.contains(value), "{contestant} lost {value}: {last}");
    }
    if contestant != "logfmt" {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(last);
        assert!(parsed.is_ok(), "{contestant} writes no JSON: {last}");
    }
}

fn lines(work: Work, contestants: &[&'static str]) -> Outcome {
    let null = |contestant: &str| subject(contestant, work);
    let memory = |contestant: &str| {
        let mut subject = null(contestant);
        subject.arguments[2] = "memory".to_owned();
        subject
    };
    let pipe = |contestant: &str| Subject {
        stdout: Stdout::Pipe,
        ..null(contestant)
    };
    let columns = vec![
        Column::new("instr", "x instr", Figure::Instructions(&null)),
        Column::new("allocs", "", Figure::Allocations(&null)),
        Column::new("syscalls", "", Figure::SystemCalls(&null)),
        Column::new("ns memory", "x memory", Figure::Nanos(&memory)),
        Column::new("ns null", "x null", Figure::Nanos(&null)),
        Column::new("ns pipe", "x pipe", Figure::Nanos(&pipe)),
        Column::new("bytes", "", Figure::Output(&null)),
    ];
    race(work, contestants, columns)
}

fn pair() -> Outcome {
    let pipe = |contestant: &str| Subject {
        stdout: Stdout::Pipe,
        ..subject(contestant, Work::Pair)
    };
    let column = Column::new("ns", "x ns", Figure::Nanos(&pipe));
    race(Work::Pair, &contestants::ALL, vec![column])
}

fn disabled(filter: &str) -> Outcome {
    let cast = |contestant: &str| Subject {
        environment: vec![("RUST_LOG".to_owned(), filter.to_owned())],
        ..subject(contestant, Work::Disabled)
    };
    let columns = vec![
        Column::new("instr", "x instr", Figure::Instructions(&cast)),
        Column::new("ns", "x ns", Figure::Nanos(&cast)),
        Column::new("allocs", "", Figure::Allocations(&cast)),
        Column::new("bytes", "", Figure::Output(&cast)),
    ];
    race(Work::Disabled, &contestants::FILTERS, columns)
}

fn race(work: Work, contestants: &[&'static str], columns: Vec<Column<'_>>) -> Outcome {
    Race {
        contestants,
        repetitions: COUNTED,
        batch: work.batch(),
        columns,
    }
    .run()
}
