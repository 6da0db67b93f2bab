//! Programs that were not written here: no crash, and verdicts that hold on inspection.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use harness::{binary, packaged, root, tool};
use rustix::process::getuid;

use super::{Check, Checklist};

const SHELL: &str = "/bin/sh";

fn program(name: &str) -> String {
    let path = root().join("tests/it/check/programs").join(name);
    path.display().to_string()
}

/// What holds for every program that keeps to none of the kit's names.
fn assert_common(checklist: &Checklist) {
    assert_eq!(checklist.output.code, Some(1), "{:#?}", checklist.output);
    checklist.assert("listens", "pass", &["PORT=", "listens on "]);
    checklist.assert("moves", "pass", &["moved by PORT from "]);
    checklist.assert("release id", "fail", &["is nowhere in"]);
    checklist.assert("task", "not tested", &["names no admin `task`"]);
    checklist.assert("secrets", "not tested", &[]);
    checklist.assert("attached", "not tested", &[]);
    checklist.assert("kill -9", "pass", &["listens again after"]);
    checklist.assert("foreground", "pass", &[]);
}

#[test]
fn redis_leaves_its_data_and_speaks_no_http() {
    let redis = packaged("redis-server", "redis-server");
    let line = format!("exec {} --port $PORT --bind 127.0.0.1", redis.display());
    let checklist = Check::new().checklist(&[SHELL, "-c", &line]);
    assert_common(&checklist);
    checklist.assert("files left", "fail", &["dump.rdb (working folder)"]);
    checklist.assert("junk port", "pass", &["ended with 1", "says so"]);
    checklist.assert("busy port", "pass", &["ended with 1", "says so"]);
    checklist.assert("SIGTERM", "pass", &["ended with 0"]);
    checklist.assert("stdout", "pass", &[]);
    checklist.assert("lines", "pass", &["plain text throughout"]);
    checklist.assert("answers", "not tested", &["closed the connection"]);
    checklist.assert("same answer", "not tested", &[]);
}

#[test]
fn nginx_needs_a_file_for_what_others_read_from_a_variable() {
    let nginx = packaged("nginx", "nginx-light").display().to_string();
    let check = Check::new().option(&["--env", &format!("PROGRAM={nginx}")]);
    let checklist = check.checklist(&[SHELL, &program("nginx.sh")]);
    assert_common(&checklist);
    checklist.assert("files left", "fail", &["nginx.conf (TMPDIR)"]);
    checklist.assert("answers", "pass", &["GET /: 200"]);
    checklist.assert("same answer", "pass", &["200, 5 bytes from two instances"]);
    checklist.assert("SIGTERM", "pass", &["ended with 0"]);
    checklist.assert("in flight", "not tested", &["names no `slow` path"]);
}

#[test]
fn a_daemon_is_found_and_ended() {
    let nginx = packaged("nginx", "nginx-light").display().to_string();
    let check = Check::new().option(&["--env", &format!("PROGRAM={nginx}"), "--env", "DAEMON=on"]);
    let check = check.option(&["--only", "VII,VIII,IX"]);
    // It writes over its variables and has a session of its own; its files are in this folder.
    let folder = check.folder.path().to_owned();
    let place = format!("TMPDIR={}", folder.display());
    let check = check.wrapped(&["/usr/bin/env", &place]);
    let checklist = check.checklist(&[SHELL, &program("nginx.sh")]);
    checklist.assert("listens", "pass", &["PORT="]);
    checklist.assert(
        "foreground",
        "fail",
        &["ended with 0", "which it left behind, holds 127.0.0.1:"],
    );
    checklist.assert(
        "SIGTERM",
        "fail",
        &["before any signal, and left", "behind, pid "],
    );
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
        assert!(!line.contains(&*folder.to_string_lossy()), "{line}");
    }
}

#[test]
fn flask_under_gunicorn_drains_and_compiles_at_run_time() {
    let gunicorn = tool("gunicorn").display().to_string();
    let text = fs::read_to_string(program("flask_service.py")).unwrap();
    let check = Check::new().profile("slow = \"/slow\"\nfiles = \"app\"");
    fs::create_dir(check.folder.path().join("app")).unwrap();
    let check = check.file("app/service.py", &text);
    let words = [&*gunicorn, "--access-logfile", "-", "service:app"];
    let checklist = check.checklist(&words);
    assert_common(&checklist);
    checklist.assert("files left", "fail", &["__pycache__/service.cpython-"]);
    checklist.assert("in flight", "pass", &["GET /slow", "answered 200"]);
    checklist.assert("SIGTERM", "pass", &["ended with 0"]);
    checklist.assert("process 1", "pass", &["ended with 0"]);
    checklist.assert("busy port", "pass", &["ended with 1", "says so"]);
}

#[test]
fn postgresql_does_not_share_its_folder_and_logs_on_stderr() {
    let [postgres, initdb] = ["postgres", "initdb"].map(|name| packaged(name, "postgresql"));
    let prepare = format!(
        "exec {} --pgdata=\"$DATA/pg\" --auth=trust --no-sync --username=app >/dev/null",
        initdb.display()
    );
    let profile = format!(
        "logs = \"stderr\"\nprepare = ['-c', '{prepare}']\n[variables.DATA]\nvalue = \"{{data}}\""
    );
    let line = format!(
        "exec {} -D \"$DATA/pg\" -p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=",
        postgres.display()
    );
    let check = Check::new().profile(&profile);
    // It refuses root. What an ordinary user can read, and run: the target folder may be anywhere.
    let setpriv = packaged("setpriv", "util-linux").display().to_string();
    let own = check.folder.path().join("tf-check");
    fs::copy(binary("tf-check", "tf-check"), &own).unwrap();
    fs::set_permissions(check.folder.path(), Permissions::from_mode(0o755)).unwrap();
    let setpriv = [
        &*setpriv,
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
    ];
    let check = match getuid().is_root() {
        true => check.by(&own).wrapped(&setpriv),
        false => check,
    };
    let checklist = check.checklist(&[SHELL, "-c", &line]);
    assert_common(&checklist);
    checklist.assert(
        "two instances",
        "fail",
        &["ended with 1", "another postmaster"],
    );
    checklist.assert("stdout", "pass", &["stderr, a pipe: "]);
    checklist.assert("SIGTERM", "pass", &["ended with 0"]);
    checklist.assert("read-only root", "pass", &[]);
    checklist.assert("no reader", "not tested", &["writes nothing to stdout"]);
}
