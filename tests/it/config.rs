//! The example of `tf-config`, as its users run it.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use harness::{Output, example, run, tool};
use serde_json::{Value, json};

/// Runs the example in an environment that has these variables alone.
fn config(arguments: &[&str], vars: &[(&str, &str)]) -> Output {
    run(Command::new(example("config"))
        .args(arguments)
        .env_clear()
        .envs(vars.iter().copied()))
}

const GOOD: [(&str, &str); 1] = [("SHOP_DATABASE_URL", "postgres://app:s3cr3t@db/shop")];

#[test]
fn a_good_environment_is_described_on_stdout() {
    let output = config(&[], &[GOOD[0], ("SHOP_SESION_KEY", "t0psecret")]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let lines: Vec<Vec<&str>> = output
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["SHOP_PORT", "5000", "default"]);
    assert_eq!(lines[1][0], "SHOP_DATABASE_URL");
    assert!(
        output.stderr.contains("did you mean SHOP_SESSION_KEY?"),
        "{}",
        output.stderr
    );
    for secret in ["s3cr3t", "t0psecret"] {
        assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret));
    }
}

#[test]
fn a_bad_environment_is_reported_on_stderr_with_78() {
    let vars = [
        ("SHOP_PORT", "tcp://10.0.3.7:80"),
        ("SHOP_DATABSE_URL", "postgres://u:s3cr3t@h/d"),
        ("SHOP_MAIL_PORT", "25"),
        ("SHOP_DRAIN", "5"),
    ];
    let output = config(&[], &vars);
    assert_eq!((output.code, output.stdout.as_str()), (Some(78), ""));
    for words in [
        "SHOP_PORT ",
        "a Kubernetes service link for a Service named `shop`",
        "SHOP_DATABASE_URL ",
        "did you mean SHOP_DATABASE_URL?",
        "SHOP_MAIL_HOST ",
        "SHOP_MAIL_PASSWORD ",
        "needed because SHOP_MAIL_PORT is set",
        "SHOP_DRAIN ",
        "the unit is missing",
    ] {
        assert!(
            output.stderr.contains(words),
            "{words} in {}",
            output.stderr
        );
    }
    assert!(!output.stderr.contains("s3cr"), "{}", output.stderr);
}

#[test]
fn the_report_is_json_when_asked_for() {
    let output = config(&["--format", "json"], &[("SHOP_PORT", "0")]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(78), ""));
    let report: Value = serde_json::from_str(&output.stderr).unwrap();
    let problems = report["problems"].as_array().unwrap();
    let named: Vec<_> = problems
        .iter()
        .map(|problem| (&problem["variable"], &problem["kind"]))
        .collect();
    let expected = [
        json!("SHOP_PORT"),
        json!("out_of_range"),
        json!("SHOP_DATABASE_URL"),
        json!("missing"),
    ];
    assert_eq!(
        named,
        [(&expected[0], &expected[1]), (&expected[2], &expected[3])]
    );
}

#[test]
fn junk_in_the_environment_harms_nobody() {
    let junk = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    let mut command = Command::new(example("config"));
    let output = run(command
        .env_clear()
        .envs(GOOD)
        .env(junk, junk)
        .env("OTHER", junk));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let output = run(command.env("SHOP_PORT", junk));
    assert_eq!(output.code, Some(78));
    assert!(output.stderr.contains("not UTF-8"), "{}", output.stderr);
}

#[test]
fn the_same_name_twice_in_the_environment_counts_once() {
    // `env` keeps one entry a name, so the second comes by way of execve in another language.
    let script = "import os, sys; os.execve(sys.argv[1], sys.argv[1:2], {b'SHOP_DATABASE_URL': b'http://h', b'SHOP_PORT': b'1'})";
    let output = run(Command::new(tool("python3"))
        .args(["-c", script])
        .arg(example("config")));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(
        output.stdout.contains("SHOP_PORT             1"),
        "{}",
        output.stdout
    );
}

#[test]
fn a_closed_reader_ends_141_in_silence() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(example("config"));
    let child = command
        .env_clear()
        .envs(GOOD)
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), &*output.stderr),
        (Some(141), &b""[..])
    );
}

#[test]
fn a_locator_is_explained_and_its_password_is_not_shown() {
    let output = config(
        &[],
        &[("SHOP_DATABASE_URL", "postgres://app:hunter2#x@db/shop")],
    );
    assert_eq!(output.code, Some(78));
    assert!(
        output.stderr.contains("unencoded `#` in the password"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("write %23"), "{}", output.stderr);
    assert!(!output.stderr.contains("hunt"), "{}", output.stderr);
    let output = config(
        &[],
        &[("SHOP_DATABASE_URL", "postgres://app:hunter2@db/shop")],
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(
        output.stdout.contains("postgres://app:***@db/shop"),
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains("hunt"), "{}", output.stdout);
}

#[test]
fn wrong_usage_ends_2() {
    let output = config(&["--reference", "html"], &[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
}

#[test]
fn references_need_no_environment() {
    for (form, words) in [
        ("dotenv", "SHOP_DATABASE_URL=postgres://user:pass@host/db\n"),
        (
            "markdown",
            "| `SHOP_PORT` | Port the HTTP server listens on. |",
        ),
        ("schema", "https://json-schema.org/draft/2020-12/schema"),
    ] {
        let output = config(&["--reference", form], &[]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(output.stdout.contains(words), "{}", output.stdout);
    }
}

#[test]
fn the_schema_is_one_and_accepts_what_the_program_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("schema.json");
    fs::write(&schema, config(&["--reference", "schema"], &[]).stdout).unwrap();
    let checker = tool("check-jsonschema");
    let output = run(Command::new(&checker)
        .arg("--check-metaschema")
        .arg(&schema));
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);

    let url = ("SHOP_DATABASE_URL", "postgres://h/d");
    let cases: [(&[(&str, &str)], bool); 13] = [
        (&[url], true),
        (&[], false),
        (&[("SHOP_DATABASE_URL_FILE", "/dev/null")], true),
        (&[url, ("SHOP_PORT", " 80 ")], true),
        (&[url, ("SHOP_PORT", "")], true),
        (&[url, ("SHOP_PORT", "x")], false),
        (&[url, ("SHOP_DRAIN", "1m30s")], true),
        (&[url, ("SHOP_DRAIN", "30")], false),
        (&[url, ("LOG_FMT", "json")], true),
        (&[url, ("SHOP_LOG_FORMAT", "xml")], false),
        (&[url, ("SHOP_MAIL_PORT", "25")], false),
        (
            &[url, ("SHOP_MAIL_HOST", "m"), ("SHOP_MAIL_PASSWORD", "p")],
            true,
        ),
        (&[url, ("OTHER", "anything")], true),
    ];
    for (vars, accepted) in cases {
        let instance = folder.path().join("environment.json");
        let object: serde_json::Map<_, _> = vars
            .iter()
            .map(|(name, text)| ((*name).to_owned(), json!(text)))
            .collect();
        fs::write(&instance, Value::Object(object).to_string()).unwrap();
        let mut check = Command::new(&checker);
        let output = run(check.arg("--schemafile").arg(&schema).arg(&instance));
        assert_eq!(
            output.code == Some(0),
            accepted,
            "{vars:?}: {}{}",
            output.stdout,
            output.stderr
        );
        // The program agrees, but for the file, which is empty here.
        if !vars.iter().any(|(name, _)| name.ends_with("_FILE")) {
            assert_eq!(config(&[], vars).code == Some(0), accepted, "{vars:?}");
        }
    }
}
