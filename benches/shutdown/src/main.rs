//! Guards, waits for the stop, many parked tasks and the end of a process, with tf-shutdown and
//! its peers.
//!
//! Without arguments it prints Markdown tables; `guards`, `asks`, `tasks` or `processes` prints some
//! of them. `profile take|life CONTESTANT FILE` writes a callgrind profile of guards or tasks.

mod guards;
mod process;
mod tasks;

use std::path::Path;
use std::process::ExitCode;

use bench_support::{
    Bars, Column, Counting, Figure, Job, Race, Stdout, Subject, Table, machine_line, peer_versions,
};
use guards::Ask;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Each is a batch.
const COUNTED: u32 = 10;
const TASKS: u32 = 1_000;
const VERSIONS: [&str; 6] = [
    "tf-shutdown",
    "tokio",
    "tokio-util",
    "drain",
    "tokio-graceful",
    "tokio-graceful-shutdown",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["process", contestant] => return process::main(contestant),
        ["park", contestant, count, workers] => {
            println!(
                "{}",
                tasks::park(contestant, number(count), number(workers))
            );
        }
        [job, "life", contestant] => {
            if let Job::Repeat { times, .. } = parse(job) {
                tasks::park(contestant, times as usize, 1);
            }
        }
        [job, "take", contestant] => guards::take(parse(job), contestant),
        [job, "ask", contestant, how, threads] => {
            let ask = match *how {
                "again" => Ask::Again,
                _ => Ask::Afresh,
            };
            guards::ask(parse(job), contestant, ask, number(threads));
        }
        ["profile", work, contestant, file] => {
            child(&[work, contestant]).profile(TASKS, Path::new(file));
        }
        [] => report(&["guards", "asks", "tasks", "processes"]),
        parts => report(parts),
    }
    ExitCode::SUCCESS
}

fn parse(job: &str) -> Job {
    job.parse()
        .unwrap_or_else(|()| panic!("no job is called {job}"))
}

fn number<N: std::str::FromStr>(text: &str) -> N {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no number"))
}

fn report(parts: &[&str]) {
    let lock = include_str!("../../Cargo.lock");
    println!("{}; {}\n", machine_line(), peer_versions(lock, &VERSIONS));
    let mut bars = Bars::new("Bars of tf-shutdown");
    for part in parts {
        match *part {
            "guards" => guards(&mut bars),
            "asks" => asks(),
            "tasks" => {
                println!("{}", lives());
                tasks::report(&mut bars);
            }
            "processes" => println!("{}", process::table()),
            _ => panic!("no part is called {part}"),
        }
    }
    println!("{bars}");
}

fn take(contestant: &str) -> Subject {
    child(&["take", contestant])
}

fn child(arguments: &[&str]) -> Subject {
    Subject {
        arguments: arguments.iter().copied().map(str::to_owned).collect(),
        environment: Vec::new(),
        stdout: Stdout::Null,
    }
}

fn guards(bars: &mut Bars) {
    let outcome = Race {
        contestants: &guards::TAKE,
        repetitions: COUNTED,
        batch: guards::BATCH,
        columns: vec![
            Column::new("instr", "x instr", Figure::Instructions(&take)),
            Column::new("ns", "x ns", Figure::Nanos(&take)),
            Column::new("allocs", "", Figure::Allocations(&take)),
        ],
    }
    .run();
    println!("{}", outcome.table("A guard taken and dropped"));
    let kit = guards::TAKE[1];
    bars.at_most("guard, instructions", 40.0, outcome.of(kit, "instr"));
    bars.at_most("guard, allocations", 0.0, outcome.of(kit, "allocs"));
}

/// Of one task: spawned, parked, woken, ended.
fn lives() -> Table {
    let life = |contestant: &str| child(&["life", contestant]);
    Race {
        contestants: &tasks::ALL,
        repetitions: TASKS,
        batch: 1,
        columns: vec![Column::new("instr", "x instr", Figure::Instructions(&life))],
    }
    .run()
    .table("The whole life of one of many waiting tasks, 1 worker")
}

fn asks() {
    for (how, title) in [
        (
            "again",
            "A pending wait for the stop polled again by the same task",
        ),
        ("afresh", "A wait for the stop made, polled and dropped"),
    ] {
        let alone = |contestant: &str| child(&["ask", contestant, how, "1"]);
        let outcome = Race {
            contestants: &guards::ASK,
            repetitions: COUNTED,
            batch: guards::BATCH,
            columns: vec![
                Column::new("instr", "x instr", Figure::Instructions(&alone)),
                Column::new("ns", "x ns", Figure::Nanos(&alone)),
                Column::new("allocs", "", Figure::Allocations(&alone)),
            ],
        }
        .run();
        println!("{}", outcome.table(title));
        let both = |contestant: &str| child(&["ask", contestant, how, "2"]);
        let outcome = Race {
            contestants: &guards::ASK,
            repetitions: COUNTED,
            batch: 2 * guards::BATCH * guards::BATCHES_OF_A_THREAD,
            columns: vec![Column::new("ns", "x ns", Figure::Nanos(&both))],
        }
        .run();
        let title = format!("{title}, by two threads at once: wall time of one");
        println!("{}", outcome.table(&title));
    }
}
