//! The programs: the same service, put together in several ways. Each is a package of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_support::{HELLO, Watch};

/// Those that serve a greeting; the measure of the others comes first.
pub const ALL: [&str; 5] = ["hand", "tf-app", "floor", "assembly", "bare"];

/// What they are configured with.
const VARIABLES: [(&str, &str); 5] = [
    ("GREETING", HELLO),
    ("REGION", "eu-central"),
    (
        "DATABASE_URL",
        "postgres://app:pass@db-1.internal.example:5432/app",
    ),
    ("POOL_SIZE", "20"),
    ("REQUEST_LIMIT", "500"),
];

/// A program with all that it is given.
#[derive(Clone, Debug)]
pub struct Service {
    pub name: &'static str,
    pub program: PathBuf,
    arguments: &'static [&'static str],
    variables: Vec<(&'static str, String)>,
}

impl Service {
    /// It chooses a port of the loopback.
    pub fn new(name: &'static str, program: PathBuf, arguments: &'static [&'static str]) -> Self {
        Self {
            name,
            program,
            arguments,
            variables: vec![("LISTEN", "127.0.0.1:0".to_owned())],
        }
    }

    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.variables.push((name, text.into()));
        self
    }

    /// With so many threads that work.
    pub fn workers(self, count: usize) -> Self {
        self.with("TOKIO_WORKER_THREADS", count.to_string())
    }

    pub fn command(&self) -> Command {
        self.configured(Command::new(&self.program))
    }

    pub fn watched(&self, watch: Watch<'_>) -> Command {
        self.configured(watch.command(&self.program))
    }

    fn configured(&self, mut command: Command) -> Command {
        let variables = self.variables.iter().map(|(name, text)| (name, text));
        command.args(self.arguments).env_clear().envs(variables);
        command
    }
}

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
    cargo_at(verb, MANIFEST)
}

/// The same on another workspace.
pub fn cargo_at(verb: &str, manifest: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .arg(verb)
        .args(["--quiet", "--locked", "--manifest-path", manifest])
        .env("CARGO_PROFILE_RELEASE_LTO", "false");
    cargo
}

/// Runs it, and gives what it printed.
pub fn output(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// Builds the package by itself, so that it has the features it asks for and no others.
pub fn built(package: &str) -> PathBuf {
    output(cargo("build").args(["--release", "--package", package]));
    let own = std::env::current_exe().expect("the path of this binary is known");
    own.with_file_name(package)
}

/// Builds a service that serves a greeting.
pub fn build(name: &'static str) -> Service {
    let service = Service::new(name, built(&package(name)), &[]);
    VARIABLES
        .into_iter()
        .fold(service, |service, (name, text)| service.with(name, text))
}

/// The bytes of a file.
pub fn size(file: &Path) -> u64 {
    let data = std::fs::metadata(file);
    data.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        .len()
}
