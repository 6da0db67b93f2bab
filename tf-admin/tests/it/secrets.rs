//! A secret shows in nothing that a run writes or reports.

use std::io::Write;

use secrecy::{ExposeSecret, SecretString};
use tf_admin::{Cx, Env, Io, JsonAudit, Outcome, Registry, Report, SecretArg, Task};

use crate::support::env;

/// What is planted, and what must be found nowhere, pieces of it among them.
const MARKER: &str = "s3cr3t-\"marker\"-0123456789";

#[derive(clap::Args, Debug)]
struct Keys {
    /// Key of the payment service.
    #[arg(long)]
    key: SecretArg,
    #[arg(long)]
    spare: Option<SecretArg>,
}

fn tasks() -> Registry<SecretString> {
    let task = |name: &str| Task::new(name, "Use a key").args::<Keys>();
    Registry::builder("shop")
        .audit(JsonAudit::with_writer(std::io::sink()))
        .with_state(|setup| async move {
            let url = setup
                .env()
                .var("DATABASE_URL")
                .unwrap_or_default()
                .to_owned();
            setup.mask(&url);
            Ok(SecretString::from(url))
        })
        .add(task("use").run(|cx, args| async move {
            assert_eq!(args.key.expose_secret(), MARKER);
            cx.output(&args.spare.is_some())?;
            Ok(())
        }))
        .add(task("note").run(|cx, args| async move {
            let secret = args.key.expose_secret().to_owned();
            cx.note(&secret);
            cx.note(format!("{args:?} {secret:?} {}", &secret[..16]));
            cx.effect(secret.clone(), || async { Ok::<_, std::io::Error>(()) })
                .await?;
            cx.output(&[secret.as_str(), "end"])?;
            Ok(())
        }))
        .add(task("fail").run(|_, args| async move {
            let inner = std::io::Error::other(format!("bad key {}", args.key.expose_secret()));
            Err::<(), _>(std::io::Error::other(inner).into())
        }))
        .add(task("panic").run(|_, args| async move {
            assert!(
                args.key.expose_secret().is_empty(),
                "bad key {:?}",
                args.key.expose_secret()
            );
            Ok(())
        }))
        .add(
            Task::new("config", "Fail").run(|cx: Cx<SecretString>, _| async move {
                Err::<(), _>(format!("no answer from {}", cx.state().expose_secret()).into())
            }),
        )
        .add(Task::new("late", "Fail").run(|cx, _| async move {
            cx.mask(MARKER);
            Err::<(), _>(format!("token {MARKER}").into())
        }))
        .build()
        .expect("the declaration is right")
}

fn secret_env() -> Env {
    env(&[("KEY", MARKER), ("DATABASE_URL", MARKER)])
}

async fn run(words: &[&str], io: Io) -> Report {
    let report = tasks().run(words, secret_env(), io).await;
    let events = report.events().iter();
    let events: String = events
        .map(|event| serde_json::to_string(event).expect("events are JSON"))
        .collect();
    let all = format!(
        "{report:?} {} {} {events}",
        report.stdout(),
        report.stderr()
    );
    for piece in [MARKER, &MARKER[..16], &MARKER[16..], "0123456789", "marker"] {
        assert!(!all.contains(piece), "{words:?}: {piece}: {all}");
    }
    report
}

#[tokio::test]
async fn a_secret_is_read_from_a_variable_a_file_or_stdin() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{MARKER}").unwrap();
    let path = file.path().to_str().unwrap();
    let stdin = || Io::captured().stdin(format!("{MARKER}\r\n"));
    for words in [
        &["use", "--key-env", "KEY"][..],
        &["use", "--key-env=KEY"],
        &["use", "--key-file", path],
        &["use", "--key-stdin"],
    ] {
        let report = run(words, stdin()).await;
        assert_eq!(
            (report.code(), report.stdout()),
            (0, "false\n"),
            "{report:?}"
        );
    }
    let report = run(&["use", "--key-env", "KEY", "--spare-stdin"], stdin()).await;
    assert_eq!(report.stdout(), "true\n");
    let args = &report.events()[0].run.args;
    assert!(
        args.iter().all(|(_, values)| values == &["***"]),
        "{args:?}"
    );
    assert_eq!(args.len(), 2);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_a_usage_error_that_names_it() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let path = empty.path().to_str().unwrap();
    for (words, word) in [
        (&["use"][..], "--key-env"),
        (&["use", "--key-env", "NONE"], "`NONE` is not set"),
        (
            &["use", "--key-env", "NONE", "--spare-env", "NADA"],
            "`NADA`",
        ),
        (&["use", "--key-file", "/nowhere"], "/nowhere"),
        (&["use", "--key-file", path], "is empty"),
        (&["use", "--key-stdin"], "is empty"),
        (&["use", "--key-env", "KEY", "--key-stdin"], "--key-stdin"),
        (&["use", "--key-stdin", "--spare-stdin"], "--spare-stdin"),
    ] {
        let words: Vec<&str> = words.to_vec();
        let report = run(&words, Io::captured()).await;
        assert_eq!(
            (report.outcome(), report.code()),
            (Outcome::Usage, 2),
            "{words:?}"
        );
        assert!(
            report.stderr().contains(word),
            "{words:?}: {}",
            report.stderr()
        );
    }
    let typed = Io::captured().terminal(true).stdin(MARKER);
    assert_eq!(run(&["use", "--key-stdin"], typed).await.code(), 2);
}

#[tokio::test]
async fn a_secret_on_the_command_line_is_refused_without_an_echo() {
    let assigned = format!("--key={MARKER}");
    for words in [&["use", "--key", MARKER][..], &["use", &assigned]] {
        let report = run(words, Io::captured()).await;
        assert_eq!(report.code(), 2);
        assert!(report.stderr().contains("--key-env NAME"), "{report:?}");
    }
    assert_eq!(run(&["use", "--key"], Io::captured()).await.code(), 2);
}

#[tokio::test]
async fn nothing_that_a_task_says_shows_a_secret() {
    let report = run(&["note", "--key-env", "KEY"], Io::captured()).await;
    assert_eq!(
        (report.code(), report.stdout()),
        (0, "***\nend\n"),
        "{report:?}"
    );
    let report = run(
        &["note", "--key-env", "KEY", "--format", "json"],
        Io::captured(),
    )
    .await;
    assert_eq!(
        (report.code(), report.stdout()),
        (0, "[\"***\",\"end\"]\n"),
        "{report:?}"
    );
    for (task, code) in [("fail", 1), ("panic", 70)] {
        let report = run(&[task, "--key-env", "KEY"], Io::captured()).await;
        assert_eq!(report.code(), code);
        assert!(report.error().unwrap().contains("bad key"), "{report:?}");
        assert!(report.error().unwrap().contains("***"), "{report:?}");
    }
}

#[tokio::test]
async fn secrets_of_the_configuration_and_of_the_task_are_masked() {
    for task in ["config", "late"] {
        let report = run(&[task], Io::captured()).await;
        assert_eq!(report.code(), 1);
        assert!(report.error().unwrap().contains("***"), "{report:?}");
    }
}

#[tokio::test]
async fn a_secret_that_somebody_put_into_the_reason_is_masked_there() {
    let words = [
        "use",
        "--key-env",
        "KEY",
        "--reason",
        MARKER,
        "--actor",
        MARKER,
    ];
    let report = run(&words, Io::captured()).await;
    assert_eq!(report.code(), 0);
    assert_eq!(report.events()[0].run.reason.as_deref(), Some("***"));
}

#[test]
fn a_secret_argument_does_not_show_itself() {
    let keys = format!("{:?}", secret_env());
    assert!(!keys.contains(MARKER), "{keys}");
}

#[tokio::test]
async fn help_shows_the_three_ways_and_no_fourth() {
    let report = run(&["help", "use"], Io::captured()).await;
    for option in [
        "--key-env <NAME>",
        "--key-file <PATH>",
        "--key-stdin",
        "--spare-env <NAME>",
    ] {
        assert!(
            report.stdout().contains(option),
            "{option}: {}",
            report.stdout()
        );
    }
    assert!(!report.stdout().contains("--key <"), "{}", report.stdout());
}
