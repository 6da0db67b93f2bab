//! What a build costs that finds nothing built.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use bench_support::{Bars, Table, grouped};

use crate::services::{ALL, cargo, output, package, size};

const JOBS: &str = "2";

/// A folder that goes away with this.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let name = format!("bench-app-{}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir(&folder.0).expect("there is room for files that may go");
        folder
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays is in the folder for things that may go.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Cost {
    /// CPU seconds.
    seconds: f64,
    file: u64,
    stripped: u64,
    crates: usize,
    units: usize,
    syn: usize,
}

/// The table of all services.
pub fn report(bars: &mut Bars) {
    output(&mut cargo("fetch"));
    let costs = ALL.map(cost);
    let of = |service: &str| {
        let place = ALL.iter().position(|one| *one == service);
        &costs[place.expect("a service has its costs")]
    };
    let bare = of("bare");
    let over = |service: &str| of(service).seconds - bare.seconds;
    let heads = [
        "service",
        "CPU s",
        "over bare",
        "crates",
        "units",
        "syn versions",
        "binary KiB",
        "stripped KiB",
    ];
    let mut table = Table::new("A cold release build", &heads);
    for (service, cost) in ALL.iter().zip(&costs) {
        table.row([
            (*service).to_owned(),
            format!("{:.1}", cost.seconds),
            format!("{:.1}", cost.seconds - bare.seconds),
            cost.crates.to_string(),
            cost.units.to_string(),
            cost.syn.to_string(),
            grouped(cost.file / 1_024),
            grouped(cost.stripped / 1_024),
        ]);
    }
    println!("{table}");
    let what = "release build over bare axum, CPU s: floor crates and tf-http, x hand";
    bars.at_most(what, 1.0, over("floor") / over("hand"));
    let what = "release build over bare axum, CPU s: tf-app, x clap and figment";
    bars.at_most(what, 1.0, over("tf-app") / over("assembly"));
}

fn cost(service: &str) -> Cost {
    let folder = Folder::new();
    let package = package(service);
    let seconds = cpu(&mut compiler(&folder, &package));
    let binary = folder.0.join("release").join(&package);
    // Nothing is left to do but to tell what there is.
    let artifacts = output(compiler(&folder, &package).arg("--message-format=json"));
    let crates = crates(&package);
    Cost {
        seconds,
        file: size(&binary),
        stripped: stripped(&binary),
        // The service itself is among them.
        crates: crates.len() - 1,
        units: artifacts.lines().filter(|line| is_library(line)).count(),
        syn: crates.iter().filter(|one| one.starts_with("syn ")).count(),
    }
}

fn compiler(folder: &Folder, package: &str) -> Command {
    let mut cargo = cargo("build");
    cargo
        .args([
            "--release",
            "--offline",
            "--jobs",
            JOBS,
            "--package",
            package,
        ])
        .env("CARGO_TARGET_DIR", &folder.0);
    cargo
}

/// Seconds that the command, and all that it starts, keep processors busy.
fn cpu(command: &mut Command) -> f64 {
    let before = children();
    output(command);
    children() - before
}

/// Seconds of all children that have been waited for, and of theirs.
fn children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells the times");
    let (_, fields) = stat.rsplit_once(") ").expect("the name is in parentheses");
    // From the state, which is field 3: `cutime` is 16 and `cstime` is 17.
    let times = fields.split(' ').skip(13).take(2);
    let ticks: u64 = times.map(|ticks| ticks.parse().unwrap_or(0_u64)).sum();
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

fn crates(package: &str) -> BTreeSet<String> {
    let tree = output(cargo("tree").args([
        "--offline",
        "--package",
        package,
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]));
    let name = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    tree.lines().filter_map(name).collect()
}

/// A library or a macro, which is compiled twice where the build needs it with other features.
fn is_library(artifact: &str) -> bool {
    artifact.contains(r#""reason":"compiler-artifact""#)
        && !artifact.contains(r#""kind":["custom-build"]"#)
        && !artifact.contains(r#""kind":["bin"]"#)
}

fn stripped(binary: &Path) -> u64 {
    let copy = binary.with_extension("stripped");
    output(Command::new("strip").arg("-o").arg(&copy).arg(binary));
    size(&copy)
}
