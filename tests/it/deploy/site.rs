//! A folder with releases, the script that keeps them, and supervisor that runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use harness::{Output, Running, packaged, root};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::http::service::wait_until;

/// The example whose worker and tasks need no server.
pub(super) fn app() -> PathBuf {
    harness::example("app")
}

/// The service that `examples/deploy` is about.
pub(super) fn orders() -> PathBuf {
    harness::binary("orders", "orders")
}

/// A folder that is set up for releases.
pub(super) struct Site(TempDir);

impl Site {
    /// With so many web processes on a socket of this folder.
    pub(super) fn new(processes: u8) -> Self {
        let site = Self::empty();
        let socket = format!("unix://{}", site.socket().display());
        site.done(&["init", &socket, &processes.to_string()]);
        site
    }

    pub(super) fn empty() -> Self {
        for (program, package) in [
            ("supervisord", "supervisor"),
            ("supervisorctl", "supervisor"),
            ("jq", "jq"),
            ("curl", "curl"),
            ("flock", "util-linux"),
            ("git", "git"),
        ] {
            let _is_there = packaged(program, package);
        }
        let folder = tempfile::Builder::new().prefix("site").tempdir();
        Self(folder.expect("a folder can be made"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path("web.sock")
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("the folder can be written to");
        path
    }

    /// The script, which has nothing of the surroundings but where programs are.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(root().join("examples/deploy/release"));
        command.args(words).env_clear();
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("RELEASE_ROOT", self.0.path());
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(super) fn release(&self, words: &[&str]) -> Output {
        finish(Running::start(self.command(words)))
    }

    /// Runs it, which must succeed; the last line that it says.
    pub(super) fn done(&self, words: &[&str]) -> String {
        let output = self.release(words);
        assert_eq!(output.code, Some(0), "{words:?}: {output:#?}");
        output.stdout.lines().last().unwrap_or_default().to_owned()
    }

    /// Runs it, which must end with this code; what it complains about.
    pub(super) fn refused(&self, code: i32, words: &[&str]) -> String {
        let output = self.release(words);
        assert_eq!(output.code, Some(code), "{words:?}: {output:#?}");
        output.stderr
    }

    /// A release of a program with this configuration; its id.
    pub(super) fn create(&self, program: &Path, commit: &str, configuration: &str) -> String {
        let program = program.to_str().expect("paths are UTF-8");
        self.done(&["build", "--program", program, commit]);
        let file = self.write("configuration", configuration);
        self.done(&["create", commit, file.to_str().expect("paths are UTF-8")])
    }

    /// The configuration of `orders`, with its database and its queue in a file of this folder.
    pub(super) fn settings(&self, more: &str) -> String {
        let url = format!("sqlite:{}?mode=rwc", self.path("orders.db").display());
        format!("DATABASE_URL={url}\nQUEUE_URL={url}\n{more}\n")
    }

    /// A task of a release, in an environment with a value that must not count.
    pub(super) fn task(&self, release: &str, words: &[&str]) -> Output {
        let mut command = Command::new(self.path(&format!("{release}/run")));
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin");
        command
            .env("DATABASE_URL", "nonsense")
            .env("FULFIL_TIME", "nonsense");
        let output = harness::run(&mut command);
        assert_eq!(output.code, Some(0), "{output:?}");
        output
    }

    /// Supervisor with the current release.
    pub(super) fn run(&self) -> Manager {
        Manager::start(self.command(&["run"]))
    }

    pub(super) fn ledger(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("ledger.jsonl")).expect("there is a ledger");
        let lines = text.lines().map(serde_json::from_str);
        lines.map(|line| line.expect("a line is JSON")).collect()
    }

    /// What happened to which release, from which other.
    pub(super) fn story(&self) -> Vec<String> {
        let word = |line: &Value, name: &str| line[name].as_str().unwrap_or("-").to_owned();
        let lines = self.ledger();
        let lines = lines.iter();
        lines
            .map(|line| {
                ["what", "id", "from"]
                    .map(|name| word(line, name))
                    .join(" ")
            })
            .collect()
    }

    pub(super) fn current(&self) -> String {
        let link = fs::read_link(self.path("current")).expect("a release is activated");
        let id = link.file_name().expect("it names a folder");
        id.to_str().expect("ids are UTF-8").to_owned()
    }

    /// Waits until supervisor takes every process for running, and gives them.
    pub(super) fn running(&self) -> Vec<[String; 3]> {
        let mut processes = Vec::new();
        wait_until("all processes run", || {
            processes = self.processes();
            processes.iter().all(|[_, state, _]| state == "RUNNING")
        });
        processes
    }

    /// Name, state and process id of each process.
    pub(super) fn processes(&self) -> Vec<[String; 3]> {
        let said = self.control(&["status"]);
        let lines = said.lines().map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            [0, 1, 3].map(|index| words.get(index).unwrap_or(&"").to_string())
        });
        lines.collect()
    }

    pub(super) fn control(&self, words: &[&str]) -> String {
        let mut command = Command::new(packaged("supervisorctl", "supervisor"));
        command.arg("--configuration");
        command.arg(self.path("supervisord.conf")).args(words);
        harness::run(&mut command).stdout
    }
}

impl Drop for Site {
    /// Releases cannot be written to, which keeps all but root from removing them.
    fn drop(&mut self) {
        let mut command = Command::new("chmod");
        // What cannot be changed stays; it harms no test.
        let _ = command.args(["-R", "u+w"]).arg(self.0.path()).status();
    }
}

/// Reads all that it says and waits for its end.
pub(super) fn finish(mut running: Running) -> Output {
    let text = |lines: &mut harness::Lines| lines.map(|line| line + "\n").collect::<String>();
    let stderr = text(&mut running.stderr);
    let stdout = text(&mut running.stdout);
    Output {
        code: running.wait().code(),
        stdout,
        stderr,
    }
}

/// Supervisor, whose standard output has the log lines of all processes. Dropping it ends it and them.
pub(super) struct Manager {
    running: Option<Running>,
    heard: Vec<Value>,
}

impl Manager {
    pub(super) fn start(supervisord: Command) -> Self {
        Self {
            running: Some(Running::start(supervisord)),
            heard: Vec::new(),
        }
    }

    /// Waits until so many processes of this release have said that they are ready.
    pub(super) fn wait_until_ready(&mut self, release: &str, count: usize) {
        let is_ready = |event: &Value| {
            event["event"]["action"] == "lifecycle.ready" && event["service"]["version"] == release
        };
        let already = self.heard.len();
        let mut seen = 0;
        let lines = &mut self.running.as_mut().expect("it runs").stdout;
        while seen < count {
            let line = lines.next().unwrap_or_else(|| panic!("{:#?}", self.heard));
            let event = event(&line);
            seen += usize::from(is_ready(&event));
            self.heard.push(event);
        }
        assert!(self.heard.len() > already);
    }

    /// Ends it; all events so far, and those of the end.
    pub(super) fn stop(mut self) -> Vec<Value> {
        let mut running = self.running.take().expect("it runs");
        running.signal(Signal::TERM);
        let rest: Vec<_> = running.stdout.by_ref().collect();
        assert_eq!(running.wait().code(), Some(0), "{rest:#?}");
        let mut events = std::mem::take(&mut self.heard);
        events.extend(rest.iter().map(|line| event(line)));
        events
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.signal(Signal::TERM);
            let _ = running.wait();
        }
    }
}

/// Nothing but log lines may be on standard output.
pub(super) fn event(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
