//! Requests, idle connections and the end of a server, with tf-http and its peers.
//!
//! Without arguments it prints Markdown tables; `speed`, `memory`, `life` or `situations` prints some of them.
//! `situations TEXT` and `speed TEXT` take those whose name holds the text; `profile SERVER FILE` writes a callgrind profile of
//! 10,000 requests over one connection.

mod app;
mod busy;
mod by_actix;
mod child;
mod life;
mod memory;
mod servers;
mod situations;
mod speed;

use std::process::ExitCode;

use bench_support::{Allocations, Bars, Counting, Work, machine_line, peer_versions};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const VERSIONS: [&str; 7] = [
    "tf-http",
    "tokio",
    "hyper",
    "hyper-util",
    "axum",
    "axum-server",
    "actix-web",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", contestant] => return servers::main(contestant),
        ["count", contestant] => count(contestant),
        ["profile", contestant, file] => {
            speed::callgrind(contestant, Work::KeepAlive("/"), 10_000, file);
        }
        ["situations", part] => println!("{}", situations::table(part)),
        ["speed", part] => speed::report(part, &mut Bars::new("")),
        [] => report(&["speed", "memory", "life", "situations"]),
        parts => report(parts),
    }
    ExitCode::SUCCESS
}

/// Serves and says what it asked of the heap.
fn count(contestant: &str) {
    let seen = Allocations::during(|| {
        servers::main(contestant);
    });
    eprintln!("heap: {} {}", seen.count, seen.bytes);
}

fn report(parts: &[&str]) {
    let lock = include_str!("../../Cargo.lock");
    println!("{}; {}\n", machine_line(), peer_versions(lock, &VERSIONS));
    let mut bars = Bars::new("Bars of tf-http");
    for part in parts {
        match *part {
            "speed" => speed::report("", &mut bars),
            "memory" => memory::report(&mut bars),
            "life" => println!("{}", life::table()),
            "situations" => println!("{}", situations::table("")),
            _ => panic!("no part is called {part}"),
        }
    }
    if parts.iter().any(|part| ["speed", "memory"].contains(part)) {
        println!("{bars}");
    }
}
