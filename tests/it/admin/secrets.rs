//! Secret arguments. That no output has one is checked after every run of every test.

use std::fs::{self, File};
use std::io::Write;

use super::live::{Ended, KEY, Live, Place, ended};

fn boom(place: &Place, words: &[&str]) -> Live {
    let mut command = place.admin(&[&["boom"], words].concat());
    let mut stdin = tempfile::tempfile().expect("a file is made");
    stdin
        .write_all(format!("{KEY}\n").as_bytes())
        .expect("it can be written");
    std::io::Seek::rewind(&mut stdin).expect("it can be read");
    command.stdin(stdin).env("PAYMENT_KEY", KEY);
    Live::start_with_stdin(command)
}

#[test]
fn a_panic_with_a_secret_in_its_text_shows_neither() {
    let place = Place::new();
    let path = place.path("key");
    fs::write(&path, format!("{KEY}\n")).unwrap();
    let doors = [
        &["--key-env", "PAYMENT_KEY"][..],
        &["--key-file", path.to_str().unwrap()],
        &["--key-stdin"],
    ];
    for words in doors {
        let run = boom(&place, words).end();
        assert_eq!(run.outcome(), ended(70, "panic"), "{words:?}: {run:#?}");
        let error = run.record()["error"].as_str().unwrap().to_owned();
        assert!(error.contains("the key `***` opens nothing"), "{error}");
        assert_eq!(run.record()["args"], "{\"key\":\"***\"}");
        let place = run.messages();
        assert!(place.contains("examples/src/bin/admin.rs:"), "{place}");
    }
}

#[test]
fn a_secret_has_no_place_on_a_command_line() {
    let place = Place::new();
    let given = format!("--key={KEY}");
    let runs = [&["--key", KEY][..], &[&given]].map(|words| boom(&place, words).end());
    for run in runs {
        assert_eq!(run.outcome(), ended(2, "usage"), "{run:#?}");
        assert!(run.messages().contains("--key-env NAME"), "{run:#?}");
    }
}

#[test]
fn a_secret_that_is_missing_is_named_by_its_place() {
    let place = Place::new();
    let refused = |run: &Ended, words: &str| {
        assert_eq!(run.outcome(), ended(2, "usage"), "{run:#?}");
        assert!(run.messages().contains(words), "{run:#?}");
    };
    refused(&boom(&place, &["--key-env", "NO_KEY"]).end(), "`NO_KEY`");
    refused(
        &boom(&place, &["--key-file", "/nowhere/key"]).end(),
        "/nowhere/key",
    );
    refused(&boom(&place, &[]).end(), "--key-env");
    refused(
        &boom(&place, &["--key-stdin", "--key-env", "PAYMENT_KEY"]).end(),
        "--key-env",
    );
    let mut empty = place.admin(&["boom", "--key-stdin"]);
    empty.stdin(File::open("/dev/null").unwrap());
    refused(&Live::start_with_stdin(empty).end(), "stdin is empty");
}
