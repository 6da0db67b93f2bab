//! Releases that replace each other under a real supervisor.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use harness::{Lines, Running};
use rustix::process::Signal;
use serde_json::Value;

use super::site::{Site, app, event, finish, orders};
use crate::http::load::{Load, Place};

/// The processes of a release: two for web, and the worker.
const PROCESSES: usize = 3;

fn assert_current(site: &Site, release: &str, concurrency: &str) {
    assert_eq!(site.current(), release);
    let version = event(&site.task("current", &["version", "--json"]).stdout);
    assert_eq!(version["release"], release, "{version}");
    let values = site.task("current", &["config", "print"]).stdout;
    let is_said = |line: &str| line.contains("FULFIL_CONCURRENCY") && line.contains(concurrency);
    assert!(values.lines().any(is_said), "{values}");
}

#[test]
fn releases_replace_each_other_under_load_without_a_loss() {
    let site = Site::new(2);
    let one = site.create(&orders(), "aaa", &site.settings("FULFIL_CONCURRENCY=11"));
    let two = site.create(&orders(), "bbb", &site.settings("FULFIL_CONCURRENCY=22"));
    site.task("releases/v1", &["admin", "migrate"]);
    site.done(&["activate", &one]);
    let mut manager = site.run();
    manager.wait_until_ready(&one, PROCESSES);
    assert_current(&site, &one, "11");
    let load = Load::start(&Place::Unix(site.socket()), 4);

    for (words, release, concurrency) in [
        (&["activate", "v2"][..], &two, "22"),
        (&["rollback"], &one, "11"),
        (&["rollback", "v2"], &two, "22"),
    ] {
        site.done(words);
        manager.wait_until_ready(release, PROCESSES);
        load.go_on();
        assert_current(&site, release, concurrency);
    }

    let (answered, failures) = load.end();
    assert!(failures.is_empty(), "{answered} answered, {failures:?}");
    let story = [
        "created v1 -",
        "created v2 -",
        "activated v1 -",
        "activated v2 v1",
        "rolled back v1 v2",
        "rolled back v2 v1",
    ];
    assert_eq!(site.story(), story);
    let builds: Vec<_> = site
        .ledger()
        .iter()
        .map(|line| line["build"].clone())
        .collect();
    assert_eq!(builds, ["aaa", "bbb", "aaa", "bbb", "aaa", "bbb"]);
    let events = manager.stop();
    let ends = events
        .iter()
        .filter(|event| event["event"]["action"] == "lifecycle.stopped");
    let ends: Vec<_> = ends
        .map(|event| {
            (
                &event["service"]["version"],
                &event["lifecycle"]["exit_code"],
            )
        })
        .collect();
    assert_eq!(ends.len(), 4 * PROCESSES, "{ends:?}");
    assert!(ends.iter().all(|(_, code)| **code == 0), "{ends:?}");
}

#[test]
fn a_task_beside_the_running_service_has_its_configuration_and_release() {
    let site = Site::new(1);
    let program = orders();
    site.done(&["build", "--program", program.to_str().unwrap(), "aaa"]);
    let file = site.write("configuration", &site.settings(""));
    // What a call that was killed has left.
    fs::create_dir_all(site.path("releases/.v1/run")).unwrap();
    let created = site.release(&["create", "aaa", file.to_str().unwrap()]);
    assert_eq!((created.code, &*created.stdout), (Some(0), "v1\n"));
    let id = "v1".to_owned();
    site.task("releases/v1", &["admin", "migrate"]);
    site.done(&["activate", &id]);
    let mut manager = site.run();
    manager.wait_until_ready(&id, 2);
    let task = site.task("current", &["admin", "seed"]);
    let said: Vec<_> = task.stderr.lines().map(event).collect();
    let loaded = |events: &[Value]| -> Vec<(Value, Value)> {
        let events = events
            .iter()
            .filter(|event| event["event"]["action"] == "config.loaded");
        let facts = |event: &Value| {
            (
                event["service"]["version"].clone(),
                event["config"]["fingerprint"].clone(),
            )
        };
        events.map(facts).collect()
    };
    let (of_task, of_service) = (loaded(&said), loaded(&manager.stop()));
    assert_eq!((of_task.len(), of_service.len()), (1, 2));
    assert_eq!(of_task[0].0, "v1");
    let fingerprint = of_task[0].1.as_str().unwrap();
    assert_eq!(fingerprint.len(), 16);
    assert!(created.stderr.contains(fingerprint), "{created:?}");
    assert!(
        of_service.iter().all(|one| *one == of_task[0]),
        "{of_task:?} {of_service:?}"
    );
}

#[test]
fn a_call_that_was_killed_halfway_is_finished_by_the_next() {
    let site = Site::new(2);
    let one = site.create(&app(), "aaa", "GREETING=one\n");
    let two = site.create(&app(), "aaa", "GREETING=two\n");
    site.done(&["activate", &one]);
    let mut manager = site.run();
    manager.wait_until_ready(&one, PROCESSES);
    let mut halfway = Running::start(site.command(&["activate", &two]));
    let first = halfway.stderr.find(|line| line.ends_with(": started"));
    assert!(first.is_some());
    halfway.signal(Signal::KILL);
    assert_eq!(finish(halfway).code, None);
    let before = site.processes();
    site.done(&["activate", &two]);
    manager.wait_until_ready(&two, PROCESSES);
    // What ran the release already was left alone.
    let kept = site
        .processes()
        .into_iter()
        .filter(|process| before.contains(process))
        .count();
    assert!((1..PROCESSES).contains(&kept), "{before:?}");
    manager.stop();
}

#[test]
fn what_a_person_stopped_stays_stopped() {
    let site = Site::new(1);
    let one = site.create(&app(), "aaa", "GREETING=one\n");
    let two = site.create(&app(), "aaa", "GREETING=two\n");
    site.done(&["activate", &one]);
    let mut manager = site.run();
    manager.wait_until_ready(&one, 2);
    site.running();
    site.control(&["stop", "tick"]);
    site.done(&["activate", &two]);
    manager.wait_until_ready(&two, 1);
    let states: Vec<_> = site
        .processes()
        .into_iter()
        .map(|[name, state, _]| [name, state])
        .collect();
    assert_eq!(states, [["tick", "STOPPED"], ["web:web_00", "RUNNING"]]);
    site.control(&["start", "tick"]);
    manager.wait_until_ready(&two, 1);
    manager.stop();
}

#[test]
fn log_lines_arrive_where_both_streams_are_sockets() {
    let site = Site::new(1);
    let id = site.create(&app(), "aaa", "GREETING=one\n");
    site.done(&["activate", &id]);
    // As systemd has it.
    let (journal, output) = UnixStream::pair().unwrap();
    let mut command = site.command(&["run"]);
    command.stderr(OwnedFd::from(output.try_clone().unwrap()));
    command.stdout(OwnedFd::from(output));
    let running = Running::start(command);
    let mut lines = Lines::of(Some(journal));
    let is_ready = |line: &String| event(line)["event"]["action"] == "lifecycle.ready";
    assert_eq!(lines.by_ref().filter(is_ready).take(2).count(), 2);
    running.signal(Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
}

#[test]
fn releases_and_builds_cannot_be_written_to() {
    let site = Site::new(1);
    let id = site.create(&app(), "aaa", "GREETING=secret\n");
    for folder in ["builds/aaa".to_owned(), format!("releases/{id}")] {
        let folder = site.path(&folder);
        let entries = fs::read_dir(&folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        for path in paths.chain([folder.clone()]) {
            let data = path.symlink_metadata().unwrap();
            let mode = data.permissions().mode();
            assert!(
                data.is_symlink() || mode & 0o222 == 0,
                "{}: {mode:o}",
                path.display()
            );
        }
    }
    for name in ["environment", "given"] {
        let mode = mode(&site.path(&format!("releases/{id}/{name}")));
        assert_eq!(mode, 0o400, "{name}: {mode:o}");
    }
    assert!(
        !fs::read_to_string(site.path("ledger.jsonl"))
            .unwrap()
            .contains("secret")
    );
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}
