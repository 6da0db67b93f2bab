//! MySQL through sqlx.

use std::path::PathBuf;

use sqlx_mysql::MySqlConnectOptions;
use tf_backing::{AdapterErrorKind as Kind, MySql};

use super::{LOGIN, PASSWORD, USER, refusal};

fn options(url: &str) -> MySqlConnectOptions {
    super::convert::<MySql, _>(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refused(url: &str) -> (Kind, String) {
    let error = refusal::<MySql, MySqlConnectOptions>(url);
    (error.kind(), error.to_string())
}

#[test]
fn every_part_has_its_place() {
    let url = format!(
        "mariadb://{LOGIN}@db:3307/shop?charset=utf8mb4&collation=utf8mb4_bin&timezone=%2B01:00"
    );
    let options = options(&url);
    assert_eq!((options.get_host(), options.get_port()), ("db", 3307));
    assert_eq!(options.get_username(), USER);
    assert_eq!(options.get_database(), Some("shop"));
    assert_eq!(options.get_charset(), "utf8mb4");
    assert_eq!(options.get_collation(), Some("utf8mb4_bin"));
    let shown = format!("{options:?}");
    assert!(shown.contains(&format!("{PASSWORD:?}")) && shown.contains("+01:00"));
}

#[test]
fn sockets_are_paths() {
    for url in [
        "mysql://%2Frun%2Fmy.sock/x",
        "mysql://db/x?socket=/run/my.sock",
    ] {
        assert_eq!(
            options(url).get_socket(),
            Some(&PathBuf::from("/run/my.sock"))
        );
    }
}

#[test]
fn encryption_is_never_weaker_than_written() {
    for (written, mode) in [
        ("DISABLED", "Disabled"),
        ("preferred", "Preferred"),
        ("REQUIRED", "Required"),
        ("VERIFY_CA", "VerifyCa"),
        ("VERIFY_IDENTITY", "VerifyIdentity"),
    ] {
        let options = options(&format!("mysql://db?ssl-mode={written}"));
        assert_eq!(format!("{:?}", options.get_ssl_mode()), mode);
    }
    let options = options("mysql://db?require_ssl=true");
    assert_eq!(format!("{:?}", options.get_ssl_mode()), "VerifyIdentity");
    assert_eq!(refused("mysql://db?tls-versions=TLSv1.3").0, Kind::Option);
}

#[test]
fn a_value_cannot_leave_the_statement_that_sqlx_writes_it_into() {
    for url in [
        "mysql://db?charset=latin1;drop",
        "mysql://db?collation=",
        "mysql://db?timezone=UTC'%20,sql_log_bin='0",
    ] {
        assert_eq!(refused(url).0, Kind::OptionValue);
    }
}

#[test]
fn what_has_no_place_is_told_without_its_value() {
    assert_eq!(refused("mysql://a,b/x").0, Kind::SeveralHosts);
    assert_eq!(refused("mysql+srv://db.example/x").0, Kind::Host);
    assert_eq!(refused("mysqlx://db/x").0, Kind::Scheme);
    assert_eq!(refused("mysqlx+srv://db.example/x").0, Kind::Scheme);
    let (kind, text) = refused("mysql://db?Auth-Method=hunter2");
    let expected = "option `auth-method`: the driver has no place for it; remove it from the URL";
    assert_eq!((kind, &*text), (Kind::Option, expected));
}
