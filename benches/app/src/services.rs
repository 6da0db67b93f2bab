//! The programs: the same service, put together in several ways. Each is a package of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Those that serve a greeting; the measure of the others comes first.
pub const ALL: [&str; 5] = ["hand", "tf-app", "floor", "assembly", "bare"];

/// Where each looks for its configuration.
const VARIABLES: [(&str, &str); 6] = [
    ("LISTEN", "127.0.0.1:0"),
    ("GREETING", bench_support::HELLO),
    ("REGION", "eu-central"),
    (
        "DATABASE_URL",
        "postgres://app:pass@db-1.internal.example:5432/app",
    ),
    ("POOL_SIZE", "20"),
    ("REQUEST_LIMIT", "500"),
];

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");

/// The package of a service.
pub fn package(service: &str) -> String {
    match service {
        "tf-app" => "service-app".to_owned(),
        _ => format!("service-{service}"),
    }
}

/// Cargo on this workspace, with the release profile that every new package has.
pub fn cargo(verb: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .arg(verb)
        .args(["--quiet", "--locked", "--manifest-path", MANIFEST])
        .env("CARGO_PROFILE_RELEASE_LTO", "false");
    cargo
}

/// Runs it, and gives what it printed.
pub fn output(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("cargo prints text")
}

/// Builds the service by itself, so that it has the features it asks for and no others.
pub fn build(service: &str) -> PathBuf {
    let package = package(service);
    output(cargo("build").args(["--release", "--package", &package]));
    let own = std::env::current_exe().expect("the path of this binary is known");
    own.with_file_name(package)
}

/// Runs the program, or a tool that is given it, with nothing but its variables.
pub fn configured(mut command: Command, workers: usize, log_requests: bool) -> Command {
    command
        .env_clear()
        .envs(VARIABLES)
        .env("LOG_REQUESTS", log_requests.to_string())
        .env("TOKIO_WORKER_THREADS", workers.to_string());
    command
}

/// The bytes of a file.
pub fn size(file: &Path) -> u64 {
    let data = std::fs::metadata(file);
    data.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        .len()
}
