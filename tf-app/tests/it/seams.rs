//! What is said first and last, and by whom.

use crate::fixture::{actions, field, fields, good, run};

fn last(lines: &str) -> String {
    lines.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_last_line_after_a_configuration_error_names_the_variables() {
    let report = run(&["web"], &[("PORT", "x"), ("RELEASE_ID", "v42")]);
    assert_eq!(actions(report.stdout()), ["config.invalid"]);
    let line = last(report.stdout());
    let variables = field(&line, "config.variables").unwrap();
    assert_eq!(variables, "PORT GREETING");
    assert_eq!(field(&line, "service.version").as_deref(), Some("v42"));
}

#[test]
fn a_log_variable_that_is_wrong_is_reported_by_logs_with_the_default() {
    for vars in [
        [("LOG_FORMAT", "jsn"), ("LOG_LEVEL", "error")],
        [("LOG_FORMAT", "json"), ("LOG_LEVEL", "inof")],
        [("LOG_FORMAT", "json"), ("RUST_LOG", "=,=")],
        [("LOG_FORMAT", "json"), ("LOG_STREAM", "nowhere")],
    ] {
        let report = run(&["web"], &good(&vars));
        assert_eq!(report.code(), 78, "{vars:?}: {report:?}");
        assert_eq!(
            actions(report.stdout()),
            ["config.invalid"],
            "{vars:?}: {report:?}"
        );
    }
}

#[test]
fn the_last_line_after_a_panic_or_a_drain_is_the_report() {
    for (words, code) in [(&["worker", "panics"][..], "101"), (&["web"], "0")] {
        let report = run(words, &good(&[]));
        let line = last(report.stdout());
        assert_eq!(
            field(&line, "event.action").as_deref(),
            Some("lifecycle.stopped"),
            "{report:?}"
        );
        assert_eq!(field(&line, "lifecycle.exit_code").as_deref(), Some(code));
    }
}

#[test]
fn every_line_has_name_release_commit_and_process_type() {
    let vars = good(&[("HEROKU_RELEASE_VERSION", "v9"), ("LOG_LEVEL", "debug")]);
    for (words, role) in [
        (&["web"][..], "web"),
        (&["worker", "tick"], "tick"),
        (&["worker", "tick", "done"], "tick+done"),
        (&["all"], "all"),
        (&["admin", "hello"], "admin"),
        (&["admin", "broken"], "admin"),
    ] {
        let report = run(words, &vars);
        let lines = [report.stdout(), report.stderr()].concat();
        for (path, wanted) in [("service.version", "v9"), ("service.name", "shop")] {
            let found = fields(&lines, path);
            assert!(found.len() > 2, "{words:?}: {report:?}");
            assert!(
                found.iter().all(|found| found.as_deref() == Some(wanted)),
                "{report:?}"
            );
        }
        assert!(fields(&lines, "labels.commit").iter().all(Option::is_some));
        let roles = lines.lines().filter(|line| line.starts_with('{'));
        for line in roles {
            assert!(line.contains(&format!("\"roles\":[\"{role}\"]")), "{line}");
        }
    }
}

#[test]
fn the_filter_of_rust_log_wins() {
    let vars = good(&[("LOG_LEVEL", "info"), ("RUST_LOG", "error")]);
    let report = run(&["web"], &vars);
    assert_eq!((report.code(), report.stdout()), (0, ""));
}

#[test]
fn a_warning_about_the_configuration_is_an_event() {
    let report = run(&["web"], &good(&[("BACKING_WAIT", "")]));
    assert_eq!(actions(report.stdout())[0], "config.warning", "{report:?}");
}
