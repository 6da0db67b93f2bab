//! `tf-check`, seen from outside: what it says about programs that are good, bad, empty or liars.

mod command;
mod foreign;
mod good;
mod honest;
mod joel;
mod languages;
mod orders;
mod rows;

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::{Output, binary};
use serde_json::Value;
use tempfile::TempDir;

/// What tf-check is told about the fixture `checked`; `EXTRA` is replaced.
const PROFILE: &str = r#"
slow = "/slow"
version = ["version"]
config = ["config"]
libraries = ["libc", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"]
[variables.DATA]
value = "{data}"
[variables.GREETING]
value = "hello"
required = true
[variables.CONTACT]
value = "me@example.org"
required = true
junk = "nobody"
[variables.SERVICE_URL]
value = "kv://app:{secret}@127.0.0.1:1/notes"
service = "kv://app:{secret}@{sink}/notes"
[share]
write = "POST /notes"
body = "one note"
type = "text/plain"
read = "/notes"
[processes]
worker = ["worker"]
[admin]
list = ["list"]
task = ["export"]
unknown = ["no-such-task"]
interrupt = ["slow"]
output = "json"
"#;

/// tf-check, with a folder of its own as the current one.
struct Check {
    /// tf-check, and what it is started by.
    program: Vec<OsString>,
    folder: TempDir,
    options: Vec<String>,
}

impl Check {
    fn new() -> Self {
        Self {
            program: vec![binary("tf-check", "tf-check").into()],
            folder: TempDir::new().expect("a folder can be made"),
            options: Vec::new(),
        }
    }

    /// Another copy of tf-check.
    fn by(mut self, program: &Path) -> Self {
        self.program = vec![program.into()];
        self
    }

    fn wrapped(mut self, words: &[&str]) -> Self {
        let words = words.iter().map(OsString::from);
        self.program.splice(0..0, words);
        self
    }

    fn option(mut self, words: &[&str]) -> Self {
        self.options
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    fn profile(self, text: &str) -> Self {
        self.file("profile.toml", text)
            .option(&["--profile", "profile.toml"])
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.folder.path().join(name), text).expect("the folder can be written");
        self
    }

    fn command(&self, program: &[&str]) -> Command {
        let mut command = Command::new(&self.program[0]);
        command.args(&self.program[1..]);
        command.env("TMPDIR", "/tmp");
        command.current_dir(self.folder.path()).args(&self.options);
        if !program.is_empty() {
            command.arg("--").args(program);
        }
        command
    }

    /// Waits longer than `harness::run`, for programs that take their time on a busy machine.
    fn run(&self, program: &[&str]) -> Output {
        const LIMIT: Duration = Duration::from_secs(150);
        let path = |name: &str| self.folder.path().join(name);
        let open = |name: &str| File::create(path(name)).expect("the folder can be written");
        let mut command = self.command(program);
        command
            .stdin(Stdio::null())
            .stdout(open("stdout"))
            .stderr(open("stderr"));
        let mut child = command.spawn().expect("tf-check starts");
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().expect("it is a child") {
                Some(status) => break status,
                None if begun.elapsed() > LIMIT => {
                    child.kill().expect("it is a child");
                    panic!("tf-check was not done after {LIMIT:?}");
                }
                None => thread::sleep(Duration::from_millis(10)),
            }
        };
        let read = |name: &str| fs::read_to_string(path(name)).expect("it was written");
        Output {
            code: status.code(),
            stdout: read("stdout"),
            stderr: read("stderr"),
        }
    }

    /// The checklist, for a program that gets as far as that.
    fn checklist(self, program: &[&str]) -> Checklist {
        let output = self.option(&["--format", "json"]).run(program);
        match serde_json::from_str(&output.stdout) {
            Ok(json) => Checklist { json, output },
            Err(error) => panic!("{error}: {output:#?}"),
        }
    }
}

struct Checklist {
    json: Value,
    output: Output,
}

impl Checklist {
    /// Verdict and remark of a check.
    fn finding(&self, check: &str) -> (&str, &str) {
        let rows = self.json["rows"].as_array().expect("rows");
        let mut findings = rows
            .iter()
            .flat_map(|row| row["checks"].as_array().expect("checks"));
        let finding = findings.find(|finding| finding["check"] == check);
        let finding = finding.unwrap_or_else(|| panic!("no check `{check}` in {:#}", self.json));
        let text = |key: &str| finding[key].as_str().expect("a text");
        (text("verdict"), text("remark"))
    }

    #[track_caller]
    fn assert(&self, check: &str, verdict: &str, words: &[&str]) {
        let (found, remark) = self.finding(check);
        assert_eq!(found, verdict, "{check}: {remark}\n{:#}", self.json);
        for word in words {
            assert!(remark.contains(word), "{check}: no `{word}` in: {remark}");
        }
    }

    /// All verdicts, with what they belong to.
    fn verdicts(&self) -> Vec<(&str, &str, &str)> {
        let rows = self.json["rows"].as_array().expect("rows");
        let findings = rows.iter().flat_map(|row| {
            let findings = row["checks"].as_array().expect("checks");
            findings.iter().map(|finding| {
                let text = |key: &str| finding[key].as_str().expect("a text");
                (text("check"), text("verdict"), text("remark"))
            })
        });
        findings.collect()
    }
}

/// The fixture, which goes wrong in these ways; `extra` stands at the head of its profile.
fn checked(ways: &str, only: &str, extra: &str) -> Checklist {
    let way = format!("[variables.WAY]\nvalue = \"{ways}\"\n");
    let check = Check::new().profile(&format!("{extra}\n{PROFILE}{way}"));
    let fixture = binary("tf-tests", "checked");
    let options = ["--only", only, "--timeout", "4"];
    check
        .option(&options)
        .checklist(&[&fixture.display().to_string()])
}
