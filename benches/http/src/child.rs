//! This binary as a server.

use std::path::PathBuf;
use std::process::Command;

use bench_support::{Server, is_answered};

/// Where this binary is.
pub fn this_binary() -> PathBuf {
    std::env::current_exe().expect("the path of this binary is known")
}

/// Starts the contestant and waits until it has answered a request.
pub fn start(contestant: &str, workers: usize) -> Server {
    run(Command::new(this_binary()), "serve", contestant, workers)
}

/// As [`start`], with a program before this binary, or another role.
pub fn run(command: Command, role: &str, contestant: &str, workers: usize) -> Server {
    let server = Server::start(playing(command, role, contestant, workers));
    assert!(is_answered(server.port), "{contestant} answers");
    server
}

/// The command with its arguments and variables.
pub fn playing(mut command: Command, role: &str, contestant: &str, workers: usize) -> Command {
    command
        .args([role, contestant])
        .env_clear()
        .env("TOKIO_WORKER_THREADS", workers.to_string());
    command
}
