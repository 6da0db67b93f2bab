//! Parses one locator with tf-backing, `url` and the parsers of drivers.
//!
//! Without arguments it prints Markdown tables. `profile CONTESTANT TEXT FILE` writes a callgrind
//! profile instead.

mod by_hand;
mod contestants;
mod texts;

use std::path::Path;

use bench_support::{
    Column, Counting, Figure, Job, Outcome, Race, Stdout, Subject, Table, machine_line,
    peer_versions,
};
use texts::Text;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const COUNTED: u32 = 200;
const INSTRUCTIONS_BAR: f64 = 1.0;
const ALLOCATIONS_BAR: f64 = 4.0;
const VERSIONS: [&str; 6] = [
    "tf-backing",
    "url",
    "sqlx-postgres",
    "tokio-postgres",
    "redis",
    "amq-protocol-uri",
];

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
        stdout: Stdout::Null,
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
        let cast = |contestant: &str| subject(contestant, text.name);
        let outcome = Race {
            contestants: text.contestants,
            repetitions: COUNTED,
            batch: 1,
            columns: vec![
                Column::new("instr", "x instr", Figure::Instructions(&cast)),
                Column::new("ns", "x ns", Figure::Nanos(&cast)),
                Column::new("allocs", "", Figure::Allocations(&cast)),
                Column::new("syscalls", "", Figure::SystemCalls(&cast)),
            ],
        }
        .run();
        let title = format!("{}: `{}`", text.name, text.url);
        println!("{}", outcome.table(&title));
        bars.row(verdict(&text, &outcome));
    }
    println!("{bars}");
}

/// The kit comes second, after the measure of its table.
fn verdict(text: &Text, outcome: &Outcome) -> [String; 8] {
    let (measure, kit) = (text.contestants[0], text.contestants[1]);
    let share = outcome.share(kit, measure, "instr");
    let (allocations, system_calls) = (outcome.of(kit, "allocs"), outcome.of(kit, "syscalls"));
    let held = share <= INSTRUCTIONS_BAR && allocations <= ALLOCATIONS_BAR && system_calls == 0.0;
    [
        text.name.to_owned(),
        format!("{share:.2}"),
        format!("{INSTRUCTIONS_BAR:.2}"),
        allocations.to_string(),
        ALLOCATIONS_BAR.to_string(),
        system_calls.to_string(),
        "0".to_owned(),
        if held { "held" } else { "missed" }.to_owned(),
    ]
}
