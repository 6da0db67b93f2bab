//! The texts that the example prints for platforms, in the hands of those platforms' own programs.

mod checkers;
mod managers;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{example, run};

/// A value that no text may show.
const MARKER: &str = "zq7Xw9Kj";

/// The example at a path that every format has to quote.
fn odd_path(folder: &Path) -> PathBuf {
    let odd = folder.join("a b;c #d %e 'f' \"g\" $HOME");
    fs::create_dir(&odd).expect("the folder can be made");
    let path = odd.join("app");
    symlink(example("app"), &path).expect("the folder can be written to");
    path
}

/// What `procfile` prints with these arguments, called without any configuration.
fn text(program: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.arg("procfile").args(arguments).env_clear();
    let output = run(&mut command);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(output.stderr, "");
    output.stdout
}

#[test]
fn no_text_shows_a_value() {
    let forms: [&[&str]; 5] = [
        &[],
        &["--supervisor"],
        &["--supervisor", "--processes", "3"],
        &["--systemd"],
        &["--k8s"],
    ];
    for form in forms {
        let without = text(&example("app"), form);
        let names = without.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        let names = names.filter(|name| name.len() > 3 && !matches!(*name, "SHUTDOWN_TIMEOUT"));
        let mut command = Command::new(example("app"));
        command.arg("procfile").args(form).env_clear();
        command.envs(names.map(|name| (name, MARKER)));
        let output = run(&mut command);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert_eq!(output.stdout, without);
        assert!(!output.stderr.contains(MARKER), "{}", output.stderr);
    }
}
