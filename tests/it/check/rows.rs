//! Each check fails a program that is bad in its way alone, and says what it saw.

use std::fs;
use std::net::TcpListener;

use harness::{binary, root};
use tempfile::TempDir;

use super::{Check, PROFILE, checked};

#[test]
fn codebase() {
    checked("version-changes", "I", "").assert("version", "fail", &["checked 1.0+", "then"]);
    let extra = format!("source = \"{}\"", root().display());
    let commit = "[variables.COMMIT]\nvalue = \"0123456789abcdef0123456789abcdef01234567\"\n";
    let check = Check::new().profile(&format!("{extra}\n{PROFILE}{commit}"));
    let fixture = binary("tf-tests", "checked").display().to_string();
    let checklist = check.option(&["--only", "I"]).checklist(&[&fixture]);
    checklist.assert("commit", "fail", &["0123456789abcdef", "is no commit"]);
    let nowhere = TempDir::new().unwrap();
    let extra = format!("source = \"{}\"", nowhere.path().display());
    let checklist = checked("", "I,II", &extra);
    checklist.assert("repository", "fail", &["is in no repository"]);
    checklist.assert("lock file", "fail", &[]);
}

#[test]
fn dependencies() {
    let checklist = checked("needs-a-tool", "II", "");
    checklist.assert(
        "empty PATH",
        "fail",
        &["ended with 1", "`true` is not on the PATH"],
    );
    checklist.assert("read-only root", "pass", &["listens after"]);
    let checklist = checked("writes-beside-itself", "II", "");
    checklist.assert("read-only root", "fail", &["`state` cannot be written"]);
    checklist.assert("empty PATH", "pass", &[]);
    let profile = PROFILE.replace("\"libgcc_s\", ", "");
    let check = Check::new().profile(&profile).option(&["--only", "II"]);
    let fixture = binary("tf-tests", "checked").display().to_string();
    check
        .checklist(&[&fixture])
        .assert("libraries", "fail", &["libgcc_s.so.1"]);
}

#[test]
fn config() {
    let checklist = checked("forgives", "III", "");
    checklist.assert(
        "required",
        "fail",
        &["without CONTACT it listens on 127.0.0.1:", "all the same"],
    );
    checklist.assert("junk", "fail", &["with junk in CONTACT it listens on"]);
    checklist.assert("junk port", "fail", &["with PORT=no-number it listens on"]);
    let checklist = checked("names-one-problem", "III", "");
    checklist.assert(
        "required",
        "fail",
        &[
            "without CONTACT and GREETING",
            "ended with 78",
            "does not name CONTACT",
        ],
    );
}

#[test]
fn a_planted_secret_is_found_wherever_it_shows() {
    let checklist = checked("prints-the-environment", "III", "");
    checklist.assert("secrets", "fail", &["stderr of an ordinary run"]);
    let checklist = checked("shows-urls", "III", "");
    checklist.assert(
        "secrets",
        "fail",
        &["stderr of a run with SERVICE_URL at 127.0.0.1:1"],
    );
}

#[test]
fn backing_services() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = elsewhere.local_addr().unwrap();
    let fixed = format!("[variables.FIXED_SERVICE]\nvalue = \"{address}\"\n");
    let check = Check::new().profile(&format!("{PROFILE}{fixed}"));
    let fixture = binary("tf-tests", "checked").display().to_string();
    let checklist = check.option(&["--only", "IV"]).checklist(&[&fixture]);
    checklist.assert(
        "attached",
        "fail",
        &["SERVICE_URL", &format!("goes to {address}")],
    );
}

#[test]
fn build_release_run() {
    let checklist = checked("nameless", "V", "");
    checklist.assert(
        "release id",
        "fail",
        &["RELEASE_ID=release-", "is nowhere in"],
    );
    checklist.assert("same bytes", "pass", &["checked"]);
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy");
    fs::copy(binary("tf-tests", "checked"), &copy).unwrap();
    let check = Check::new().profile(&format!(
        "{PROFILE}[variables.WAY]\nvalue = \"rewrites-itself\"\n"
    ));
    let check = check.option(&["--only", "V"]);
    // Its first start makes another file of it already.
    let checklist = check.checklist(&[&copy.display().to_string()]);
    checklist.assert("same bytes", "fail", &["`copy` is another file"]);
}

#[test]
fn processes() {
    let checklist = checked("keeps-a-log-file,answers-its-pid,remembers", "VI,XI", "");
    checklist.assert("files left", "fail", &["app.log (working folder), 8 bytes"]);
    checklist.assert("log files", "fail", &["app.log"]);
    checklist.assert(
        "same answer",
        "fail",
        &["from one instance", "from the other"],
    );
    checklist.assert(
        "shared state",
        "fail",
        &["POST /notes", "is not in the other's GET /notes"],
    );
}

#[test]
fn port_binding() {
    let checklist = checked("fixed-port", "VII", "");
    checklist.assert(
        "listens",
        "fail",
        &["PORT=", "yet pid", "listens on 127.0.0.1:"],
    );
    checklist.assert("moves", "fail", &["whatever it is told"]);
    let checklist = checked("takes-another-port,answers-500", "VII", "");
    checklist.assert(
        "busy port",
        "fail",
        &["is taken, and it listens on 127.0.0.1:"],
    );
    checklist.assert("answers", "fail", &["GET /: 500"]);
    checklist.assert("listens", "pass", &[]);
}

#[test]
fn concurrency() {
    let checklist = checked("locks,worker-leaves", "VIII", "");
    checklist.assert(
        "two instances",
        "fail",
        &["ended with 1", "there is a lock"],
    );
    checklist.assert("process types", "fail", &["`worker` ended with 1"]);
    let checklist = checked("daemonises", "VIII", "");
    checklist.assert(
        "foreground",
        "fail",
        &["ended with 0", "which it left behind, holds 127.0.0.1:"],
    );
}

#[test]
fn disposability() {
    let checklist = checked("ignores-term,worker-ignores-term", "IX", "");
    checklist.assert("SIGTERM", "fail", &["runs on 4.0 s after SIGTERM"]);
    checklist.assert("in flight", "not tested", &["as if there were no signal"]);
    checklist.assert("process types end", "fail", &["`worker`: runs on 4.0 s"]);
    let checklist = checked("has-no-handler", "IX", "");
    checklist.assert("in flight", "fail", &["GET /slow", "it ended by signal 15"]);
    checklist.assert("process 1", "fail", &["process 1 of a namespace, runs on"]);
    checklist.assert("SIGTERM", "pass", &["ended by signal 15"]);
    let checklist = checked("ends-with-3,locks", "IX", "");
    checklist.assert("SIGTERM", "fail", &["ended with 3"]);
    checklist.assert("kill -9", "fail", &["was killed", "there is a lock"]);
    let checklist = checked("starts-slowly,deaf-during-start", "IX", "startup = 0.05");
    checklist.assert("start", "fail", &["at most 50 ms is asked"]);
    checklist.assert(
        "SIGTERM during start",
        "fail",
        &["it went on to listen on 127.0.0.1:"],
    );
}

#[test]
fn a_request_whose_body_is_on_its_way_is_in_flight() {
    let profile = PROFILE.replace("slow = \"/slow\"", "");
    let fixture = binary("tf-tests", "checked").display().to_string();
    for (way, verdict) in [("", "pass"), ("cuts-requests", "fail")] {
        let way = format!("[variables.WAY]\nvalue = \"{way}\"\n");
        let check = Check::new().profile(&format!("{profile}{way}"));
        let checklist = check.option(&["--only", "IX"]).checklist(&[&fixture]);
        checklist.assert(
            "in flight",
            verdict,
            &["POST /notes, its body half a way there"],
        );
    }
}

#[test]
fn parity() {
    let checklist = checked("asks-for-the-environment", "X", "");
    checklist.assert(
        "environment names",
        "fail",
        &["`production`", "200, 15 bytes instead of 200, 5 bytes"],
    );
}

#[test]
fn logs() {
    let checklist = checked("buffers", "XI", "");
    checklist.assert(
        "stdout",
        "fail",
        &["came only after SIGTERM: it is buffered"],
    );
    let checklist = checked("mixes-lines", "XI", "");
    checklist.assert(
        "lines",
        "fail",
        &[
            "are JSON, others are not: line 2 of",
            "and a line for people",
        ],
    );
    let checklist = checked("needs-a-reader", "XI", "");
    checklist.assert(
        "no reader",
        "fail",
        &["with nobody reading its stdout it ended with 101"],
    );
    let checklist = checked("loses-requests-without-reader", "XI", "");
    let words = ["with nobody reading its stdout GET / was answered with a closed connection"];
    checklist.assert("no reader", "fail", &words);
    let checklist = checked("spins-without-reader", "XI", "");
    checklist.assert("no reader", "fail", &["it spins: "]);
}

#[test]
fn admin() {
    let ways = "task-fails,takes-any-task,interrupted-as-done";
    let checklist = checked(ways, "XII", "");
    checklist.assert("task", "fail", &["`export` ended with 1"]);
    checklist.assert("unknown task", "fail", &["`no-such-task` ended with 0"]);
    let words = ["`slow`", "ended with 0: as if it were done"];
    checklist.assert("interrupted task", "fail", &words);
    let checklist = checked("noisy-task,task-needs-no-config", "XII", "");
    let words = ["line 1 of its stdout is not JSON: starting"];
    checklist.assert("task", "fail", &words);
    let words = ["without CONTACT and GREETING ended with 0"];
    checklist.assert("task without config", "fail", &words);
    let profile = PROFILE.replace("list = [\"list\"]", "list = [\"config\"]");
    let check = Check::new().profile(&profile).option(&["--only", "XII"]);
    let fixture = binary("tf-tests", "checked").display().to_string();
    let words = ["`config` without any variable ended with 78", "CONTACT"];
    check.checklist(&[&fixture]).assert("list", "fail", &words);
}
