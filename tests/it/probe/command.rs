//! The subcommand `probe` of the example.

use std::process::Command;

use harness::{Output, example, run, server};

use super::{all_servers, with_login};

fn probe(arguments: &[&str]) -> Output {
    run(Command::new(example("backing"))
        .arg("probe")
        .args(arguments))
}

#[tokio::test]
async fn a_line_for_each_endpoint_and_0_when_all_answer() {
    let [mariadb, _, redis, ..] = all_servers().await;
    let urls = [mariadb.url(), with_login(redis, "")];
    let output = probe(&[&urls[0], &urls[1]]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    let [first, second] = lines[..] else {
        panic!("{output:?}")
    };
    let place = format!("{}:{}", mariadb.host(), mariadb.port());
    assert!(first.starts_with(&format!("{place} is ready (")), "{first}");
    assert!(
        second.contains(" is reachable; wants a password"),
        "{second}"
    );
    let waited = probe(&[&urls[0], &urls[1], "--wait", "30s"]);
    assert_eq!((waited.code, waited.stdout.lines().count()), (Some(0), 2));
}

#[tokio::test]
async fn not_there_is_69_and_a_bad_url_65() {
    let nats = tokio::task::spawn_blocking(server::nats).await.unwrap();
    let here = nats.url();
    let away = "redis://:hunter2hunter2@127.0.0.1:1";
    for arguments in [&[&here, away][..], &[&here, away, "--wait", "1s"]] {
        let output = probe(arguments);
        assert_eq!(output.code, Some(69), "{output:?}");
        assert_eq!(output.stdout.lines().count(), 2);
        assert!(
            output
                .stdout
                .contains("127.0.0.1:1 is refusing connections")
        );
        assert!(!format!("{output:?}").contains("hunter2"));
    }
    let bad = probe(&[&here, "redis://:hunter2#hunter2@127.0.0.1"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (Some(65), ""));
    assert!(!bad.stderr.contains("hunter2"));
    assert_eq!(probe(&[]).code, Some(2));
    assert_eq!(probe(&[&here, "--wait", "soon"]).code, Some(2));
}

/// The configuration takes the variable, and what it names is there.
#[tokio::test]
async fn one_variable_moves_the_programs_from_sqlite_to_mariadb_to_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let [mariadb, postgres, ..] = all_servers().await;
    let file = format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
    for (url, kind) in [
        (file, "sqlite"),
        (mariadb.url(), "mysql"),
        (postgres.url(), "postgres"),
    ] {
        let mut config = Command::new(example("config"));
        let described = run(config.env_clear().env("SHOP_DATABASE_URL", &url));
        assert_eq!((described.code, &*described.stderr), (Some(0), ""), "{url}");
        let mut database = described
            .stdout
            .lines()
            .filter(|line| line.starts_with("SHOP_DATABASE_URL"));
        let shown = database.next().unwrap().split_whitespace().nth(1).unwrap();
        assert!(shown.starts_with(&format!("{kind}:")), "{shown}");
        assert_eq!(shown.contains('@'), shown.contains(":***@"), "{shown}");
        let probed = probe(&[&url, "--wait", "10s"]);
        assert_eq!(
            (probed.code, probed.stdout.lines().count()),
            (Some(0), 1),
            "{probed:?}"
        );
    }
}
