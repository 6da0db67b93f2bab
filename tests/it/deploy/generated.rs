//! Files that the service itself prints, and the process managers that take them.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use expect_test::expect_file;
use harness::{Running, packaged, run};
use rustix::process::Signal;
use tempfile::TempDir;

use super::site::{Manager, event, orders};
use super::texts::{deploy, read};
use crate::http::load::{Load, Place};
use crate::http::service::reserved;

/// Where the files say that the program is.
const PROGRAM: &str = "/usr/local/bin/orders";

/// What `procfile` prints with these arguments, called under this name.
fn text(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(orders());
    command
        .arg0(program)
        .arg("procfile")
        .args(arguments)
        .env_clear();
    let output = run(&mut command);
    assert_eq!(output.code, Some(0), "{output:?}");
    output.stdout
}

#[test]
fn the_files_are_what_the_service_prints() {
    let file = |name: &str| expect_file![deploy().join(name)];
    file("Procfile").assert_eq(&text("orders", &[]));
    let shared = text(PROGRAM, &["--supervisor", "--processes", "2"]);
    file("supervisor.conf").assert_eq(&shared);
    file("kubernetes/orders.yaml").assert_eq(&text(PROGRAM, &["--k8s"]));
    let units = text(PROGRAM, &["--systemd"]);
    for unit in units.split("# file: ").skip(1) {
        let (name, unit) = unit.split_once('\n').unwrap();
        file(&format!("systemd/{name}")).assert_eq(&format!("{}\n", unit.trim_end()));
    }
}

/// A folder with a database that has its schema, and the variables that name it.
fn database() -> (TempDir, [(&'static str, String); 2]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let url = format!(
        "sqlite:{}?mode=rwc",
        folder.path().join("orders.db").display()
    );
    let variables = [("DATABASE_URL", url.clone()), ("QUEUE_URL", url)];
    let mut migrate = Command::new(orders());
    migrate
        .args(["admin", "migrate"])
        .env_clear()
        .envs(variables.clone());
    let output = run(&mut migrate);
    assert_eq!(output.code, Some(0), "{output:?}");
    (folder, variables)
}

#[test]
fn a_shell_starts_each_line_of_the_procfile() {
    let (_folder, variables) = database();
    let path = format!("{}:/usr/bin:/bin", orders().parent().unwrap().display());
    for line in read("Procfile").lines() {
        let (_, command) = line.split_once(": ").expect("a name and a command");
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec {command}")]).env_clear();
        shell
            .env("PATH", &path)
            .env("PORT", "0")
            .envs(variables.clone());
        shell.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = Running::start(shell);
        wait_until_ready(&mut running, line);
        running.signal(Signal::TERM);
        assert_eq!(running.wait().code(), Some(0), "{line}");
    }
}

fn wait_until_ready(running: &mut Running, what: &str) {
    let is_ready = running
        .stdout
        .any(|line| event(&line)["event"]["action"] == "lifecycle.ready");
    assert!(is_ready, "{what}");
}

#[test]
fn supervisor_runs_what_its_file_says() {
    let (folder, variables) = database();
    let (_reserved, address) = reserved();
    let at = folder.path().display();
    let programs = read("supervisor.conf");
    let (default, program) = ("tcp://0.0.0.0:5000", orders());
    assert!(
        programs.contains(default) && programs.contains(PROGRAM),
        "{programs}"
    );
    let programs = programs.replace(default, &format!("tcp://{address}"));
    let programs = programs.replace(PROGRAM, program.to_str().unwrap());
    let configuration = folder.path().join("conf");
    let own =
        format!("[supervisord]\nnodaemon=true\nsilent=true\nlogfile={at}/log\npidfile={at}/pid\n");
    fs::write(&configuration, own + &programs).unwrap();
    let mut supervisord = Command::new(packaged("supervisord", "supervisor"));
    supervisord
        .arg("--configuration")
        .arg(&configuration)
        .env_clear();
    supervisord.env("RELEASE_ID", "v1").envs(variables);
    supervisord.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut manager = Manager::start(supervisord);
    manager.wait_until_ready("v1", 3);
    let load = Load::start(&Place::Tcp(address), 1);
    let (_, failures) = load.end();
    assert!(failures.is_empty(), "{failures:?}");
    manager.stop();
}

fn units(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(deploy().join("systemd")).expect("there are units");
    let place = |entry: std::io::Result<fs::DirEntry>| {
        let from = entry.expect("the folder can be listed").path();
        let to = folder.join(from.file_name().expect("units have names"));
        let unit = fs::read_to_string(from).expect("it is a text");
        let program = orders();
        let program = program.to_str().expect("paths are UTF-8");
        fs::write(&to, unit.replace(PROGRAM, program)).expect("the folder can be written to");
        to
    };
    entries.map(place).collect()
}

#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let units = units(folder.path());
    assert_eq!(units.len(), 4, "{units:?}");
    let mut analyze = Command::new(packaged("systemd-analyze", "systemd"));
    let verified = run(analyze.arg("verify").args(units));
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert_eq!(format!("{}{}", verified.stdout, verified.stderr), "");
}

/// The value of a unit's only line with this key.
fn value<'a>(unit: &'a str, key: &str) -> &'a str {
    let prefix = format!("{key}=");
    let values: Vec<_> = unit
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix))
        .collect();
    assert_eq!(values.len(), 1, "{key}: {unit}");
    values[0]
}

#[test]
fn the_socket_of_systemd_reaches_the_service() {
    let (_folder, variables) = database();
    let (socket, service) = (
        read("systemd/orders-web.socket"),
        read("systemd/orders-web.service"),
    );
    assert_eq!(value(&socket, "ListenStream"), "5000");
    let (_reserved, address) = reserved();
    let command = value(&service, "ExecStart").replace(PROGRAM, orders().to_str().unwrap());
    let mut activate = Command::new(packaged("systemd-socket-activate", "systemd"));
    activate.arg(format!("--listen={address}"));
    activate.arg(format!("--fdname={}", value(&socket, "FileDescriptorName")));
    // The environment of a unit is that of its lines and its file alone.
    let own = value(&service, "Environment").split_once('=').unwrap();
    let file = variables.iter().map(|(name, value)| (*name, &**value));
    for (name, value) in file.chain([own]) {
        activate.arg(format!("--setenv={name}={value}"));
    }
    activate.args(command.split(' ')).env_clear();
    activate.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start(activate);
    let mut bound = None;
    crate::http::service::wait_until("the socket listens", || {
        bound = std::net::TcpStream::connect(address).ok();
        bound.is_some()
    });
    wait_until_ready(&mut running, "the service");
    let (_, failures) = Load::start(&Place::Tcp(address), 1).end();
    assert!(failures.is_empty(), "{failures:?}");
    running.signal(Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
}
