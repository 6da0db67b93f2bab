//! Prints Markdown tables: `admin list` of 200 tasks beside bare clap, and a thousand runs in one process.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bench_admin::TASKS;
use bench_support::{Bars, Table, grouped, machine_line, median, peer_versions, ratio};

/// The measure first.
const LISTS: [&str; 2] = ["list-clap", "list-admin"];

const ROUNDS: usize = 201;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let versions = peer_versions(lock, &["tf-admin", "clap"]);
    println!("{}; {versions}\n", machine_line());
    let mut bars = Bars::new("Bars of tf-admin");
    let release = build(&["--release"]);
    println!("{}", lists(&release, &mut bars));
    let builds = [("dev, as tests are", build(&[])), ("release", release)];
    println!("{}", runs(&builds, &mut bars));
    println!("{bars}");
}

/// Builds the programs of this package; the folder where they are.
fn build(options: &[&str]) -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "bench-admin", "--bins"]);
    cargo.args(["--manifest-path", manifest]).args(options);
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "the programs do not build");
    let own = std::env::current_exe().expect("the path of this binary is known");
    let target = own.ancestors().nth(2).expect("it lies in a target folder");
    let profile = if options.is_empty() {
        "debug"
    } else {
        "release"
    };
    target.join(profile)
}

fn output(command: &mut Command) -> Output {
    let output = command.env_clear().stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

fn lists(folder: &std::path::Path, bars: &mut Bars) -> Table {
    let program = |name: &str| folder.join(name);
    let [bare, kit] = LISTS.map(|name| output(Command::new(program(name)).arg("list")).stdout);
    assert!(bare == kit, "the lists are the same");

    let mut walls: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        // Each is the first one in every second round.
        for turn in [round % 2, 1 - round % 2] {
            let mut command = Command::new(program(LISTS[turn]));
            command
                .arg("list")
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            let start = Instant::now();
            let status = command.status().expect("the program starts");
            walls[turn].push(start.elapsed());
            assert!(status.success());
        }
    }
    let pairs = walls[1].iter().zip(&walls[0]);
    let more = pairs.map(|(own, of)| own.as_secs_f64() - of.as_secs_f64());
    let more = 1_000.0 * median(more.collect());
    bars.at_most("list of 200 tasks: ms more than bare clap", 5.0, more);

    let instructions = LISTS.map(|name| instructions(&program(name)));
    let title = format!(
        "`list` of {TASKS} tasks: the whole life of the process (x against {})",
        LISTS[0]
    );
    let heads = [
        "program",
        "wall ms, min",
        "median",
        "median of the differences",
        "instr",
        "x instr",
        "file B",
    ];
    let mut table = Table::new(title, &heads);
    for (place, name) in LISTS.iter().enumerate() {
        let least = walls[place].iter().min().copied().unwrap_or_default();
        let size = std::fs::metadata(program(name)).expect("it is built").len();
        table.row([
            (*name).to_owned(),
            millis(least),
            millis(median(walls[place].clone())),
            if place == 0 {
                String::new()
            } else {
                format!("{more:+.2}")
            },
            grouped(instructions[place]),
            format!("{:.2}", ratio(instructions[place], instructions[0])),
            grouped(size),
        ]);
    }
    table
}

fn millis(time: Duration) -> String {
    format!("{:.2}", 1_000.0 * time.as_secs_f64())
}

/// Of the whole life, in user space; the median of a few, since maps are seeded at random.
fn instructions(program: &std::path::Path) -> u64 {
    let valgrind = std::env::var_os("PATH").unwrap_or_default();
    let valgrind = std::env::split_paths(&valgrind)
        .map(|folder| folder.join("valgrind"))
        .find(|file| file.is_file())
        .expect("instructions are counted by valgrind, which is not in PATH");
    let counts = (0..5).map(|_| {
        let mut command = Command::new(&valgrind);
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        let output = output(command.arg(program).arg("list"));
        let report = String::from_utf8_lossy(&output.stderr).into_owned();
        let count = report
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        let count = count.and_then(|(_, count)| count.trim().parse().ok());
        count.unwrap_or_else(|| panic!("callgrind collected nothing:\n{report}"))
    });
    median(counts.collect())
}

fn runs(builds: &[(&str, PathBuf)], bars: &mut Bars) -> Table {
    let title =
        format!("1,000 runs through the harness, one after the other, registry of {TASKS} tasks");
    let mut table = Table::new(title, &["build", "seconds, min", "median", "us a run"]);
    for (build, folder) in builds {
        let seconds: Vec<f64> = (0..7)
            .map(|_| {
                let output = output(&mut Command::new(folder.join("runs")));
                let micros = String::from_utf8_lossy(&output.stdout)
                    .trim()
                    .parse::<f64>();
                micros.expect("it prints a number") / 1_000_000.0
            })
            .collect();
        let least = seconds.iter().copied().fold(f64::INFINITY, f64::min);
        let middle = median(seconds);
        if builds[0].0 == *build {
            bars.at_most("1,000 runs in a test build, seconds", 1.0, middle);
        }
        table.row([
            (*build).to_owned(),
            format!("{least:.3}"),
            format!("{middle:.3}"),
            format!("{:.0}", 1_000.0 * middle),
        ]);
    }
    table
}
