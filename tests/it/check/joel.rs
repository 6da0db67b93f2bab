//! The Joel Test.

use harness::root;

use super::Check;

#[test]
fn a_repository_shows_a_few_answers_and_its_owner_declares_the_rest() {
    let source = format!("source = \"{}\"\n[joel]\n", root().display());
    let check = Check::new().profile(&(source + "3 = \"never mind\"\n8 = \"a door each\""));
    let output = check.option(&["--joel"]).run(&[]);
    assert_eq!(output.code, Some(0), "{output:#?}");
    let line = |start: &str| {
        let lines = output.stdout.lines();
        let mut found = lines.filter(|line| line.trim_start().starts_with(start));
        found
            .next()
            .unwrap_or_else(|| panic!("no {start} in {output:#?}"))
            .to_owned()
    };
    for (start, words) in [
        ("1. ", ["pass", "/.git`"]),
        ("2. ", ["pass", "cargo build"]),
        ("3. ", ["pass", "/.ci`"]),
        ("8. ", ["declared", "a door each"]),
        ("9. ", ["not tested", "joel.9"]),
    ] {
        let line = line(start);
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    assert_eq!(output.stdout.lines().count(), 15, "{}", output.stdout);
}

#[test]
fn an_empty_folder_fails_what_can_be_seen() {
    let check = Check::new().option(&["--joel", "--format", "md"]);
    let output = check.run(&[]);
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(
        output.stdout.contains("| Question | Status | Remarks |"),
        "{}",
        output.stdout
    );
    for row in [
        "| 1. Is the source under version control? | fail |",
        "| 2. Is a build made in one step? | fail |",
    ] {
        assert!(output.stdout.contains(row), "{}", output.stdout);
    }
}
