//! Which words mean what.

use crate::fixture::{GOOD, actions, fields, good, run};

#[test]
fn no_word_and_web_mean_the_same() {
    for words in [&[][..], &["web"]] {
        let report = run(words, &GOOD);
        assert_eq!(report.code(), 0, "{report:?}");
        assert!(actions(report.stdout()).contains(&"listener.bound".to_owned()));
        let roles = fields(report.stdout(), "service.node.roles");
        assert!(roles.iter().all(|role| role == &roles[0]), "{roles:?}");
    }
}

#[test]
fn several_workers_end_together() {
    let report = run(&["worker", "tick", "done", "tick"], &GOOD);
    assert_eq!(report.code(), 0, "{report:?}");
    let stops = actions(report.stdout());
    let stops = stops.iter().filter(|action| *action == "lifecycle.stopped");
    assert_eq!(stops.count(), 1, "{}", report.stdout());
}

#[test]
fn all_runs_every_process_type_with_one_end() {
    let report = run(&["all"], &GOOD);
    // One of the workers panics, which counts most.
    assert_eq!(report.code(), 101, "{report:?}");
    let stops = actions(report.stdout());
    let stops = stops.iter().filter(|action| *action == "lifecycle.stopped");
    assert_eq!(stops.count(), 1, "{}", report.stdout());
}

#[test]
fn what_means_nothing_is_2_with_a_hint_and_without_a_look_at_the_configuration() {
    for (words, hint) in [
        (&["wrker"][..], "'worker'"),
        (&["worker", "tik"], "'tick'"),
        (&["worker"], "<NAME>"),
        (&["web", "now"], "'now'"),
        (&["config", "chek"], "'check'"),
        (&["config"], "check"),
        (&["config", "print", "--format", "yaml"], "json"),
        (&["backing", "check", "--timeout", "5"], "unit is missing"),
        (&["procfile", "--systemd", "--k8s"], "cannot be used with"),
        (&["procfile", "--processes", "3"], "--supervisor"),
        (&["procfile", "--supervisor", "--processes", "0"], "0"),
        (&["completions", "tcsh"], "fish"),
        (&["version", "--jsn"], "--json"),
        (&["--port", "80"], "--port"),
        (&["admin", "helo"], "`hello`"),
        (&["admin"], "hello"),
        (&["admin", "hello", "--nme"], "--nme"),
    ] {
        let report = run(words, &[("LOG_LEVEL", "loud")]);
        assert_eq!(report.code(), 2, "{words:?}: {report:?}");
        assert!(report.stderr().contains(hint), "{words:?}: {report:?}");
        assert_eq!(report.stdout(), "", "{words:?}");
        let said = report.stderr();
        assert!(
            !said.contains("LOG_LEVEL") && !said.contains("GREETING"),
            "{said}"
        );
    }
}

#[test]
fn words_that_are_not_utf_8_are_2() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    use crate::fixture::app;
    use tf_app::{Env, Io};

    for first in [&["worker"][..], &["admin"], &["admin", "hello"], &[]] {
        let mut words: Vec<OsString> = first.iter().map(OsString::from).collect();
        words.push(OsString::from_vec(vec![0xff, b'x']));
        let report = app().run_in(words, Env::from_vars(GOOD), Io::captured());
        assert_eq!(report.code(), 2, "{first:?}: {report:?}");
    }
}

#[test]
fn help_is_on_stdout_wherever_it_is_asked_for() {
    for words in [
        &["help"][..],
        &["--help"],
        &["-h"],
        &["help", "procfile"],
        &["config", "--help"],
        &["admin", "--help"],
        &["admin", "help", "hello"],
        &["admin", "hello", "--help"],
    ] {
        let report = run(words, &[]);
        assert_eq!(report.code(), 0, "{words:?}: {report:?}");
        assert!(
            report.stdout().contains("Usage: shop"),
            "{words:?}: {report:?}"
        );
        assert_eq!(report.stderr(), "", "{words:?}");
    }
}

#[test]
fn a_service_without_web_says_so_when_no_word_is_given() {
    use crate::fixture::{Failure, Settings, run_app};
    use tf_app::App;

    let app = || {
        let app = App::<Settings>::new(tf_app::build!().named("shop"));
        app.worker("only", async |_| Ok::<_, Failure>(()))
    };
    for words in [&[][..], &["web"]] {
        let report = run_app(app(), words, &GOOD);
        assert_eq!((report.code(), report.stdout()), (2, ""));
        let hint = if words.is_empty() { "worker" } else { "--help" };
        assert!(report.stderr().contains(hint), "{report:?}");
    }
    assert_eq!(run_app(app(), &["worker", "only"], &good(&[])).code(), 0);
}
