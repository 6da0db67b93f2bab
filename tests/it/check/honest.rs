//! What was not observed is never passed.

use harness::{packaged, root};

use super::{Check, Checklist};

/// A shell program of the folder `programs`.
fn shell(name: &str, check: Check) -> Checklist {
    let script = root().join("tests/it/check/programs").join(name);
    let shell = packaged("sh", "dash").display().to_string();
    check.checklist(&[&shell, &script.display().to_string()])
}

#[test]
fn an_empty_program_gets_no_pass_at_all() {
    let program = packaged("true", "coreutils").display().to_string();
    let checklist = Check::new().checklist(&[&program]);
    for (check, verdict, remark) in checklist.verdicts() {
        match check {
            "listens" => assert_eq!(verdict, "fail", "{remark}"),
            _ => assert_eq!(verdict, "not tested", "{check}: {remark}"),
        }
    }
    checklist.assert("listens", "fail", &["ended with 0", "listened on nothing"]);
    checklist.assert(
        "files left",
        "not tested",
        &["does not get up: it ended with 0"],
    );
    assert_eq!(checklist.output.code, Some(1));
}

#[test]
fn a_program_that_ignores_everything_passes_nothing() {
    let check = Check::new().option(&["--timeout", "1"]);
    let checklist = shell("ignores.sh", check);
    for (check, verdict, remark) in checklist.verdicts() {
        assert_ne!(verdict, "pass", "{check}: {remark}");
    }
    checklist.assert("SIGTERM", "fail", &["runs on 1.0 s after SIGTERM"]);
    checklist.assert("listens", "fail", &["listens on nothing after 1.0 s"]);
}

#[test]
fn what_a_program_says_about_itself_is_no_evidence() {
    let check = Check::new().option(&["--timeout", "1"]);
    let checklist = shell("liar.sh", check);
    let passed: Vec<&str> = checklist
        .verdicts()
        .into_iter()
        .filter_map(|(check, verdict, _)| (verdict == "pass").then_some(check))
        .collect();
    // It did write lines of JSON while it ran.
    assert_eq!(passed, ["stdout", "lines"]);
    checklist.assert("listens", "fail", &["runs, and listens on nothing"]);
    checklist.assert("SIGTERM", "fail", &["runs on"]);
}

#[test]
fn what_a_program_leaves_behind_at_its_end_is_told_and_ended() {
    let python = packaged("python3", "python3").display().to_string();
    let check = Check::new().option(&["--env", &format!("PYTHON={python}")]);
    let check = check.option(&["--timeout", "5", "--only", "VIII,IX"]);
    let checklist = shell("stubborn.sh", check);
    checklist.assert("SIGTERM", "fail", &["and left 1 process behind, pid "]);
    checklist.assert("foreground", "pass", &["its child, pid "]);
    let (_, remark) = checklist.finding("SIGTERM");
    let pid = remark
        .split("pid ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let pid: u32 = pid.and_then(|pid| pid.parse().ok()).expect("a pid");
    let status = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
    assert!(
        !status.is_ok_and(|line| line.contains("http.server")),
        "{remark}"
    );
}
