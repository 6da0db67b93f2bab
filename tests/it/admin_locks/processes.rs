//! Two processes and one lock.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Output, Running, run};
use rustix::process::Signal;
use tempfile::TempDir;

use super::{Kind, MariaDb, Postgres, unique};

/// What a lock is kept in, with a key of its own.
struct Store {
    url: String,
    app: String,
    _folder: Option<TempDir>,
}

impl Store {
    fn server(kind: Kind) -> Self {
        Self {
            url: kind.server().url(),
            app: unique("shop"),
            _folder: None,
        }
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            url: format!("file://{}", folder.path().display()),
            app: unique("shop"),
            _folder: Some(folder),
        }
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guarded"));
        command.arg("work").args(options);
        command.env_clear().env("APP", &self.app);
        command.env("ADMIN_LOCK_URL", &self.url);
        command
    }

    fn run(&self, options: &[&str]) -> Output {
        run(&mut self.command(options))
    }

    /// A process that has the lock until it is told to stop.
    fn hold(&self, actor: &str) -> Running {
        let mut holder = self.start(&["--actor", actor], true);
        assert!(holder.stderr.any(|line| line == "it works"));
        holder
    }

    fn start(&self, options: &[&str], keeps: bool) -> Running {
        let mut command = self.command(options);
        if keeps {
            command.env("KEEP", "1");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        Running::start(command)
    }
}

fn end(holder: Running, signal: Signal) -> Option<i32> {
    holder.signal(signal);
    holder.wait().code()
}

fn contention_names_the_holder(store: &Store) {
    let holder = store.hold("anna");
    let pid = holder.pid().as_raw_pid();
    let late = store.run(&[]);
    assert_eq!(late.code, Some(75), "{late:?}");
    for word in ["by anna on", &format!("(pid {pid})"), "of `work`"] {
        assert!(late.stderr.contains(word), "{word}: {late:?}");
    }
    assert!(!late.stderr.contains("it works") && late.stdout.is_empty());

    let dry = store.run(&["--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(dry.stderr.contains("by anna on"), "{dry:?}");
    let skipped = store.run(&["--skip-if-locked"]);
    assert_eq!(skipped.code, Some(0), "{skipped:?}");
    assert!(!skipped.stderr.contains("it works"), "{skipped:?}");

    // None of them took the lock away.
    assert_eq!(store.run(&[]).code, Some(75));
    assert_eq!(end(holder, Signal::TERM), Some(143));
    let next = store.run(&[]);
    assert_eq!(next.code, Some(0), "{next:?}");
    assert!(!next.stderr.contains("warning"), "{next:?}");
}

#[test]
fn contention_names_the_holder_in_a_file() {
    contention_names_the_holder(&Store::file());
}

#[test]
fn contention_names_the_holder_in_postgres() {
    contention_names_the_holder(&Store::server(Postgres));
}

#[test]
fn contention_names_the_holder_in_mariadb() {
    contention_names_the_holder(&Store::server(MariaDb));
}

fn a_killed_holder_frees_the_lock(store: &Store) {
    let holder = store.hold("anna");
    assert_eq!(end(holder, Signal::KILL), None);
    // The server sees the end of the connection a moment later.
    let next = store.run(&["--wait", "10s"]);
    assert_eq!(next.code, Some(0), "{next:?}");
    let dry = store.run(&["--dry-run"]);
    assert!(!dry.stderr.contains("held by"), "{dry:?}");
}

#[test]
fn a_killed_holder_frees_its_file_at_once() {
    let store = Store::file();
    assert_eq!(end(store.hold("anna"), Signal::KILL), None);
    assert_eq!(store.run(&[]).code, Some(0));
    a_killed_holder_frees_the_lock(&store);
}

#[test]
fn a_killed_holder_frees_the_lock_in_postgres() {
    a_killed_holder_frees_the_lock(&Store::server(Postgres));
}

#[test]
fn a_killed_holder_frees_the_lock_in_mariadb() {
    a_killed_holder_frees_the_lock(&Store::server(MariaDb));
}

fn waiting_ends_with_the_lock_or_at_its_deadline(store: &Store) {
    let holder = store.hold("anna");
    let began = Instant::now();
    let late = store.run(&["--wait", "700ms"]);
    assert_eq!(late.code, Some(75), "{late:?}");
    assert!(began.elapsed() >= Duration::from_millis(700));
    assert!(late.stderr.contains("by anna on"), "{late:?}");

    let mut waiting = store.start(&["--wait", "20s"], false);
    assert!(
        waiting
            .stderr
            .any(|line| line.contains("waiting") && line.contains("anna"))
    );
    assert_eq!(end(holder, Signal::TERM), Some(143));
    assert!(waiting.stderr.any(|line| line == "it works"));
    assert_eq!(waiting.wait().code(), Some(0));
}

#[test]
fn waiting_for_a_file_ends_with_it_or_at_its_deadline() {
    waiting_ends_with_the_lock_or_at_its_deadline(&Store::file());
}

#[test]
fn waiting_for_postgres_ends_with_the_lock_or_at_its_deadline() {
    waiting_ends_with_the_lock_or_at_its_deadline(&Store::server(Postgres));
}

#[test]
fn waiting_for_mariadb_ends_with_the_lock_or_at_its_deadline() {
    waiting_ends_with_the_lock_or_at_its_deadline(&Store::server(MariaDb));
}

async fn a_connection_that_the_server_drops_ends_the_run(kind: Kind) {
    kind.url().await;
    let store = Store::server(kind);
    let mut holder = store.hold("anna");
    let started = tokio::task::spawn_blocking(move || {
        let run_id = store.run(&[]).stderr;
        let (_, rest) = run_id.split_once("held by run ").expect("it is held");
        let run_id = rest.split(' ').next().expect("a run").to_owned();
        (store, run_id)
    });
    let (store, run_id) = started.await.expect("it ends");
    kind.end_session_of(&run_id).await;
    let began = Instant::now();
    let ended = tokio::task::spawn_blocking(move || {
        assert!(holder.stderr.any(|line| line.contains("lock_lost")));
        let known = began.elapsed();
        (known, holder.wait().code())
    });
    let (known, code) = ended.await.expect("it ends");
    assert_eq!(code, Some(76));
    assert!(known < Duration::from_secs(2), "{known:?}");
    let next = tokio::task::spawn_blocking(move || store.run(&[]).code);
    assert_eq!(next.await.expect("it ends"), Some(0));
}

#[tokio::test]
async fn a_connection_that_postgres_drops_ends_the_run() {
    a_connection_that_the_server_drops_ends_the_run(Postgres).await;
}

#[tokio::test]
async fn a_connection_that_mariadb_drops_ends_the_run() {
    a_connection_that_the_server_drops_ends_the_run(MariaDb).await;
}

#[test]
fn a_login_that_is_refused_is_a_mistake_of_the_configuration_and_stays_hidden() {
    for kind in [Postgres, MariaDb] {
        let mut store = Store::server(kind);
        store.url = store.url.replacen('@', "Zq7marker@", 1);
        for options in [&[][..], &["--dry-run"]] {
            let refused = store.run(options);
            let (_, password) = kind.server().login().expect("it has a login");
            for secret in [password, "%3A%25w", "Zq7"] {
                assert!(!refused.stderr.contains(secret), "{refused:?}");
            }
            let code = if options.is_empty() { 78 } else { 0 };
            assert_eq!(refused.code, Some(code), "{refused:?}");
        }
    }
}
