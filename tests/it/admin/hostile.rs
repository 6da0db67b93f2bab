//! Command lines that nobody meant.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::live::{Ended, Live, Place, ended};

fn run(place: &Place, words: &[&OsStr]) -> Ended {
    let mut command = place.admin(&[]);
    command.args(words);
    Live::start(command).end()
}

#[test]
fn odd_words_are_usage_errors() {
    let place = Place::new();
    let long = "x".repeat(100_000);
    let lines: [&[&str]; 22] = [
        &[],
        &[""],
        &["-"],
        &["--"],
        &["--", "hello"],
        &["-x"],
        &["--dry-run", "prune"],
        &["HELLO"],
        &["hello "],
        &["hello", "world"],
        &["hello", "--times", "256"],
        &["hello", "--times", "-1"],
        &["hello", "--name"],
        &["hello", "--name", "a", "--name", "b"],
        &["hello", "--", "--name", "x"],
        &["hello", "--actor", " "],
        &["admin", "admin", "list"],
        &["list", "prune"],
        &["list", "--format", "xml"],
        &["help", "nothing"],
        &["completions", "tcsh"],
        &[&long],
    ];
    for words in lines {
        let run = place.run(words);
        let shown: Vec<String> = words
            .iter()
            .map(|word| word.chars().take(20).collect())
            .collect();
        assert_eq!(run.code, Some(2), "{shown:?}");
    }
    assert_eq!(place.effects(), [""; 0]);
}

#[test]
fn a_near_miss_gets_a_hint() {
    for (word, near) in [
        ("prunne", "`prune`"),
        ("lst", "`list`"),
        ("improt", "`import`"),
    ] {
        let run = Place::new().run(&[word]);
        assert!(run.messages().contains(near), "{run:#?}");
    }
}

#[test]
fn files_may_have_names_that_are_no_text() {
    let place = Place::new();
    let odd = place
        .path("")
        .join(OsStr::from_bytes(b"l\xffng -- \n\x1b[1m"));
    let dashes = place.path("--dry-run");
    fs::write(&odd, "four").unwrap();
    fs::write(&dashes, "").unwrap();
    let words = [
        OsStr::new("import"),
        "--".as_ref(),
        odd.as_os_str(),
        dashes.as_os_str(),
    ];
    let run = run(&place, &words);
    assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
    assert_eq!(run.record()["effects"], 2);
    assert_eq!(run.record()["dry_run"], false);
}

#[test]
fn words_that_are_no_text_are_refused_politely() {
    let place = Place::new();
    let odd: OsString = OsStr::from_bytes(b"\xff\xfe").to_owned();
    for words in [
        &[odd.as_os_str()][..],
        &["hello".as_ref(), "--name".as_ref(), &odd],
        &["nodry".as_ref(), "--reason".as_ref(), &odd],
        &["nodry".as_ref(), &odd],
        &["help".as_ref(), &odd],
    ] {
        let run = run(&place, words);
        assert_eq!(run.code, Some(2), "{words:?}: {run:#?}");
    }
    assert_eq!(place.effects(), [""; 0]);
}
