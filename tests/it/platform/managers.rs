//! Supervisor runs what the text says.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use harness::{Running, example, packaged, run};
use rustix::process::Signal;
use tempfile::TempDir;

use super::{odd_path, text};

/// What the example needs.
const VARIABLES: &[(&str, &str)] = &[("PORT", "0"), ("GREETING", "hello")];

/// Supervisor with one generated text, and everything else in a folder of its own. Dropping it ends it.
struct Supervisor {
    running: Running,
    heard: Vec<String>,
    configuration: PathBuf,
    _folder: TempDir,
}

impl Supervisor {
    fn start(folder: TempDir, text: &str, variables: &[(&str, &str)]) -> Self {
        let at = folder.path();
        let file = |name: &str, content: &str| {
            fs::write(at.join(name), content).expect("the folder can be written to");
        };
        let place = at.display();
        file("app.conf", text);
        file(
            "conf",
            &format!(
                "[supervisord]\nnodaemon=true\nlogfile={place}/log\npidfile={place}/pid\n\
                 [unix_http_server]\nfile={place}/control\n\
                 [rpcinterface:supervisor]\n\
                 supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
                 [supervisorctl]\nserverurl=unix://{place}/control\n\
                 [include]\nfiles=app.conf\n"
            ),
        );
        let configuration = at.join("conf");
        let mut command = Command::new(packaged("supervisord", "supervisor"));
        command.arg("--configuration").arg(&configuration);
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command.envs(variables.iter().copied());
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            running: Running::start(command),
            heard: Vec::new(),
            configuration,
            _folder: folder,
        }
    }

    /// Reads what supervisor and its programs write until a line has one of these words.
    fn wait_for_any(&mut self, words: &[&str]) {
        let fits = |line: &String| words.iter().any(|words| line.contains(words));
        if self.heard.iter().any(fits) {
            return;
        }
        for line in self.running.stdout.by_ref() {
            let is_there = fits(&line);
            self.heard.push(line);
            if is_there {
                return;
            }
        }
        panic!("none of {words:?} in {:#?}", self.heard);
    }

    fn wait_until_running(&mut self, process: &str) {
        self.wait_for_any(&[&format!("success: {process} entered RUNNING state")]);
    }

    fn control(&self, action: &str, process: &str) {
        let mut command = Command::new(packaged("supervisorctl", "supervisor"));
        command.arg("--configuration").arg(&self.configuration);
        let done = run(command.args([action, process]));
        assert_eq!(done.code, Some(0), "{action} {process}: {done:?}");
    }

    /// Ends it; what it and its programs have written.
    fn stop(mut self) -> Vec<String> {
        self.running.signal(Signal::TERM);
        self.heard.extend(self.running.stdout.by_ref());
        assert_eq!(self.running.wait().code(), Some(0), "{:#?}", self.heard);
        self.heard
    }
}

/// The names of the programs of a text.
fn programs(text: &str) -> Vec<&str> {
    let sections = text
        .lines()
        .filter_map(|line| line.strip_prefix("[program:"));
    sections.filter_map(|line| line.strip_suffix(']')).collect()
}

fn is_ended_well(heard: &[String], process: &str) -> bool {
    let stopped = format!("stopped: {process} (exit status 0)");
    heard.iter().any(|line| line.contains(&stopped))
}

fn runs_and_stops(program: &Path, folder: TempDir) {
    let text = text(program, &["--supervisor"]);
    let names = programs(&text);
    assert!(names.len() >= 2, "{text}");
    let mut supervisor = Supervisor::start(folder, &text, VARIABLES);
    for name in &names {
        supervisor.wait_until_running(name);
    }
    supervisor.wait_for_any(&["lifecycle.ready"]);
    let heard = supervisor.stop();
    for name in names {
        assert!(is_ended_well(&heard, name), "{name}: {heard:#?}");
    }
}

#[test]
fn supervisor_runs_every_process_type_and_stops_it_in_time() {
    runs_and_stops(&example("app"), tempfile::tempdir().unwrap());
}

#[test]
fn supervisor_finds_a_program_with_an_odd_path() {
    let folder = tempfile::tempdir().unwrap();
    runs_and_stops(&odd_path(folder.path()), folder);
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
    let address = listener.local_addr().expect("it is bound");
    address.port()
}

/// The first line of the answer.
fn ask(port: u16) -> String {
    let limit = Some(Duration::from_secs(20));
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the port is open");
    stream.set_read_timeout(limit).expect("not zero");
    let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it ends");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn three_processes_answer_on_one_port() {
    let port = free_port();
    let text = text(&example("app"), &["--supervisor", "--processes", "3"]);
    let (default, free) = ("tcp://0.0.0.0:5000\n", format!("tcp://127.0.0.1:{port}\n"));
    assert!(text.contains(default), "{text}");
    let text = text.replace(default, &free);
    let processes = ["web_00", "web_01", "web_02"];
    let folder = tempfile::tempdir().unwrap();
    let mut supervisor = Supervisor::start(folder, &text, VARIABLES);
    for name in processes {
        supervisor.wait_until_running(name);
    }
    assert_eq!(ask(port), "HTTP/1.1 200 OK");
    // Each of them alone, while the socket stays.
    for (action, process) in [
        ("stop", "web:web_00"),
        ("stop", "web:web_01"),
        ("ask", "web_02"),
        ("start", "web:web_00"),
        ("stop", "web:web_02"),
        ("ask", "web_00"),
        ("start", "web:web_01"),
        ("stop", "web:web_00"),
        ("ask", "web_01"),
    ] {
        match action {
            "ask" => assert_eq!(ask(port), "HTTP/1.1 200 OK", "{process}"),
            action => supervisor.control(action, process),
        }
    }
    let heard = supervisor.stop();
    for name in processes {
        assert!(is_ended_well(&heard, name), "{name}: {heard:#?}");
    }
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    assert!(refused.is_err(), "the port is still open");
}

#[test]
fn supervisor_gives_up_on_a_service_without_its_configuration() {
    let text = text(&example("app"), &["--supervisor"]);
    let mut supervisor = Supervisor::start(tempfile::tempdir().unwrap(), &text, &[]);
    // A process that ends in its first second is tried three times more; a later end with 78 is expected.
    supervisor.wait_for_any(&[
        "gave up: web entered FATAL state",
        "exited: web (exit status 78; expected)",
    ]);
    let heard = supervisor.stop();
    let ends = heard.iter().filter(|line| line.contains("exited: web"));
    let ends: Vec<_> = ends.collect();
    assert!((1..=4).contains(&ends.len()), "{heard:#?}");
    let is_78 = |line: &&&String| line.contains("exit status 78");
    assert_eq!(ends.iter().filter(is_78).count(), ends.len(), "{ends:#?}");
}
