//! SQLite through sqlx.

use std::path::Path;

use sqlx_sqlite::SqliteConnectOptions;
use tf_backing::{AdapterErrorKind as Kind, Sqlite};

use super::refusal;

fn options(url: &str) -> SqliteConnectOptions {
    super::convert::<Sqlite, _>(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refused(url: &str) -> Kind {
    refusal::<Sqlite, SqliteConnectOptions>(url).kind()
}

#[test]
fn the_path_is_decoded_and_read_as_sqlx_reads_it() {
    for (url, path) in [
        ("sqlite://orders.db", "orders.db"),
        ("sqlite:orders.db", "orders.db"),
        ("sqlite:///var/a%20b%3F.db", "/var/a b?.db"),
        ("sqlite://file:x", "./file:x"),
    ] {
        assert_eq!(options(url).get_filename(), Path::new(path));
    }
}

#[test]
fn options_are_the_drivers_own() {
    let url = "sqlite://x?mode=ro&cache=shared&immutable=1&vfs=unix-none&busy_timeout=250&journal_mode=WAL";
    let shown = format!("{:?}", options(url));
    for part in [
        "read_only: true",
        "shared_cache: true",
        "immutable: true",
        r#"vfs: Some("unix-none")"#,
        "busy_timeout: 250ms",
        r#""journal_mode": Some("WAL")"#,
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(format!("{:?}", options("sqlite://x?mode=rwc")).contains("create_if_missing: true"));
}

#[test]
fn memory_is_shared_by_one_pool_and_no_other() {
    let (one, two) = (options("sqlite::memory:"), options("sqlite::memory:"));
    let shown = format!("{one:?}");
    assert!(shown.contains("in_memory: true") && shown.contains("shared_cache: true"));
    assert_ne!(one.get_filename(), two.get_filename());
    let named = format!("{:?}", options("sqlite://cache?mode=memory"));
    assert!(named.contains(r#"filename: "cache""#) && named.contains("in_memory: true"));
}

#[test]
fn what_has_no_place_is_told_without_its_value() {
    assert_eq!(refused("sqlite://x?nolock=hunter2"), Kind::Option);
    assert_eq!(refused("sqlite://x?key=hunter2"), Kind::Option);
    for option in ["mode", "cache", "immutable", "busy_timeout", "journal_mode"] {
        assert_eq!(
            refused(&format!("sqlite://x?{option}=hunter2")),
            Kind::OptionValue
        );
    }
}
