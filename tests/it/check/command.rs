//! The command line: usage, formats, exit codes, and what is left behind.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use harness::{Running, binary, packaged, root};
use rustix::process::Signal;

use super::Check;

fn node() -> [String; 2] {
    let script = root().join("tests/it/check/programs/service.js");
    [
        packaged("node", "nodejs").display().to_string(),
        script.display().to_string(),
    ]
}

#[test]
fn mistakes_end_with_2_and_name_what_is_wrong() {
    let no_program = Check::new().run(&[]);
    assert_eq!(no_program.code, Some(2), "{no_program:#?}");
    let unknown = Check::new().option(&["--only", "XIII"]).run(&["true"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("no factor `XIII`"),
        "{}",
        unknown.stderr
    );
    let absent = Check::new().run(&["./no-such-program"]);
    assert_eq!(absent.code, Some(2));
    assert!(
        absent
            .stderr
            .contains("`./no-such-program` cannot be started"),
        "{}",
        absent.stderr
    );
    let profile = Check::new().profile("pth = \"/\"\nslow = 5").run(&["true"]);
    assert_eq!(profile.code, Some(2));
    for words in [
        "has 2 problems",
        "`pth`: unknown key; did you mean `path`?",
        "`slow`: expected a string",
    ] {
        assert!(profile.stderr.contains(words), "{}", profile.stderr);
    }
    let missing = Check::new()
        .option(&["--profile", "none.toml"])
        .run(&["true"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("`none.toml` cannot be read"),
        "{}",
        missing.stderr
    );
}

#[test]
fn strict_counts_what_was_not_tested_as_a_failure() {
    let [node, script] = node();
    for (options, code) in [
        (&["--only", "IX,VII"][..], 0),
        (&["--only", "IX,VII", "--strict"], 1),
    ] {
        let output = Check::new().option(options).run(&[&node, &script]);
        assert_eq!(output.code, Some(code), "{output:#?}");
        assert!(
            output
                .stdout
                .contains("in flight (not tested): the profile names no `slow` path")
        );
        assert!(
            output.stdout.contains("pass (1 not tested)"),
            "{}",
            output.stdout
        );
    }
}

#[test]
fn the_profile_of_the_folder_is_taken_and_markdown_is_the_checklist() {
    let [node, script] = node();
    let check = Check::new().file(
        "twelve-factor.toml",
        "slow = \"/slow\"\n[declared]\nX = \"one team\"",
    );
    let output = check
        .option(&["--only", "IX,10", "--format", "md"])
        .run(&[&node, &script]);
    assert_eq!(output.code, Some(0), "{output:#?}");
    assert!(
        output
            .stdout
            .contains("| Factor | Status | Remarks |\n|---|---|---|\n| IX. Disposability | pass |")
    );
    assert!(
        output.stdout.contains("owner (declared): one team"),
        "{}",
        output.stdout
    );
}

#[test]
fn a_word_that_is_a_file_here_is_found_from_the_fresh_folder() {
    let [node, script] = node();
    let text = fs::read_to_string(script).unwrap();
    let check = Check::new()
        .file("app.js", &text)
        .option(&["--only", "VII"]);
    let output = check.run(&[&node, "app.js"]);
    assert_eq!(output.code, Some(0), "{output:#?}");
}

#[test]
fn a_signal_ends_the_programs_and_removes_the_folders() {
    let temporary = tempfile::TempDir::new().unwrap();
    let script = root().join("tests/it/check/programs/ignores.sh");
    let shell = packaged("sh", "dash").display().to_string();
    let check = Check::new();
    let mut command = check.command(&[&shell, &script.display().to_string()]);
    command.env("TMPDIR", temporary.path());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let running = Running::start(command);
    let begun = Instant::now();
    let child = loop {
        let children = format!(
            "/proc/{0}/task/{0}/children",
            running.pid().as_raw_nonzero()
        );
        let children = fs::read_to_string(children).unwrap_or_default();
        let mut children = children.split_whitespace();
        let ignores = |pid: &&str| {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline"));
            line.is_ok_and(|line| line.contains("ignores.sh"))
        };
        if let Some(child) = children.find(ignores) {
            break child.to_owned();
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it starts no program"
        );
    };
    running.signal(Signal::INT);
    assert_eq!(running.wait().code(), Some(130));
    let line = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
    assert!(!line.contains("ignores.sh"), "{child} is still there");
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_ordinary_user_may_run_it() {
    let setpriv = packaged("setpriv", "util-linux");
    let [node, script] = node();
    // What an ordinary user can read: the target folder may be below somebody's home.
    let public = tempfile::TempDir::new().unwrap();
    let path = |name: &str| public.path().join(name);
    fs::copy(binary("tf-check", "tf-check"), path("tf-check")).unwrap();
    fs::copy(script, path("service.js")).unwrap();
    fs::set_permissions(
        public.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let mut command = std::process::Command::new(setpriv);
    if rustix::process::getuid().is_root() {
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    }
    command
        .current_dir(public.path())
        .env("TMPDIR", "/tmp")
        .arg(path("tf-check"));
    command
        .args(["--only", "II,VII,IX", "--", &node])
        .arg(path("service.js"));
    let output = harness::run(&mut command);
    assert_eq!(output.code, Some(0), "{output:#?}");
    for words in ["read-only root", "process 1", "namespaces: "] {
        assert!(output.stdout.contains(words), "{}", output.stdout);
    }
}
