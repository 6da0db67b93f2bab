//! Panics as events.

use std::fmt;
use std::panic::{catch_unwind, panic_any};
use std::thread;

use serde_json::json;
use tf_logs::testing::assert_ecs;
use tf_logs::{Builder, Panics, Stream};

use crate::{events, in_own_process, own_process};

fn orders() -> Builder {
    tf_logs::builder("orders").stream(Stream::Stderr)
}

#[test]
fn a_panic_is_one_event_and_nothing_else() {
    let name = "panics::a_panic_is_one_event_and_nothing_else";
    let seen = in_own_process(name, &[], || {
        orders().init().unwrap();
        let worker = thread::Builder::new().name("worker-7".to_owned());
        let worker = worker.spawn(|| {
            let span = tracing::info_span!("job", job.id = 12);
            let _span = span.enter();
            panic!("boom {}\nsecond line", 1);
        });
        assert!(worker.unwrap().join().is_err());
    });
    let Some(seen) = seen else { return };
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_ecs(&seen[0]);
    let event = &events(&seen)[0];
    assert_eq!(event["message"], "boom 1\nsecond line");
    assert_eq!(event["log.level"], "ERROR");
    assert_eq!(event["log"]["logger"], "panic");
    assert!(
        event["log"]["origin"]["file"]["name"]
            .as_str()
            .unwrap()
            .ends_with("panics.rs")
    );
    assert!(event["log"]["origin"]["file"]["line"].is_u64());
    assert_eq!(event["error"]["type"], "panic");
    assert_eq!(event["process"]["thread"]["name"], "worker-7");
    assert_eq!(event["job"]["id"], 12);
    assert!(
        event["error"].get("stack_trace").is_none(),
        "nobody asked for it"
    );
}

#[test]
fn a_backtrace_is_given_when_asked_for() {
    let name = "panics::a_backtrace_is_given_when_asked_for";
    let seen = in_own_process(name, &[("RUST_BACKTRACE", "1")], || {
        orders().init().unwrap();
        assert!(catch_unwind(|| panic!("boom")).is_err());
    });
    let Some(seen) = seen else { return };
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_ecs(&seen[0]);
    let event = &events(&seen)[0];
    let trace = event["error"]["stack_trace"].as_str().unwrap();
    assert!(
        !trace.contains("tf_logs::") && !trace.contains("lang_start"),
        "{trace}"
    );
    assert!(
        event["error"]["stack_trace"]
            .as_str()
            .unwrap()
            .contains("panics"),
        "{event}"
    );
    assert_eq!(event["message"], "boom");
}

#[test]
fn the_hook_before_runs_after_the_event_where_asked_for_and_alone_where_off() {
    let name = "panics::the_hook_before_runs_after_the_event_where_asked_for_and_alone_where_off";
    for (panics, count) in [("chain", 1), ("off", 0)] {
        let seen = in_own_process(name, &[("HOW", panics)], || {
            let is_off = std::env::var("HOW").unwrap() == "off";
            orders()
                .panics(if is_off { Panics::Off } else { Panics::Chain })
                .init()
                .unwrap();
            assert!(catch_unwind(|| panic!("boom")).is_err());
        });
        let Some(seen) = seen else { return };
        assert_eq!(events(&seen).len(), count, "{seen:?}");
        let text = seen
            .iter()
            .filter(|line| !line.starts_with('{'))
            .any(|line| line.contains("boom"));
        assert!(text, "{panics}: {seen:?}");
    }
}

#[test]
fn a_panic_that_the_filter_hides_is_not_silent() {
    let name = "panics::a_panic_that_the_filter_hides_is_not_silent";
    let seen = in_own_process(name, &[], || {
        orders().filter("off").init().unwrap();
        assert!(catch_unwind(|| panic!("boom")).is_err());
    });
    let Some(seen) = seen else { return };
    assert!(events(&seen).is_empty());
    assert!(seen.iter().any(|line| line.contains("boom")), "{seen:?}");
}

/// Panics when it is shown.
struct Bad;

impl fmt::Debug for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half of it")?;
        panic!("in Debug");
    }
}

#[test]
fn a_panic_inside_an_event_is_an_event_and_both_lines_are_whole() {
    let name = "panics::a_panic_inside_an_event_is_an_event_and_both_lines_are_whole";
    let seen = in_own_process(name, &[], || {
        orders().init().unwrap();
        let _span = tracing::info_span!("span", bad = ?Bad).entered();
        tracing::info!(bad = ?Bad, good = 1, "first");
        tracing::info!("second {:?}", Bad);
        tracing::info!("third");
    });
    let Some(seen) = seen else { return };
    for line in &seen {
        assert_ecs(line);
        assert!(!line.contains("half of it"), "{line}");
    }
    let events = events(&seen);
    let count = |message: &str| {
        events
            .iter()
            .filter(|event| event["message"] == message)
            .count()
    };
    assert_eq!(
        (count("first"), count("third"), count("in Debug")),
        (1, 1, 3),
        "{seen:?}"
    );
    let first = events
        .iter()
        .find(|event| event["message"] == "first")
        .unwrap();
    assert_eq!(first["good"], json!(1));
}

#[test]
fn payloads_of_any_kind_are_told() {
    let name = "panics::payloads_of_any_kind_are_told";
    let seen = in_own_process(name, &[], || {
        orders().init().unwrap();
        assert!(catch_unwind(|| panic_any(7_u8)).is_err());
        assert!(catch_unwind(|| panic_any("text".to_owned())).is_err());
        assert!(catch_unwind(|| Vec::<u8>::new()[1]).is_err());
    });
    let Some(seen) = seen else { return };
    let messages: Vec<_> = events(&seen)
        .iter()
        .map(|event| event["message"].to_string())
        .collect();
    assert_eq!(messages.len(), 3, "{seen:?}");
    assert!(
        messages[0].contains("no text") && messages[1].contains("text"),
        "{messages:?}"
    );
    assert!(messages[2].contains("index out of bounds"), "{messages:?}");
}

#[test]
fn a_panic_is_told_on_stderr_when_the_event_cannot_get_out() {
    struct Broken;
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let name = "panics::a_panic_is_told_on_stderr_when_the_event_cannot_get_out";
    let seen = in_own_process(name, &[], || {
        let logs = tf_logs::builder("orders")
            .with_writer(Broken)
            .init()
            .unwrap();
        assert!(catch_unwind(|| panic!("boom")).is_err());
        assert_eq!(logs.write_errors(), 1);
    });
    let Some(seen) = seen else { return };
    assert!(seen.iter().any(|line| line.contains("boom")), "{seen:?}");
}

#[test]
fn a_panic_during_a_panic_is_told_before_the_process_aborts() {
    struct InDrop;
    impl Drop for InDrop {
        fn drop(&mut self) {
            panic!("second");
        }
    }
    let name = "panics::a_panic_during_a_panic_is_told_before_the_process_aborts";
    let ended = own_process(name, &[], || {
        orders().init().unwrap();
        let _in_drop = InDrop;
        panic!("first");
    });
    let Some((status, _, seen)) = ended else {
        return;
    };
    assert_eq!(status.code(), None, "{seen:?}");
    let messages: Vec<_> = events(&seen)
        .iter()
        .map(|event| event["message"].clone())
        .collect();
    assert_eq!(messages[..2], ["first", "second"], "{seen:?}");
}

#[test]
fn a_writer_that_panics_stops_nobody_and_is_told_on_stderr() {
    struct Panicking;
    impl std::io::Write for Panicking {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            panic!("in the writer");
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let name = "panics::a_writer_that_panics_stops_nobody_and_is_told_on_stderr";
    let seen = in_own_process(name, &[], || {
        let logs = tf_logs::builder("orders")
            .with_writer(Panicking)
            .init()
            .unwrap();
        tracing::info!("one");
        tracing::info!("two");
        assert!(logs.write_errors() >= 2);
    });
    let Some(seen) = seen else { return };
    assert!(
        seen.iter().any(|line| line.contains("in the writer")),
        "{seen:?}"
    );
}
