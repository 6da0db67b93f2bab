//! A server that starts, answers once and ends.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use bench_support::{REQUEST, Table, Watch, grouped, has_answer, median, ratio, send};

use crate::child::{run, start, this_binary};

/// The measure of the others comes first, the kit second.
const ALL: [&str; 4] = ["axum", "tf-http", "hyper", "axum-server"];
const WORKERS: usize = 2;
const ROUNDS: usize = 31;

struct Life {
    answer: Duration,
    end: Duration,
    end_with_client: Duration,
}

/// The table of all contestants.
pub fn table() -> Table {
    let mut lives: Vec<Vec<Life>> = ALL.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (contestant, lives) in ALL.iter().zip(&mut lives) {
            lives.push(live(contestant));
        }
    }
    let instructions = ALL.map(instructions);
    let heads = [
        "server",
        "exec to first 200 ms, min",
        "median",
        "SIGTERM to exit ms, min",
        "median",
        "x",
        "with an idle client ms, median",
        "instr of the whole life",
        "x",
    ];
    let title = format!("An idle server (x against {})", ALL[0]);
    let mut table = Table::new(title, &heads);
    for ((contestant, own), count) in ALL.iter().zip(&lives).zip(instructions) {
        let quotients = own.iter().zip(&lives[0]);
        let quotients = quotients.map(|(own, of)| own.end.as_secs_f64() / of.end.as_secs_f64());
        table.row([
            (*contestant).to_owned(),
            millis(own.iter().map(|life| life.answer).min().unwrap_or_default()),
            millis(median(own.iter().map(|life| life.answer).collect())),
            millis(own.iter().map(|life| life.end).min().unwrap_or_default()),
            millis(median(own.iter().map(|life| life.end).collect())),
            format!("{:.2}", median(quotients.collect())),
            millis(median(
                own.iter().map(|life| life.end_with_client).collect(),
            )),
            grouped(count),
            format!("{:.2}", ratio(count, instructions[0])),
        ]);
    }
    table
}

fn millis(time: Duration) -> String {
    format!("{:.2}", 1_000.0 * time.as_secs_f64())
}

fn live(contestant: &str) -> Life {
    let begin = Instant::now();
    let server = start(contestant, WORKERS);
    let answer = begin.elapsed();
    // Its threads go to sleep before the signal comes.
    thread::sleep(Duration::from_millis(10));
    let end = server.terminate().after;

    let server = start(contestant, WORKERS);
    let mut client = send(server.port, REQUEST);
    assert!(has_answer(&mut client));
    thread::sleep(Duration::from_millis(10));
    Life {
        answer,
        end,
        end_with_client: server.terminate().after,
    }
}

/// Of all threads, in user space; the median of a few lives, which differ by what threads happen to do.
fn instructions(contestant: &str) -> u64 {
    let counts = (0..5).map(|_| {
        let command = Watch::Instructions(Path::new("/dev/null")).command(&this_binary());
        run(command, "serve", contestant, WORKERS)
            .terminate()
            .instructions()
    });
    median(counts.collect())
}
