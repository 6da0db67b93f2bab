//! Lists, help and completions need neither state nor configuration.

use std::time::Duration;

use tf_admin::{Danger, DryRun, Env, Io, Key, Outcome, Registry, SetupError, Shell, Task};

use crate::support::TestLock;

#[derive(clap::Args)]
struct Prune {
    /// Keep what is younger.
    #[arg(long)]
    older_than: String,
}

fn registry() -> Registry<u8> {
    Registry::builder("shop")
        .version("1.2.3")
        .lock(TestLock::default())
        .with_state(|_| async { Err(SetupError::config("`DATABASE_URL` is not set")) })
        .add(
            Task::new("sessions:prune", "Delete expired sessions")
                .args::<Prune>()
                .danger(Danger::Destructive)
                .dry_run(DryRun::Supported)
                .single_flight(Key::Task)
                .timeout(Duration::from_secs(90))
                .alias("prune")
                .code(7, "some_left")
                .run(|cx, args| async move {
                    drop((cx, args.older_than));
                    Ok(())
                }),
        )
        .add(
            Task::new("old", "Greet")
                .deprecated("1.1", "new")
                .danger(Danger::ReadOnly)
                .run(|_, _| async { Ok(()) }),
        )
        .build()
        .expect("the declaration is right")
}

async fn answer(words: &[&str]) -> String {
    let report = registry().run(words, Env::default(), Io::captured()).await;
    assert_eq!(
        (report.outcome(), report.code()),
        (Outcome::Done, 0),
        "{report:?}"
    );
    assert_eq!(report.stderr(), "");
    assert!(report.events().is_empty());
    report.stdout().to_owned()
}

#[tokio::test]
async fn the_list_has_a_line_for_each_task() {
    let list = answer(&["list"]).await;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("sessions:prune  Delete expired sessions"),
        "{list}"
    );
    assert!(
        lines[0].contains("destructive") && lines[1].contains("deprecated"),
        "{list}"
    );
}

#[tokio::test]
async fn the_list_is_one_document_for_machines() {
    let list: serde_json::Value =
        serde_json::from_str(&answer(&["list", "--format", "json"]).await).unwrap();
    assert_eq!(list["app"], "shop");
    let prune = &list["tasks"][0];
    assert_eq!(
        *prune,
        serde_json::json!({
            "name": "sessions:prune", "summary": "Delete expired sessions", "danger": "destructive",
            "dry_run": true, "single_flight": true, "timeout_ms": 90_000, "aliases": ["prune"],
            "deprecated": null, "codes": [{"code": 7, "name": "some_left"}],
        })
    );
    assert_eq!(list["tasks"][1]["deprecated"]["instead"], "new");
}

#[tokio::test]
async fn help_shows_what_a_task_takes() {
    let help = answer(&["help", "sessions:prune"]).await;
    for word in [
        "shop admin sessions:prune",
        "--older-than",
        "Keep what is younger",
        "--dry-run",
        "--reason",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert_eq!(answer(&["sessions:prune", "--help"]).await, help);
    assert_eq!(answer(&["help", "prune"]).await, help);
    assert!(!answer(&["help", "old"]).await.contains("--dry-run"));
    for words in [&["help"][..], &["--help"]] {
        let overview = answer(words).await;
        assert!(
            overview.contains("sessions:prune") && overview.contains("list"),
            "{overview}"
        );
    }
    assert!(answer(&["help", "list"]).await.contains("--format"));
    assert_eq!(answer(&["--version"]).await, "shop 1.2.3\n");
}

#[tokio::test]
async fn completions_know_tasks_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = answer(&["completions", shell]).await;
        for word in ["sessions:prune", "older-than", "list"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        let shell: Shell = shell.parse().unwrap();
        assert_eq!(registry().completions(shell), script);
    }
    assert!(
        "tcsh"
            .parse::<Shell>()
            .unwrap_err()
            .to_string()
            .contains("`zsh`")
    );
}

#[tokio::test]
async fn the_command_can_be_a_part_of_another_one() {
    let mut program = clap::Command::new("shop").subcommand(registry().command());
    let matches =
        program.try_get_matches_from_mut(["shop", "admin", "prune", "--older-than", "3d"]);
    let matches = matches.unwrap();
    let (name, admin) = matches.subcommand().unwrap();
    assert_eq!(
        (name, admin.subcommand_name()),
        ("admin", Some("sessions:prune"))
    );
}

#[tokio::test]
async fn a_task_needs_what_the_list_does_not() {
    let words = ["old"];
    let report = registry().run(words, Env::default(), Io::captured()).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Config, 78));
    assert!(
        report.stderr().contains("`DATABASE_URL` is not set"),
        "{report:?}"
    );
}
