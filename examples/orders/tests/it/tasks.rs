//! One-off tasks, and what the service says when it cannot start.

use serde_json::Value;
use tf_app::{Env, Io};

use crate::service::Place;

#[test]
fn the_app_is_put_together_well() {
    orders::app().check().unwrap();
}

#[test]
fn migrations_are_told_before_they_are_made() {
    let place = Place::new();
    assert_eq!(place.run("admin migrate --check").code(), 3);
    assert!(!place.database().exists(), "a check creates nothing");
    assert_eq!(place.run("admin migrate").code(), 0);
    assert_eq!(place.run("admin migrate --check").code(), 0);
    assert_eq!(place.run("admin migrate").code(), 0);
}

#[test]
fn a_database_that_was_not_created_here_is_not_migrated_by_the_way() {
    let place = Place::new();
    std::fs::write(place.database(), "").unwrap();
    let url = format!("sqlite:{}", place.database().display());
    for words in ["web", "worker fulfil"] {
        let vars = [
            ("DATABASE_URL", url.as_str()),
            ("QUEUE_URL", &url),
            ("PORT", "0"),
        ];
        let report = orders::app().run_in(words.split(' '), Env::from_vars(vars), Io::captured());
        assert_eq!(report.code(), 69, "{words}");
        assert!(
            report.stderr().contains("admin migrate"),
            "{}",
            report.stderr()
        );
    }
}

#[test]
fn seeds_are_sown_once_and_exported_as_lines() {
    let place = Place::new();
    for _ in 0..2 {
        assert_eq!(place.run("admin seed --count 12").code(), 0);
    }
    let report = place.run("admin orders:export");
    let orders: Result<Vec<Value>, _> = report.stdout().lines().map(serde_json::from_str).collect();
    assert_eq!((report.code(), orders.unwrap().len()), (0, 12));
}

#[test]
fn only_what_is_final_is_pruned_and_only_if_somebody_means_it() {
    let place = Place::new();
    assert_eq!(place.run("admin seed --count 3").code(), 0);
    place.write("UPDATE orders SET status = 'cancelled' WHERE idempotency_key <> 'seed-1'");
    let left = || place.run("admin orders:export").stdout().lines().count();
    assert_eq!(place.run("admin orders:prune --older-than 0s").code(), 77);
    assert_eq!(
        place
            .run("admin orders:prune --older-than 0s --dry-run")
            .code(),
        0
    );
    assert_eq!(left(), 3);
    let meant = "--confirm orders:prune --reason test";
    assert_eq!(
        place
            .run(&format!("admin orders:prune --older-than 1h {meant}"))
            .code(),
        0
    );
    assert_eq!(left(), 3);
    assert_eq!(
        place
            .run(&format!("admin orders:prune --older-than 0s {meant}"))
            .code(),
        0
    );
    assert_eq!(left(), 1);
}

#[test]
fn a_wrong_configuration_is_told_whole() {
    let check = |vars: &[(&str, &str)]| {
        let report = orders::app().run_in(
            ["web"],
            Env::from_vars(vars.iter().copied()),
            Io::captured(),
        );
        assert_eq!(report.code(), 78);
        report.stderr().to_owned()
    };
    let missing = check(&[]);
    assert!(
        missing.contains("DATABASE_URL") && missing.contains("QUEUE_URL"),
        "{missing}"
    );
    let vars = [
        ("DATABASE_URL", "redis://:Zq7marker@h"),
        ("QUEUE_URL", "nats://u:Zq7marker@h"),
        ("CACHE_URL", "redis-cluster://:Zq7marker@h"),
        ("FULFIL_CONCURRENCY", "0"),
    ];
    let wrong = check(&vars);
    assert!(vars.iter().all(|(name, _)| wrong.contains(name)), "{wrong}");
    assert!(!wrong.contains("Zq7"), "{wrong}");
    let two = check(&[
        ("DATABASE_URL", "mysql://a/b"),
        ("QUEUE_URL", "mysql://a/c"),
    ]);
    assert!(two.contains("the same database"), "{two}");
    let memory = check(&[
        ("DATABASE_URL", "sqlite::memory:"),
        ("QUEUE_URL", "sqlite::memory:"),
    ]);
    assert!(memory.contains("in memory"), "{memory}");
}
