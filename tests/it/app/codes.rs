//! Exit codes and streams, as a shell sees them.

use std::process::Stdio;

use harness::Running;

use super::live::{action, command, end, event, events, free_port};

const GOOD: [(&str, &str); 2] = [("GREETING", "hi"), ("RELEASE_ID", "v42")];

#[test]
fn the_version_needs_no_environment() {
    let output = end(&["version"], &[]);
    assert_eq!((output.code, &*output.stderr), (Some(0), ""));
    assert!(output.stdout.starts_with("app "), "{}", output.stdout);
    let output = end(&["version", "--json"], &[GOOD[1]]);
    let version = event(&output.stdout).expect("a JSON document");
    assert_eq!(version["release"], "v42");
    assert_eq!(version["release_source"], "RELEASE_ID");
}

#[test]
fn a_wrong_configuration_is_78_with_a_report_and_one_event() {
    for words in [&[][..], &["web"], &["worker", "tick"], &["all"]] {
        let output = end(words, &[("PORT", "http"), ("RELEASE_ID", "v42")]);
        assert_eq!(output.code, Some(78), "{output:?}");
        for part in ["PORT", "GREETING", "How to greet."] {
            assert!(output.stderr.contains(part), "{output:?}");
        }
        let events = events(&output.stdout);
        assert_eq!(events.len(), output.stdout.lines().count());
        assert_eq!(events.len(), 1, "{output:?}");
        assert_eq!(action(&events[0]), "config.invalid");
        assert_eq!(events[0]["service"]["version"], "v42");
    }
}

#[test]
fn what_means_nothing_is_2() {
    let output = end(&["wokrer"], &[]);
    assert_eq!((output.code, &*output.stdout), (Some(2), ""));
    assert!(output.stderr.contains("worker"), "{output:?}");
}

#[test]
fn a_task_writes_its_result_alone_and_its_audit_to_the_end() {
    for (words, code, stdout) in [
        (&["admin", "hello", "Ann"][..], 0, "hi Ann\n"),
        (&["admin", "fail"], 3, ""),
    ] {
        let output = end(words, &GOOD);
        assert_eq!(output.code, Some(code), "{output:?}");
        assert_eq!(output.stdout, stdout);
        let events = events(&output.stderr);
        let last = events.last().expect("the audit");
        assert_eq!(action(last), "admin.finished", "{output:?}");
        assert_eq!(last["admin"]["code"], code);
        assert_eq!(last["admin"]["release"], "v42");
        assert!(
            events
                .iter()
                .all(|event| event["service"]["version"] == "v42")
        );
    }
}

#[test]
fn a_task_without_configuration_is_78_and_its_list_needs_none() {
    let output = end(&["admin", "hello"], &[]);
    assert_eq!((output.code, &*output.stdout), (Some(78), ""));
    assert!(output.stderr.contains("GREETING"), "{output:?}");
    let output = end(&["admin", "list"], &[("LOG_LEVEL", "loud")]);
    assert_eq!((output.code, &*output.stderr), (Some(0), ""));
    assert!(output.stdout.contains("hello"), "{output:?}");
}

#[test]
fn a_port_that_is_taken_is_69() {
    let taken = std::net::TcpListener::bind("[::]:0").expect("a port is free");
    let port = taken.local_addr().expect("it is bound").port().to_string();
    let output = end(&["web"], &[GOOD[0], ("PORT", &port)]);
    assert_eq!(output.code, Some(69), "{output:?}");
    assert!(output.stderr.contains(&port), "{output:?}");
    let events = events(&output.stdout);
    let last = events.last().expect("a log");
    assert_eq!(
        (action(last), &last["lifecycle"]["exit_code"]),
        ("lifecycle.stopped", &69.into())
    );
}

#[test]
fn a_backing_service_that_is_down_is_69_after_the_wait() {
    let url = format!("postgres://app:s3cr3tpw@127.0.0.1:{}/app", free_port());
    let vars = [GOOD[0], ("DATABASE_URL", &url), ("BACKING_WAIT", "1s")];
    for words in [
        &["worker", "tick"][..],
        &["backing", "check"],
        &["admin", "hello"],
    ] {
        let output = end(words, &vars);
        assert_eq!(output.code, Some(69), "{words:?}: {output:?}");
        let all = [&*output.stdout, &output.stderr].concat();
        assert!(all.contains("refusing connections"), "{output:?}");
        assert!(!all.contains("s3cr3tpw"), "{output:?}");
    }
}

#[test]
fn a_reader_that_went_away_is_141() {
    for words in [
        &["version"][..],
        &["help"],
        &["admin", "list"],
        &["admin", "hello"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = command(words, &GOOD);
        command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(writer);
        assert_eq!(
            Running::start(command).wait().code(),
            Some(141),
            "{words:?}"
        );
    }
}
