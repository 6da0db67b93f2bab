//! Debian's rsyslog as the platform that collects the lines: it follows a file, parses each line as
//! JSON, and writes what it understood as JSON again.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use harness::packaged;
use tempfile::TempDir;

use super::json::{Json, parse};

/// A running rsyslogd with a private folder. Dropping it ends the process.
pub(super) struct Rsyslog {
    // The process comes first: it is dropped before its folder.
    process: Process,
    folder: TempDir,
}

struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Rsyslog {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        File::create(folder.path().join("service")).expect("the folder can be written to");
        fs::write(folder.path().join("conf"), configuration(folder.path()))
            .expect("the folder can be written to");
        let program = packaged("rsyslogd", "rsyslog");
        let command = |arguments: &[&str]| {
            // Nothing is left of it when the test is killed.
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "KILL"]).arg(&program);
            command
                .args(arguments)
                .arg("-f")
                .arg(folder.path().join("conf"));
            command.current_dir(folder.path()).process_group(0);
            command
        };
        let checked = harness::run(&mut command(&["-N1"]));
        assert_eq!(checked.code, Some(0), "{}", checked.stderr);
        let mut child = command(&["-n", "-iNONE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("setpriv starts");
        let lines = follow(child.stdout.take().expect("stdout is a pipe"));
        Self {
            process: Process { child, lines },
            folder,
        }
    }

    /// The standard output of a service that rsyslog shall collect.
    pub(super) fn stdout(&self) -> File {
        let file = File::options()
            .append(true)
            .open(self.folder.path().join("service"));
        file.expect("the file was made")
    }

    /// What the service wrote so far.
    pub(super) fn written(&self) -> String {
        fs::read_to_string(self.folder.path().join("service")).expect("the service writes UTF-8")
    }

    /// The next `count` lines as rsyslog understood them: whether it is JSON, and which.
    pub(super) fn understood(&self, count: usize) -> Vec<(bool, Json)> {
        const LIMIT: Duration = Duration::from_secs(20);
        let end = Instant::now() + LIMIT;
        let next = |number| {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.process.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|error| panic!("line {number} of {count}: {error}"));
            let (verdict, json) = line.split_once(' ').expect("a verdict and a line");
            (
                verdict == "OK",
                parse(json).unwrap_or_else(|error| panic!("{error}: {json}")),
            )
        };
        (1..=count).map(next).collect()
    }

    /// Ends rsyslog in its orderly way; yields how many more lines it had.
    pub(super) fn rest(mut self) -> usize {
        const LIMIT: Duration = Duration::from_secs(20);
        let id = self.process.child.id().to_string();
        let told = harness::run(Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &id]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let end = Instant::now() + LIMIT;
        let mut count = 0;
        while let Ok(_line) = self
            .process
            .lines
            .recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            count += 1;
        }
        assert!(Instant::now() < end, "rsyslogd goes on after SIGTERM");
        let status = self
            .process
            .child
            .wait()
            .expect("the child can be waited for");
        assert!(status.success(), "{status}");
        count
    }
}

/// Sends the lines of a pipe until its end.
fn follow(pipe: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let line = line.expect("rsyslog writes UTF-8");
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Its stock parsers expect the header of syslog, which no service writes; `imfile` needs none. Unless
/// told otherwise it takes `A` and `a` for the same key, which neither JSON nor an index does.
fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"global(workDirectory="{folder}" maxMessageSize="64k" net.enableDNS="off" variables.caseSensitive="on")
module(load="imfile")
module(load="mmjsonparse")
template(name="understood" type="string" string="%parsesuccess% %$!%\n")
ruleset(name="collect") {{
  action(type="mmjsonparse" cookie="")
  action(type="omfile" file="/dev/stdout" template="understood")
}}
input(type="imfile" file="{folder}/service" tag="service" ruleset="collect" addMetadata="off")
"#
    )
}
