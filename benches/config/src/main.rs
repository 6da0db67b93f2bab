//! Loads 10, 50 and 200 variables out of 300 with tf-config and its peers.
//!
//! Without arguments it prints Markdown tables. `profile CONTESTANT SIZE FILE` writes a callgrind
//! profile instead.

mod by_hand;
mod contestants;
mod environment;

use std::path::Path;

use bench_support::{
    Allocations, Counting, Job, Subject, Table, grouped, machine_line, median, peer_versions, ratio,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// With the bars: at most so many times the instructions of envy, and from ready pairs of envy-iter.
const SIZES: [(usize, f64, f64); 3] = [(10, 1.1, 0.5), (50, 1.0, 0.5), (200, 1.0, 0.75)];
const COUNTED_LOADS: u32 = 10;
const ROUNDS: usize = 7;
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

struct Figures {
    contestant: &'static str,
    /// Of one load among many, and of the first one of a process.
    instructions: u64,
    first: u64,
    allocations: Allocations,
    /// One per round.
    nanos: Vec<f64>,
}

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
        let from_process = measure(&contestants::FROM_PROCESS, size, withheld);
        let title = format!("{size} variables out of 300, from the process environment");
        println!("{}", table(&title, &from_process));
        let from_pairs = measure(&contestants::FROM_PAIRS, size, withheld);
        let title = format!("{size} variables out of 300, from ready pairs");
        println!("{}", table(&title, &from_pairs));
        for (all, bar) in [(&from_process, process_bar), (&from_pairs, pairs_bar)] {
            bars.row(verdict(size, all, bar));
        }
    }
    println!("{bars}");
}

fn measure(names: &[&'static str], size: usize, withheld: usize) -> Vec<Figures> {
    let mut all: Vec<Figures> = names
        .iter()
        .map(|&contestant| Figures {
            contestant,
            // Valgrind adds its own variables, so the process has 300 in either case.
            instructions: subject(contestant, size, withheld).instructions(COUNTED_LOADS),
            first: subject(contestant, size, withheld).first_instructions(),
            allocations: subject(contestant, size, 0).allocations(),
            nanos: Vec::new(),
        })
        .collect();
    for _ in 0..ROUNDS {
        for figures in &mut all {
            let nanos = subject(figures.contestant, size, 0).nanos();
            figures.nanos.push(nanos as f64);
        }
    }
    all
}

fn table(title: &str, all: &[Figures]) -> Table {
    let measure = &all[0];
    let mut table = Table::new(
        format!("{title} (x against {})", measure.contestant),
        &[
            "contestant",
            "instr/load",
            "x instr",
            "first load",
            "x first",
            "ns/load",
            "x ns",
            "allocs",
            "alloc B",
        ],
    );
    for figures in all {
        let of_round = |(own, base): (&f64, &f64)| own / base;
        let nanos_ratios = figures.nanos.iter().zip(&measure.nanos).map(of_round);
        table.row([
            figures.contestant.to_owned(),
            grouped(figures.instructions),
            format!("{:.2}", ratio(figures.instructions, measure.instructions)),
            grouped(figures.first),
            format!("{:.2}", ratio(figures.first, measure.first)),
            grouped(median(figures.nanos.clone()) as u64),
            format!("{:.2}", median(nanos_ratios.collect())),
            grouped(figures.allocations.count),
            grouped(figures.allocations.bytes),
        ]);
    }
    table
}

/// The kit comes second, after the measure of its table.
fn verdict(size: usize, all: &[Figures], bar: f64) -> [String; 6] {
    let (measure, kit) = (&all[0], &all[1]);
    let held = |share: f64| {
        let verdict = if share <= bar { "held" } else { "missed" };
        format!("{share:.2} {verdict}")
    };
    [
        size.to_string(),
        kit.contestant.to_owned(),
        measure.contestant.to_owned(),
        format!("{bar:.2}"),
        held(ratio(kit.first, measure.first)),
        held(ratio(kit.instructions, measure.instructions)),
    ]
}
