//! Setting up: what wins, what is refused, and that a refusal leaves nothing behind.

use std::ffi::OsString;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tf_logs::testing::{capture_with, field};
use tf_logs::{Builder, Error, ErrorKind, Filter, Format, Logs, Panics, Stall, Stream};
use tracing::Level;
use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::in_own_process;

fn orders() -> Builder {
    tf_logs::builder("orders").with_writer(io::sink())
}

#[track_caller]
fn refused(builder: Builder) -> Error {
    match builder.build() {
        Ok(_) => panic!("it can be built"),
        Err(error) => error,
    }
}

fn kinds(error: &Error) -> Vec<(Option<&str>, ErrorKind)> {
    let problems = error.problems().iter();
    problems
        .map(|problem| (problem.variable(), problem.kind()))
        .collect()
}

/// The filter that holds with these variables and `warn` as the program's own.
fn filter_with(vars: &[(&str, &str)]) -> String {
    let (logs, _dispatch) = orders()
        .filter("warn")
        .from_vars(vars.iter().copied())
        .build()
        .expect("the settings make sense");
    logs.filter().to_string()
}

#[test]
fn a_filter_in_the_environment_wins_over_the_programs_own() {
    assert_eq!(filter_with(&[]), "warn");
    assert_eq!(filter_with(&[("LOG_LEVEL", "debug")]), "debug");
    assert_eq!(
        filter_with(&[("LOG_LEVEL", "debug"), ("RUST_LOG", "error")]),
        "error"
    );
    assert_eq!(
        filter_with(&[("RUST_LOG", " sqlx = off ,info")]),
        "info,sqlx=off"
    );
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    assert_eq!(filter_with(&[("RUST_LOG", ""), ("LOG_LEVEL", " ")]), "warn");
    assert_eq!(
        filter_with(&[("RUST_LOG", " "), ("LOG_LEVEL", "trace")]),
        "trace"
    );
    assert!(
        orders()
            .from_vars([("LOG_FORMAT", ""), ("LOG_STREAM", " ")])
            .build()
            .is_ok()
    );
}

#[test]
fn without_a_filter_it_is_info_and_no_variable_is_read_unasked() {
    in_own_process(
        "builder::without_a_filter_it_is_info_and_no_variable_is_read_unasked",
        &[("RUST_LOG", "trace"), ("LOG_FORMAT", "pretty")],
        || {
            let (logs, _dispatch) = orders().build().unwrap();
            assert_eq!(logs.filter(), Filter::default());
            let (logs, _dispatch) = orders().from_env().build().unwrap();
            assert_eq!(logs.filter().to_string(), "trace");
        },
    );
}

#[test]
fn the_format_in_the_environment_wins() {
    let line = |format, vars: &[(&str, &str)]| {
        let builder = tf_logs::builder("orders").format(format);
        let captured = capture_with(builder.from_vars(vars.iter().copied()));
        tracing::info!("hello");
        captured.lines().join("\n")
    };
    let is_json = |line: String| line.starts_with('{');
    assert!(is_json(line(Format::Auto, &[])));
    assert!(is_json(line(Format::Pretty, &[("LOG_FORMAT", "JSON")])));
    assert!(!is_json(line(Format::Json, &[("LOG_FORMAT", "pretty")])));
    assert!(!is_json(line(Format::Pretty, &[])));
}

#[test]
fn every_problem_is_reported_at_once_by_variable() {
    let vars = [
        ("RUST_LOG", "inof"),
        ("LOG_FORMAT", "jsno"),
        ("LOG_STREAM", "stdrr"),
        ("LOG_LEVEL", "6"),
    ];
    let error = refused(tf_logs::builder("").max_event_bytes(10).from_vars(vars));
    let expected = [
        (None, ErrorKind::NoName),
        (Some("RUST_LOG"), ErrorKind::Filter),
        (Some("LOG_FORMAT"), ErrorKind::Format),
        (Some("LOG_STREAM"), ErrorKind::Stream),
        (None, ErrorKind::EventBytes),
    ];
    assert_eq!(kinds(&error), expected);
    let text = error.to_string();
    for part in [
        "`RUST_LOG`: `inof` at column 1",
        "did you mean `info`?",
        "`LOG_FORMAT`: `jsno`",
        "`stderr`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(format!("{error:?}"), text);
    let filter = error.problems()[1].filter().unwrap();
    assert_eq!(filter.problems()[0].suggestion(), Some("info"));
}

#[test]
fn a_bad_filter_of_the_program_itself_names_no_variable() {
    let error = refused(orders().filter("wran"));
    assert_eq!(kinds(&error), [(None, ErrorKind::Filter)]);
}

#[test]
fn an_error_never_shows_the_value_of_another_variable() {
    let marker = "pl4nted";
    let others = [
        "HOSTNAME",
        "DYNO",
        "POD_NAME",
        "RELEASE_ID",
        "OTEL_RESOURCE_ATTRIBUTES",
        "DATABASE_URL",
    ];
    let vars = others.map(|name| (name, marker));
    let error = refused(orders().from_vars(vars.into_iter().chain([("RUST_LOG", "inof")])));
    assert!(!format!("{error} {error:?}").contains(marker), "{error}");
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_utf_8_is_a_problem_where_it_must_be_right() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = || OsString::from_vec(vec![b'i', 0xff]);
    let vars = [
        ("RUST_LOG", bytes()),
        ("LOG_FORMAT", bytes()),
        ("HOSTNAME", bytes()),
    ];
    let error = refused(orders().from_vars(vars));
    let expected = [
        (Some("RUST_LOG"), ErrorKind::NotUnicode),
        (Some("LOG_FORMAT"), ErrorKind::NotUnicode),
    ];
    assert_eq!(kinds(&error), expected);
    assert!(orders().from_vars([("HOSTNAME", bytes())]).build().is_ok());
}

#[test]
fn words_are_read_in_either_case_and_shown_as_they_are_read() {
    for format in [Format::Auto, Format::Json, Format::Pretty] {
        assert_eq!(format.to_string().to_uppercase().parse(), Ok(format));
    }
    for stream in [Stream::Stdout, Stream::Stderr] {
        assert_eq!(format!(" {stream} ").parse(), Ok(stream));
    }
    let error = "jsn\u{1b}".parse::<Format>().unwrap_err();
    assert!(!error.to_string().contains('\u{1b}'));
    assert_eq!(error.expected(), ["auto", "json", "pretty"]);
}

#[test]
fn the_filter_changes_while_events_are_logged() {
    let captured = capture_with(tf_logs::builder("orders").filter("info"));
    let log = || {
        tracing::debug!(target: "orders::cart", "debug");
        tracing::warn!(target: "orders::mail", "warn");
    };
    let messages = || {
        let lines = captured.lines();
        captured.clear();
        let messages = lines.iter().map(|line| field(line, "message").unwrap());
        messages.collect::<Vec<_>>()
    };
    log();
    assert_eq!(messages(), ["warn"]);
    captured.logs().set_filter("orders::cart=debug").unwrap();
    log();
    assert_eq!(messages(), ["debug"]);
    captured.logs().set_filter("off").unwrap();
    log();
    assert!(messages().is_empty());
    captured.logs().set_filter("trace").unwrap();
    log();
    assert_eq!(messages(), ["debug", "warn"]);
}

#[test]
fn a_refused_change_leaves_the_filter_in_force() {
    let (logs, _dispatch) = orders().filter("warn").build().unwrap();
    let error = logs.set_filter("inof").unwrap_err();
    assert_eq!(error.problems()[0].suggestion(), Some("info"));
    assert_eq!(logs.filter().to_string(), "warn");
}

#[test]
fn handles_are_cheap_to_clone_and_may_go_to_any_thread() {
    fn assert_handle<T: Clone + Send + Sync + 'static>() {}
    assert_handle::<Logs>();
    let (logs, _dispatch) = orders().build().unwrap();
    logs.clone().set_filter("error").unwrap();
    assert_eq!(logs.filter().to_string(), "error");
    assert!(logs.flush(Duration::ZERO));
    assert_eq!(
        (logs.dropped(), logs.write_errors(), logs.truncated()),
        (0, 0, 0)
    );
}

/// Counts what reaches it.
#[derive(Clone, Default)]
struct Other(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> Layer<S> for Other {
    fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("nobody panics here")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn count(&self) -> usize {
        let bytes = self.0.lock().expect("nobody panics here");
        bytes.iter().filter(|byte| **byte == b'\n').count()
    }
}

#[test]
fn as_a_layer_the_filter_holds_for_it_alone_and_still_changes() {
    let (lines, other) = (Lines::default(), Other::default());
    let builder = tf_logs::builder("orders")
        .filter("warn")
        .with_writer(lines.clone());
    let (logs, layer) = builder.layer().unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(layer)
        .with(other.clone());
    let log = || {
        tracing::debug!("debug");
        tracing::warn!("warn");
    };
    dispatcher::with_default(&Dispatch::new(subscriber), || {
        log();
        assert_eq!((lines.count(), other.0.load(Ordering::Relaxed)), (1, 2));
        logs.set_filter("debug").unwrap();
        log();
        assert_eq!((lines.count(), other.0.load(Ordering::Relaxed)), (3, 4));
        logs.set_filter("off").unwrap();
        log();
        assert_eq!((lines.count(), other.0.load(Ordering::Relaxed)), (3, 6));
    });
}

fn has_global_subscriber() -> bool {
    !dispatcher::get_default(Dispatch::is::<NoSubscriber>)
}

#[test]
fn init_twice_is_an_error_value_and_the_first_stays() {
    let name = "builder::init_twice_is_an_error_value_and_the_first_stays";
    let seen = in_own_process(
        name,
        &[("LOG_STREAM", "stderr"), ("RUST_LOG", "debug")],
        || {
            let logs = tf_logs::init("first").unwrap();
            let error = tf_logs::init("second").unwrap_err();
            assert_eq!(kinds(&error), [(None, ErrorKind::SubscriberSet)]);
            assert_eq!(logs.filter().to_string(), "debug");
            tracing::debug!("after both");
        },
    );
    let Some(seen) = seen else { return };
    let names: Vec<_> = seen
        .iter()
        .map(|line| field(line, "service.name"))
        .collect();
    assert_eq!(names, [Some("first".to_owned())], "{seen:?}");
}

#[test]
fn a_refused_init_leaves_nothing_behind() {
    let name = "builder::a_refused_init_leaves_nothing_behind";
    let seen = in_own_process(name, &[], || {
        let error = orders()
            .filter("inof")
            .format(Format::Json)
            .init()
            .unwrap_err();
        assert_eq!(kinds(&error), [(None, ErrorKind::Filter)]);
        assert!(!has_global_subscriber());
        let stderr = tf_logs::builder("orders").stream(Stream::Stderr);
        stderr
            .panics(Panics::Chain)
            .on_stall(Stall::Block)
            .init()
            .unwrap();
        tracing::info!("now");
    });
    let Some(seen) = seen else { return };
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn another_global_subscriber_is_found_also_below_one_of_the_thread() {
    let name = "builder::another_global_subscriber_is_found_also_below_one_of_the_thread";
    in_own_process(name, &[], || {
        let local = Dispatch::new(tracing_subscriber::registry());
        dispatcher::with_default(&local, || {
            dispatcher::set_global_default(Dispatch::new(tracing_subscriber::registry())).unwrap();
            let error = orders().init().unwrap_err();
            assert_eq!(kinds(&error), [(None, ErrorKind::SubscriberSet)]);
        });
        #[cfg(feature = "log")]
        assert!(
            log::set_boxed_logger(Box::new(Nothing)).is_ok(),
            "no logger was left behind"
        );
    });
}

#[test]
fn a_subscriber_of_the_thread_does_not_stand_in_the_way() {
    let name = "builder::a_subscriber_of_the_thread_does_not_stand_in_the_way";
    let seen = in_own_process(name, &[], || {
        let local = Dispatch::new(tracing_subscriber::registry());
        dispatcher::with_default(&local, || {
            let stderr = tf_logs::builder("orders").stream(Stream::Stderr);
            stderr.init().unwrap();
            tracing::info!("for the other");
        });
        tracing::info!("for this");
    });
    let Some(seen) = seen else { return };
    let messages: Vec<_> = seen.iter().map(|line| field(line, "message")).collect();
    assert_eq!(messages, [Some("for this".to_owned())], "{seen:?}");
}

#[cfg(feature = "log")]
struct Nothing;

#[cfg(feature = "log")]
impl log::Log for Nothing {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _: &log::Record<'_>) {}

    fn flush(&self) {}
}

#[cfg(feature = "log")]
#[test]
fn another_logger_is_an_error_and_no_subscriber_is_left_behind() {
    let name = "builder::another_logger_is_an_error_and_no_subscriber_is_left_behind";
    in_own_process(name, &[], || {
        log::set_boxed_logger(Box::new(Nothing)).unwrap();
        let error = orders().init().unwrap_err();
        assert_eq!(kinds(&error), [(None, ErrorKind::LoggerSet)]);
        assert!(!has_global_subscriber());
        assert_eq!(log::max_level(), log::LevelFilter::Off);
    });
}

#[test]
fn nothing_is_installed_while_the_thread_panics() {
    struct InDrop;
    impl Drop for InDrop {
        fn drop(&mut self) {
            let error = orders().init().unwrap_err();
            assert_eq!(kinds(&error), [(None, ErrorKind::Panicking)]);
            assert!(!has_global_subscriber());
            assert!(orders().panics(Panics::Off).init().is_ok());
        }
    }
    let name = "builder::nothing_is_installed_while_the_thread_panics";
    let seen = in_own_process(name, &[], || {
        let result = std::panic::catch_unwind(|| {
            let _in_drop = InDrop;
            panic!("on purpose");
        });
        assert!(result.is_err());
        assert!(has_global_subscriber());
    });
    let Some(seen) = seen else { return };
    assert!(
        seen.iter().any(|line| line.contains("on purpose")),
        "{seen:?}"
    );
}

#[test]
fn debug_shows_neither_fields_nor_variables() {
    let builder = orders()
        .field("labels.secret", "pl4nted")
        .from_vars([("HOSTNAME", "pl4nted")]);
    assert!(!format!("{builder:?}").contains("pl4nted"));
    let (logs, _dispatch) = builder.build().unwrap();
    assert!(!format!("{logs:?}").contains("pl4nted"));
    assert!(logs.filter().enables(&Level::INFO, "any"));
}
