//! A whole service on tf-app, and one on the crates below it, beside the same service assembled by hand.
//!
//! Without arguments it prints Markdown tables; `life`, `speed`, `orders` or `build` prints some of them.
//! `profile SERVICE FILE` writes a callgrind profile of a whole life.

mod cold;
mod life;
mod orders;
mod services;
mod speed;

use std::path::Path;

use bench_support::{Bars, machine_line, peer_versions};

const VERSIONS: [&str; 10] = [
    "tf-app",
    "axum",
    "tokio",
    "envy",
    "clap",
    "figment",
    "serde",
    "tracing",
    "tracing-subscriber",
    "sqlx",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["profile", service, file] => {
            life::profile(service, Path::new(file));
        }
        [] => report(&["life", "speed", "orders", "build"]),
        parts => report(parts),
    }
}

fn report(parts: &[&str]) {
    let lock = include_str!("../../Cargo.lock");
    println!("{}; {}\n", machine_line(), peer_versions(lock, &VERSIONS));
    let mut bars = Bars::new("Bars of tf-app");
    for part in parts {
        match *part {
            "life" => life::report(&mut bars),
            "speed" => speed::report(),
            "orders" => orders::report(),
            "build" => cold::report(&mut bars),
            _ => panic!("no part is called {part}"),
        }
    }
    if parts.iter().any(|part| ["life", "build"].contains(part)) {
        println!("{bars}");
    }
}
