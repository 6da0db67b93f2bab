//! Commands that answer and end.

use std::io;

use tf_app::{Env, Io, Standard};
use tf_config::Config;

use crate::fixture::{GOOD, Settings, app, free_port, good, run};

#[test]
fn what_is_about_the_program_needs_no_environment() {
    for words in [
        &["version"][..],
        &["version", "--json"],
        &["--version"],
        &["config", "template"],
        &["config", "schema"],
        &["procfile"],
        &["procfile", "--supervisor"],
        &["procfile", "--supervisor", "--processes", "3"],
        &["procfile", "--systemd"],
        &["procfile", "--k8s"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["admin", "list"],
        &["admin", "list", "--format", "json"],
        &["admin", "completions", "fish"],
    ] {
        let (nothing, nonsense) = (
            run(words, &[]),
            run(words, &[("PORT", "x"), ("RUST_LOG", "?")]),
        );
        assert_eq!(nothing.code(), 0, "{words:?}: {nothing:?}");
        assert_eq!(nothing.stderr(), "", "{words:?}");
        assert!(nothing.stdout().len() > 10, "{words:?}: {nothing:?}");
        assert_eq!(nothing, nonsense, "{words:?}");
    }
}

#[test]
fn the_version_names_build_and_release() {
    for (vars, release, source) in [
        (&[][..], "null", "null"),
        (&[("RELEASE_ID", "v42")], "\"v42\"", "\"RELEASE_ID\""),
        (
            &[("RELEASE_ID", " "), ("HEROKU_RELEASE_VERSION", "v7")],
            "\"v7\"",
            "\"HEROKU_RELEASE_VERSION\"",
        ),
        (&[("K_REVISION", "shop-3")], "\"shop-3\"", "\"K_REVISION\""),
    ] {
        let report = run(&["version", "--json"], vars);
        let text = report.stdout();
        assert!(text.contains(&format!("\"release\":{release}")), "{text}");
        assert!(
            text.contains(&format!("\"release_source\":{source}")),
            "{text}"
        );
        assert!(text.contains("\"name\":\"shop\""), "{text}");
    }
    let report = run(&["version"], &[("RELEASE_ID", "v42")]);
    assert!(report.stdout().contains(env!("CARGO_PKG_VERSION")) && report.stdout().contains("v42"));
}

#[test]
fn the_release_may_be_in_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "v43\n").unwrap();
    let path = file.path().to_str().unwrap();
    let report = run(&["version"], &[("RELEASE_ID_FILE", path)]);
    assert!(report.stdout().contains("v43"), "{report:?}");
}

#[test]
fn a_good_configuration_is_said_to_be_good() {
    let report = run(&["config", "check"], &GOOD);
    assert_eq!((report.code(), report.stderr()), (0, ""));
    let report = run(
        &["config", "check"],
        &good(&[("GREETNG", "x"), ("BACKING_WAIT", "")]),
    );
    assert_eq!(report.code(), 0);
    assert!(report.stderr().contains("BACKING_WAIT"), "{report:?}");
    let json = run(&["config", "check", "--format", "json"], &GOOD);
    assert!(json.stdout().contains("\"usable\":true"), "{json:?}");
}

#[test]
fn values_are_printed_with_their_origins() {
    let report = run(&["config", "print"], &good(&[("SIGNING_KEY", "s3cr3tkey")]));
    assert_eq!(report.code(), 0, "{report:?}");
    let line = |name: &str| {
        let mut lines = report.stdout().lines();
        lines
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(line("GREETING").contains("hi"));
    assert!(line("LOG_LEVEL").ends_with("default"));
    assert!(!report.stdout().contains("s3cr3tkey"));
    let json = run(&["config", "print", "--format", "json"], &GOOD);
    assert!(
        json.stdout().contains("\"variable\":\"GREETING\""),
        "{json:?}"
    );
}

#[test]
fn one_reference_has_standard_and_own_variables() {
    let (template, schema) = (
        run(&["config", "template"], &[]),
        run(&["config", "schema"], &[]),
    );
    let (standard, own) = (Standard::reference(), Settings::reference());
    for variable in standard.variables().iter().chain(own.variables()) {
        assert!(template.stdout().contains(&format!("{}=", variable.name())));
        assert!(
            schema
                .stdout()
                .contains(&format!("\"{}\"", variable.name()))
        );
    }
}

#[test]
fn every_problem_is_in_one_report() {
    let vars = [
        ("PORT", "70000"),
        ("LISTEN", "8080"),
        ("LOG_LEVEL", "inof"),
        ("LOG_FORMAT", "jsn"),
        ("LOG_STREAM", "file"),
        ("SHUTDOWN_TIMEOUT", "5"),
        ("SHUTDOWN_PRE_STOP", "1h"),
        ("BACKING_WAIT", "soon"),
        ("ADMIN_PROTECT", "maybe"),
        ("ADMIN_LOCK_URL", "redis://host"),
        ("DATABASE_URL", "nonsense"),
    ];
    for words in [
        &["web"][..],
        &["worker", "tick"],
        &["config", "check"],
        &["config", "print"],
        &["backing", "check"],
        &["admin", "hello"],
    ] {
        let report = run(words, &vars);
        assert_eq!(report.code(), 78, "{words:?}: {report:?}");
        for (name, _) in vars.iter().chain(&[("GREETING", "")]) {
            assert!(
                report.stderr().contains(name),
                "{words:?}: {name}: {report:?}"
            );
        }
        let reports = report
            .stderr()
            .matches("configuration is not usable")
            .count();
        let told = report
            .stderr()
            .matches("the configuration is not usable")
            .count();
        assert_eq!(
            reports - told,
            1 + usize::from(words[0] == "admin"),
            "{words:?}: {report:?}"
        );
    }
}

#[test]
fn machines_get_the_report_as_json() {
    let report = run(&["config", "check", "--format", "json"], &[("PORT", "x")]);
    assert_eq!((report.code(), report.stderr()), (78, ""));
    for part in [
        "\"usable\":false",
        "\"PORT\"",
        "\"GREETING\"",
        "\"missing\"",
    ] {
        assert!(report.stdout().contains(part), "{part}: {report:?}");
    }
}

#[test]
fn a_reader_that_went_away_is_141() {
    struct Closed;

    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    for words in [
        &["version"][..],
        &["help"],
        &["config", "print"],
        &["admin", "list"],
    ] {
        let io = Io::captured().stdout(Closed);
        let report = app().run_in(words.iter().copied(), Env::from_vars(GOOD), io);
        assert_eq!(report.code(), 141, "{words:?}: {report:?}");
    }
}

#[test]
fn backing_services_are_asked_once() {
    let port = free_port();
    let url = format!("postgres://app:s3cr3tpw@127.0.0.1:{port}/shop");
    let vars = good(&[("DATABASE_URL", &url)]);
    for words in [
        &["backing", "check"][..],
        &["backing", "check", "--format", "json"],
    ] {
        let report = run(words, &vars);
        assert_eq!(report.code(), 69, "{report:?}");
        for part in ["database", "refusing connections", &port.to_string()] {
            assert!(report.stdout().contains(part), "{report:?}");
        }
        assert!(!report.stdout().contains("s3cr3tpw") && report.stderr().is_empty());
    }
    assert_eq!(run(&["backing", "check"], &GOOD).code(), 0);
}
