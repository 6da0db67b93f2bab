//! Parses one locator with tf-backing, `url` and the parsers of drivers.
//!
//! Without arguments it prints Markdown tables. `profile CONTESTANT TEXT FILE` writes a callgrind
//! profile instead.

mod by_hand;
mod contestants;
mod texts;

use std::path::Path;

use bench_support::{
    Allocations, Counting, Job, Subject, Table, grouped, machine_line, median, peer_versions, ratio,
};
use texts::Text;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const COUNTED: u32 = 200;
const ROUNDS: usize = 7;
const INSTRUCTIONS_BAR: f64 = 1.0;
const ALLOCATIONS_BAR: u64 = 4;
const VERSIONS: [&str; 6] = [
    "tf-backing",
    "url",
    "sqlx-postgres",
    "tokio-postgres",
    "redis",
    "amq-protocol-uri",
];

struct Figures {
    contestant: &'static str,
    instructions: u64,
    allocations: Allocations,
    system_calls: u64,
    /// One per round.
    nanos: Vec<f64>,
}

fn main() {
    if let Some((job, arguments)) = Job::from_args() {
        return match arguments.as_slice() {
            [text, contestant] => contestants::race(job, &find(text), contestant),
            _ => panic!("a child takes a text and a contestant"),
        };
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => report(),
        [verb, contestant, text, file] if verb == "profile" => {
            subject(contestant, find(text).name).profile(COUNTED, Path::new(file));
        }
        _ => panic!("usage: bench-backing [profile CONTESTANT TEXT FILE]"),
    }
}

fn find(name: &str) -> Text {
    texts::all()
        .into_iter()
        .find(|text| text.name == name)
        .unwrap_or_else(|| panic!("no text is called {name}"))
}

/// Without variables: some parsers look for defaults in the environment.
fn subject(contestant: &str, text: &str) -> Subject {
    Subject {
        arguments: vec![text.to_owned(), contestant.to_owned()],
        environment: Vec::new(),
    }
}

fn report() {
    let lock = include_str!("../../Cargo.lock");
    println!("{}; {}\n", machine_line(), peer_versions(lock, &VERSIONS));
    let mut bars = Table::new(
        "Bars: tf-backing against url",
        &[
            "text", "x instr", "bar", "allocs", "bar", "syscalls", "bar", "verdict",
        ],
    );
    for text in texts::all() {
        let all = measure(&text);
        let title = format!("{}: `{}` (x against url)", text.name, text.url);
        println!("{}", table(title, &all));
        bars.row(verdict(&text, &all));
    }
    println!("{bars}");
}

fn measure(text: &Text) -> Vec<Figures> {
    let figures = |&contestant| {
        let subject = subject(contestant, text.name);
        Figures {
            contestant,
            instructions: subject.instructions(COUNTED),
            allocations: subject.allocations(),
            system_calls: subject.system_calls(COUNTED),
            nanos: Vec::new(),
        }
    };
    let mut all: Vec<Figures> = text.contestants.iter().map(figures).collect();
    for _ in 0..ROUNDS {
        for figures in &mut all {
            let nanos = subject(figures.contestant, text.name).nanos();
            figures.nanos.push(nanos as f64);
        }
    }
    all
}

fn table(title: String, all: &[Figures]) -> Table {
    let measure = &all[0];
    let heads = [
        "contestant",
        "instr",
        "x instr",
        "ns",
        "x ns",
        "allocs",
        "alloc B",
        "syscalls",
    ];
    let mut table = Table::new(title, &heads);
    for figures in all {
        let of_round = |(own, base): (&f64, &f64)| own / base;
        let nanos_ratios = figures.nanos.iter().zip(&measure.nanos).map(of_round);
        table.row([
            figures.contestant.to_owned(),
            grouped(figures.instructions),
            format!("{:.2}", ratio(figures.instructions, measure.instructions)),
            grouped(median(figures.nanos.clone()) as u64),
            format!("{:.2}", median(nanos_ratios.collect())),
            grouped(figures.allocations.count),
            grouped(figures.allocations.bytes),
            grouped(figures.system_calls),
        ]);
    }
    table
}

/// The kit comes second, after the measure of its table.
fn verdict(text: &Text, all: &[Figures]) -> [String; 8] {
    let (measure, kit) = (&all[0], &all[1]);
    let share = ratio(kit.instructions, measure.instructions);
    let held = share <= INSTRUCTIONS_BAR
        && kit.allocations.count <= ALLOCATIONS_BAR
        && kit.system_calls == 0;
    [
        text.name.to_owned(),
        format!("{share:.2}"),
        format!("{INSTRUCTIONS_BAR:.2}"),
        kit.allocations.count.to_string(),
        ALLOCATIONS_BAR.to_string(),
        kit.system_calls.to_string(),
        "0".to_owned(),
        if held { "held" } else { "missed" }.to_owned(),
    ]
}
