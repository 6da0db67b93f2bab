//! Programs in other languages.

use harness::{packaged, root};

use super::{Check, Checklist};

fn service(program: &str, package: &str, script: &str, only: &str) -> Checklist {
    let script = root().join("tests/it/check/programs").join(script);
    let program = packaged(program, package).display().to_string();
    let check = Check::new()
        .profile("slow = \"/slow\"")
        .option(&["--only", only]);
    check.checklist(&[&program, &script.display().to_string()])
}

#[test]
fn python_that_drains_passes_and_its_held_back_lines_are_seen() {
    let checklist = service("python3", "python3", "service.py", "VII,VIII,IX,XI");
    checklist.assert("in flight", "pass", &["GET /slow", "answered 200"]);
    checklist.assert("SIGTERM", "pass", &["ended with 0"]);
    checklist.assert("process 1", "pass", &["ended with 0"]);
    checklist.assert("two instances", "pass", &["both answer 200"]);
    checklist.assert("stdout", "fail", &["it is buffered"]);
    checklist.assert("busy port", "pass", &["ended with 1", "says so"]);
}

#[test]
fn node_that_drains_passes_and_takes_a_word_for_a_path() {
    let checklist = service("node", "nodejs", "service.js", "III,VII,IX,XI");
    checklist.assert("in flight", "pass", &["GET /slow", "answered 200"]);
    checklist.assert("SIGTERM", "pass", &["ended with 0"]);
    checklist.assert("stdout", "pass", &["1 line while it ran"]);
    checklist.assert(
        "junk port",
        "fail",
        &["listens on unix:no-number all the same"],
    );
}
