//! The example, started in a place of its own and watched to its end.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Running, example};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::{TempDir, tempdir, tempfile};

/// Nobody listens there, and nobody is to see the password.
pub(super) const URL: &str = "postgres://app:pl4nted%2Fs3kret@127.0.0.1:1/shop";

/// The value of the secret argument.
pub(super) const KEY: &str = "wh1spered-k3y";

/// What must not occur in any output: the password in the clear and as the URL has it, the key, and pieces of them.
const SECRETS: [&str; 4] = ["pl4nted", "s3kret", "wh1spered", "k3y"];

/// A folder with the locks and the effects of a test.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(tempdir().expect("a folder is made"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The example with these words, in an environment that has what it needs and nothing else.
    pub(super) fn admin(&self, words: &[&str]) -> Command {
        let mut command = Command::new(example("admin"));
        command.args(words);
        self.surround(&mut command);
        command
    }

    pub(super) fn surround(&self, command: &mut Command) {
        command
            .env_clear()
            .env("DATABASE_URL", URL)
            .env("EFFECTS_FILE", self.path("effects"))
            .env("ADMIN_LOCK_DIR", self.path("locks"));
    }

    pub(super) fn run(&self, words: &[&str]) -> Ended {
        Live::start(self.admin(words)).end()
    }

    /// What was done to the world.
    pub(super) fn effects(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("effects")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The file of the only lock.
    pub(super) fn lock_file(&self) -> PathBuf {
        let mut entries = fs::read_dir(self.path("locks")).expect("the folder of locks is there");
        let entry = entries
            .next()
            .expect("there is a lock")
            .expect("it can be read");
        assert!(entries.next().is_none());
        entry.path()
    }
}

/// A run that goes on. It is killed when this is dropped.
pub(super) struct Live {
    running: Running,
    stdout: File,
    heard: Vec<String>,
    since: Instant,
}

impl Live {
    /// Starts with an empty stdin and a file for stdout.
    pub(super) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        Self::start_with_stdin(command)
    }

    pub(super) fn start_with_stdin(mut command: Command) -> Self {
        let stdout = tempfile().expect("a file is made");
        command.stdout(stdout.try_clone().expect("the file can be copied"));
        Self::start_with(command, stdout)
    }

    /// Starts with the stdout of the command, of which the file is a copy.
    pub(super) fn start_with(mut command: Command, stdout: File) -> Self {
        command.stderr(Stdio::piped());
        Self {
            running: Running::start(command),
            stdout,
            heard: Vec::new(),
            since: Instant::now(),
        }
    }

    /// Reads messages until one that has this text.
    pub(super) fn until(&mut self, text: &str) -> String {
        for line in self.running.stderr.by_ref() {
            self.heard.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("no `{text}` in {:#?}", self.heard);
    }

    pub(super) fn pid(&self) -> i32 {
        self.running.pid().as_raw_nonzero().get()
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        self.since = Instant::now();
        self.running.signal(signal);
    }

    /// Lets time pass until this long after the last signal.
    pub(super) fn pass(&self, time: Duration) {
        std::thread::sleep(time.saturating_sub(self.since.elapsed()));
    }

    /// Waits for its end, and checks what holds for every run. The time counts from the last signal, or from the start.
    pub(super) fn end(mut self) -> Ended {
        self.heard.extend(self.running.stderr.by_ref());
        let (pid, status) = (self.pid(), self.running.wait());
        let mut stdout = String::new();
        self.stdout.rewind().expect("the file can be read");
        self.stdout
            .read_to_string(&mut stdout)
            .expect("stdout is UTF-8");
        let ended = Ended {
            pid,
            code: status.code(),
            signal: status.signal(),
            took: self.since.elapsed(),
            stdout,
            stderr: self.heard,
        };
        ended.check();
        ended
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) pid: i32,
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) took: Duration,
    pub(super) stdout: String,
    pub(super) stderr: Vec<String>,
}

impl Ended {
    /// What holds however a run ends.
    fn check(&self) {
        let everything = format!("{self:?}");
        for secret in SECRETS {
            assert!(!everything.contains(secret), "{secret}: {self:#?}");
        }
        assert!(!everything.contains("panicked"), "{self:#?}");
        assert!(!everything.contains('\u{1b}'), "{self:#?}");
        let is_whole = self.stdout.is_empty() || self.stdout.ends_with('\n');
        assert!(is_whole, "{self:#?}");
        if self.code != Some(0) {
            assert_eq!(self.stdout, "", "{self:#?}");
        }
        if self.signal.is_none() && self.code != Some(0) {
            let said = self.stderr.iter().any(|line| line.starts_with("error: "));
            assert!(said, "{self:#?}");
        }
        let audit = self.audit();
        let actions: Vec<&str> = audit.iter().map(action).collect();
        match (actions.as_slice(), self.signal) {
            ([] | ["admin.refused"] | ["admin.started", "admin.finished"], None)
            | (["admin.started"], Some(_)) => {}
            _ => panic!("{self:#?}"),
        }
        for event in &audit {
            assert_eq!(event["admin"]["run_id"], audit[0]["admin"]["run_id"]);
            assert_eq!(event["admin"]["pid"], self.pid, "{self:#?}");
            let is_last = action(event) != "admin.started";
            assert_eq!(!event["admin"]["outcome"].is_null(), is_last, "{event}");
            if is_last {
                assert_eq!(event["admin"]["code"].as_i64(), self.code.map(i64::from));
            }
        }
    }

    /// The records of the run.
    pub(super) fn audit(&self) -> Vec<Value> {
        let lines = self.stderr.iter().filter(|line| line.starts_with('{'));
        let events = lines.map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
        let names = ["admin.started", "admin.finished", "admin.refused"];
        events
            .filter(|event| names.contains(&action(event)))
            .collect()
    }

    /// What the last record says of the run.
    pub(super) fn record(&self) -> Value {
        let mut audit = self.audit();
        let last = audit
            .pop()
            .unwrap_or_else(|| panic!("no record: {self:#?}"));
        last["admin"].clone()
    }

    pub(super) fn outcome(&self) -> (Option<i32>, String) {
        let outcome = self.record()["outcome"]
            .as_str()
            .unwrap_or("none")
            .to_owned();
        (self.code, outcome)
    }

    /// The messages for people.
    pub(super) fn messages(&self) -> String {
        let lines = self.stderr.iter().filter(|line| !line.starts_with('{'));
        lines.map(|line| format!("{line}\n")).collect()
    }
}

/// The code and the outcome that a run should have.
pub(super) fn ended(code: i32, outcome: &str) -> (Option<i32>, String) {
    (Some(code), outcome.to_owned())
}

fn action(event: &Value) -> &str {
    event["event"]["action"].as_str().unwrap_or_default()
}
