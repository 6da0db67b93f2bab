//! Loads 10, 50 and 200 variables out of 300 with tf-config and its peers.
//!
//! Without arguments it prints Markdown tables. `profile CONTESTANT SIZE FILE` writes a callgrind
//! profile instead.

mod by_hand;
mod contestants;
mod environment;

use std::path::Path;

use bench_support::{
    Column, Counting, Figure, Job, Outcome, Race, Stdout, Subject, Table, machine_line,
    peer_versions,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// With the bars: at most so many times the instructions of envy, and from ready pairs of envy-iter.
const SIZES: [(usize, f64, f64); 3] = [(10, 1.1, 0.5), (50, 1.0, 0.5), (200, 1.0, 0.75)];
const COUNTED_LOADS: u32 = 10;
/// Of one load among many, and of the first one of a process.
const LOAD: &str = "instr/load";
const FIRST: &str = "first load";
const VERSIONS: [&str; 8] = [
    "tf-config",
    "envy",
    "figment",
    "config",
    "confique",
    "conf",
    "clap",
    "envconfig",
];

fn main() {
    if let Some((job, arguments)) = Job::from_args() {
        return match arguments.as_slice() {
            [] => job.run(|| ()),
            [size, contestant] => contestants::race(job, parse(size), contestant),
            _ => panic!("a child takes a size and a contestant"),
        };
    }
    let withheld = Subject::variables_added_by_valgrind();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => report(withheld),
        [verb, contestant, size, file] if verb == "profile" => {
            subject(contestant, parse(size), withheld).profile(200, Path::new(file));
        }
        _ => panic!("usage: bench-config [profile CONTESTANT SIZE FILE]"),
    }
}

fn parse(size: &str) -> usize {
    size.parse().expect("a size is a number")
}

fn subject(contestant: &str, size: usize, withheld: usize) -> Subject {
    Subject {
        arguments: vec![size.to_string(), contestant.to_owned()],
        environment: environment::variables(size, withheld),
        stdout: Stdout::Null,
    }
}

fn report(withheld: usize) {
    let lock = include_str!("../../Cargo.lock");
    println!("{}; {}\n", machine_line(), peer_versions(lock, &VERSIONS));
    let mut bars = Table::new(
        "Bars: instructions of tf-config",
        &[
            "variables",
            "contestant",
            "against",
            "bar",
            "x first load",
            "x load among many",
        ],
    );
    for (size, process_bar, pairs_bar) in SIZES {
        let from_process = ("the process environment", &contestants::FROM_PROCESS[..]);
        let from_pairs = ("ready pairs", &contestants::FROM_PAIRS[..]);
        for ((source, contestants), bar) in [(from_process, process_bar), (from_pairs, pairs_bar)] {
            // Valgrind adds its own variables, so the process has 300 in either case.
            let counted = |contestant: &str| subject(contestant, size, withheld);
            let free = |contestant: &str| subject(contestant, size, 0);
            let outcome = Race {
                contestants,
                repetitions: COUNTED_LOADS,
                batch: 1,
                columns: vec![
                    Column::new(LOAD, "x instr", Figure::Instructions(&counted)),
                    Column::new(FIRST, "x first", Figure::First(&counted)),
                    Column::new("ns/load", "x ns", Figure::Nanos(&free)),
                    Column::new("allocs", "", Figure::Allocations(&free)),
                ],
            }
            .run();
            let title = format!("{size} variables out of 300, from {source}");
            println!("{}", outcome.table(&title));
            bars.row(verdict(size, contestants, &outcome, bar));
        }
    }
    println!("{bars}");
}

/// The kit comes second, after the measure of its table.
fn verdict(size: usize, contestants: &[&str], outcome: &Outcome, bar: f64) -> [String; 6] {
    let (measure, kit) = (contestants[0], contestants[1]);
    let held = |head| {
        let share = outcome.share(kit, measure, head);
        let verdict = if share <= bar { "held" } else { "missed" };
        format!("{share:.2} {verdict}")
    };
    [
        size.to_string(),
        kit.to_owned(),
        measure.to_owned(),
        format!("{bar:.2}"),
        held(FIRST),
        held(LOAD),
    ]
}
