//! Under the programs that start services: supervisor, a plain shell, tini, and as the first process.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::{Output, example, packaged, run};
use rustix::process::{Pid, Signal, geteuid};

use super::live::{Live, wrapped};

const SECOND: Duration = Duration::from_secs(1);

/// Supervisor with one program and everything in a folder of its own.
fn supervisor(folder: &Path, arguments: &str) -> Command {
    let service = example("shutdown");
    let at = folder.display();
    let configuration = format!(
        "[supervisord]\nnodaemon=true\nlogfile={at}/log\npidfile={at}/pid\nchildlogdir={at}\n\
         [unix_http_server]\nfile={at}/control\n\
         [rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
         [supervisorctl]\nserverurl=unix://{at}/control\n\
         [program:service]\ncommand={} {arguments}\nautorestart=unexpected\nstartsecs=0\nstopwaitsecs=10\n\
         stdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\nstderr_logfile={at}/errors\n",
        service.display()
    );
    let file = folder.join("conf");
    fs::write(&file, configuration).expect("the folder is there");
    let mut command = Command::new(packaged("supervisord", "supervisor"));
    command
        .arg("--configuration")
        .arg(file)
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    command
}

fn control(folder: &Path, action: &str) -> Output {
    let mut command = Command::new(packaged("supervisorctl", "supervisor"));
    command.arg("--configuration").arg(folder.join("conf"));
    run(command.args([action, "service"]))
}

#[test]
fn supervisor_stops_it_within_its_own_time_and_sees_0() {
    let folder = tempfile::tempdir().unwrap();
    let mut manager = Live::start(supervisor(folder.path(), ""));
    manager.wait_until_ready();
    let stopped = control(folder.path(), "stop");
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    let requested = manager.wait_for("lifecycle.stop_requested");
    assert_eq!(
        requested["lifecycle"]["budget_source"], "SUPERVISOR_ENABLED",
        "{requested}"
    );
    manager.signal(Signal::TERM);
    assert_eq!(manager.end().code, Some(0));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("stopped: service (exit status 0)"), "{log}");
}

#[test]
fn a_wedged_service_ends_before_supervisor_kills_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut manager = Live::start(supervisor(folder.path(), "--wedge"));
    manager.wait_until_ready();
    manager.signal(Signal::TERM);
    let ended = manager.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    // A killed one would be "terminated by SIGKILL".
    assert!(log.contains("stopped: service (exit status 124)"), "{log}");
}

#[test]
fn a_failed_service_is_started_again_by_supervisor() {
    let folder = tempfile::tempdir().unwrap();
    let mut manager = Live::start(supervisor(folder.path(), "--fail"));
    manager.wait_until_ready();
    manager.wait_until_ready();
    manager.signal(Signal::TERM);
    assert_eq!(manager.end().code, Some(0));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        log.contains("exited: service (exit status 1; not expected)"),
        "{log}"
    );
}

#[test]
fn a_plain_shell_passes_the_code_on() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$0\" \"$@\"; exit $?"]);
    let mut live = Live::start(wrapped("1s", shell, &["--stuck"]));
    let service = live.wait_until_ready();
    live.signal_process(service, Signal::TERM);
    assert_eq!(live.end().code, Some(124));
}

#[test]
fn tini_passes_the_signal_and_the_code_on() {
    for (arguments, code) in [(&[][..], 0), (&["--stuck"][..], 124)] {
        let mut tini = Command::new(packaged("tini", "tini"));
        tini.args(["-s", "--"]);
        let mut live = Live::start(wrapped("1s", tini, arguments));
        live.wait_until_ready();
        live.signal(Signal::TERM);
        let ended = live.end();
        assert_eq!(ended.code, Some(code), "{ended:#?}");
    }
}

/// The example as the first process of a pid namespace.
fn first_process(timeout: &str, arguments: &[&str]) -> Command {
    let mut unshare = Command::new(packaged("unshare", "util-linux"));
    if !geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    let allowed = run(Command::new(unshare.get_program())
        .args(unshare.get_args())
        .args(["--pid", "--fork", "true"]));
    assert_eq!(
        allowed.code,
        Some(0),
        "this test needs a pid namespace: run it as root with CAP_SYS_ADMIN, or allow user namespaces \
         (sysctl kernel.unprivileged_userns_clone=1): {}",
        allowed.stderr
    );
    unshare.args(["--pid", "--fork", "--kill-child", "--"]);
    wrapped(timeout, unshare, arguments)
}

/// The only child of the process, in this test's own namespace.
fn child_of(pid: Pid) -> Pid {
    let path = format!("/proc/{0}/task/{0}/children", pid.as_raw_nonzero());
    let children = fs::read_to_string(path).expect("the process is there");
    let child = children.trim().parse().expect("one child");
    Pid::from_raw(child).expect("not 0")
}

#[test]
fn the_first_process_of_a_namespace_takes_a_termination() {
    let mut command = first_process("", &[]);
    command.env_remove("SHUTDOWN_TIMEOUT");
    let mut live = Live::start(command);
    let starting = live.wait_for("lifecycle.starting");
    assert_eq!(starting["lifecycle"]["pid"], 1, "{starting}");
    live.wait_for("lifecycle.ready");
    let service = child_of(live.pid());
    live.signal_process(service, Signal::TERM);
    let requested = live.wait_for("lifecycle.stop_requested");
    assert_eq!(
        requested["lifecycle"]["budget_source"], "process 1",
        "{requested}"
    );
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.took < 2 * SECOND, "{:?}", ended.took);
}

#[test]
fn the_first_process_ends_at_the_deadline_and_by_force() {
    for (signals, timeout, code) in [
        (&[Signal::TERM][..], "1s", 124),
        (&[Signal::INT, Signal::INT][..], "60s", 130),
    ] {
        let mut live = Live::start(first_process(timeout, &["--wedge"]));
        live.wait_for("lifecycle.ready");
        let service = child_of(live.pid());
        for signal in signals {
            live.pass(SECOND);
            live.signal_process(service, *signal);
        }
        let ended = live.end();
        assert_eq!(ended.code, Some(code), "{ended:#?}");
        assert_eq!(ended.last_words()["exit_code"], code);
    }
}

#[test]
fn the_first_process_takes_a_signal_before_it_is_ready() {
    let mut live = Live::start(first_process("20s", &["--slow-start", "3600"]));
    live.wait_for("lifecycle.starting");
    let service = child_of(live.pid());
    live.signal_process(service, Signal::TERM);
    let ended = live.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(
        !ended
            .actions()
            .iter()
            .any(|action| action == "lifecycle.ready")
    );
}
