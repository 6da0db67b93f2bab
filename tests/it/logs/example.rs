//! The example of `tf-logs`, as its users run it.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use harness::{Running, example, packaged, run};

use super::{log_events, parsed};

/// What jq understands of each line, when every line is a document by itself.
fn by_jq(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("lines");
    fs::write(&file, text).expect("the folder can be written to");
    let mut jq = Command::new(packaged("jq", "jq"));
    let output = run(jq.args(["-e", "-c", "-R", "fromjson | objects"]).arg(&file));
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    output.stdout
}

#[test]
fn jq_reads_every_line() {
    let service = run(&mut log_events(&[
        "1000",
        "threads:4:100:15500",
        "panic",
        "destructor",
    ]));
    let shown = run(Command::new(example("logs")).env_clear());
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""));
    for text in [service.stdout, shown.stdout] {
        assert!(!text.is_empty());
        let read = by_jq(&text);
        assert_eq!(parsed(&read), parsed(&text));
    }
}

#[test]
fn the_example_shows_what_it_promises() {
    let output = run(Command::new(example("logs")).env_clear());
    assert!(!output.stdout.contains("hunter2"), "{}", output.stdout);
    let lines = parsed(&output.stdout);
    let find = |message: &str| {
        let found = lines.iter().find(|line| line["message"] == message);
        found.unwrap_or_else(|| panic!("no `{message}` in {}", output.stdout))
    };
    let priced = find("order priced");
    assert_eq!(priced["order"]["id"], 42);
    assert_eq!(priced["http"]["request"]["method"], "POST");
    let failed = find("card not charged");
    assert_eq!(failed["log.level"], "ERROR");
    let causes = failed["error"]["stack_trace"].as_str().unwrap();
    assert!(
        causes.contains("bank") && causes.contains("connection refused"),
        "{causes}"
    );
    assert!(output.stdout.contains("out of paper"));
    find("written since the filter is `debug`");
    assert!(!output.stdout.contains("not written"));
}

#[test]
fn a_filter_that_selects_nothing_by_mistake_is_an_error() {
    let output = run(Command::new(example("logs"))
        .env_clear()
        .env("RUST_LOG", "inof"));
    assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""));
    assert!(
        output.stderr.contains("RUST_LOG") && output.stderr.contains("info"),
        "{}",
        output.stderr
    );
}

#[test]
fn the_example_survives_a_disk_that_is_full() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(example("logs"));
    command.env_clear().stdout(full).stderr(Stdio::null());
    assert_eq!(Running::start(command).wait().code(), Some(0));
}
