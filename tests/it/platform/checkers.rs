//! Programs that read a text and tell whether it is right.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{example, packaged, run, tool};

use super::{odd_path, text};

/// Writes each unit of the text into a file of its own.
fn units(folder: &Path, text: &str) -> Vec<PathBuf> {
    let files = text.split("# file: ").skip(1);
    let write = |file: &str| {
        let (name, content) = file.split_once('\n').expect("a name, then the unit");
        let path = folder.join(name);
        fs::write(&path, content).expect("the folder can be written to");
        path
    };
    files.map(write).collect()
}

fn analyze(arguments: &[&str], units: &[PathBuf]) -> harness::Output {
    let mut command = Command::new(packaged("systemd-analyze", "systemd"));
    run(command.args(arguments).args(units))
}

#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    for program in [example("app"), odd_path(folder.path())] {
        let units = units(folder.path(), &text(&program, &["--systemd"]));
        assert!(units.len() >= 4, "{units:?}");
        let verified = analyze(&["verify"], &units);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        // What it ignores, it only tells.
        assert_eq!(format!("{}{}", verified.stdout, verified.stderr), "");
    }
}

#[test]
fn systemd_finds_the_services_well_confined() {
    let folder = tempfile::tempdir().unwrap();
    let units = units(folder.path(), &text(&example("app"), &["--systemd"]));
    for unit in units {
        let name = unit.file_name().unwrap().to_str().unwrap();
        // The checker takes no templates.
        if !name.ends_with(".service") || name.contains('@') {
            continue;
        }
        // 2.0 of 10.
        let judged = analyze(&["security", "--offline=true", "--threshold=20"], &[unit]);
        assert_eq!(judged.code, Some(0), "{}", judged.stdout);
    }
}

#[test]
fn kubernetes_takes_the_manifests() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.yaml");
    let manifests = text(&example("app"), &["--k8s"]);
    fs::write(&file, &manifests).unwrap();
    let objects = manifests.lines().filter(|line| line.starts_with("kind: "));
    let objects = objects.count();
    assert!(objects >= 5, "{manifests}");
    // The first version in which pod failure policies are stable, and the newest that the checker knows.
    for version in [&["-k", "1.31.0"][..], &[]] {
        let mut checker = Command::new(tool("kubernetes-validate"));
        let checked = run(checker.arg("--strict").args(version).arg(&file));
        assert_eq!(checked.code, Some(0), "{checked:?}");
        let told = format!("{}{}", checked.stdout, checked.stderr);
        assert_eq!(
            told.matches(" passed for resource ").count(),
            objects,
            "{told}"
        );
    }
}

#[test]
fn a_shell_starts_each_line_of_the_procfile() {
    let folder = tempfile::tempdir().unwrap();
    let procfile = text(&odd_path(folder.path()), &[]);
    assert!(procfile.lines().count() >= 2, "{procfile}");
    for line in procfile.lines() {
        let (name, command) = line.split_once(": ").expect("a name and a command");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{line}");
        let mut shell = Command::new("sh");
        // An unknown word is the service's own usage error, by which it is known.
        shell
            .args(["-c", &format!("{command} unknown")])
            .env_clear();
        let ended = run(&mut shell);
        assert_eq!(ended.code, Some(2), "{line}: {ended:?}");
    }
}
