//! PostgreSQL through sqlx.

use sqlx_postgres::{PgConnectOptions, PgSslMode};
use tf_backing::{AdapterErrorKind as Kind, Postgres};

use super::{LOGIN, PASSWORD, USER, refusal};

fn options(url: &str) -> PgConnectOptions {
    super::convert::<Postgres, _>(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refused(url: &str) -> (Kind, String) {
    let error = refusal::<Postgres, PgConnectOptions>(url);
    (error.kind(), error.to_string())
}

fn ssl_mode(url: &str) -> String {
    format!("{:?}", options(url).get_ssl_mode())
}

#[test]
fn every_part_has_its_place() {
    let options = options(&format!(
        "postgres://{LOGIN}@db:6432/a%2Fb?application_name=x"
    ));
    assert_eq!(options.get_host(), "db");
    assert_eq!(options.get_port(), 6432);
    assert_eq!(options.get_username(), USER);
    assert_eq!(options.get_database(), Some("a/b"));
    assert_eq!(options.get_application_name(), Some("x"));
    // The driver gives the password back in no other way.
    assert!(format!("{options:?}").contains(&format!("{PASSWORD:?}")));
}

#[test]
fn defaults_are_those_of_the_scheme() {
    assert_eq!(options("postgres:///x").get_host(), "localhost");
    assert_eq!(options("postgres://db").get_port(), 5432);
    assert_eq!(options("cockroachdb://db").get_port(), 26257);
    assert_eq!(
        options("postgres://[fe80::1%25eth0]").get_host(),
        "fe80::1%eth0"
    );
    assert_eq!(
        options("postgres://db?hostaddr=10.0.0.1").get_host(),
        "10.0.0.1"
    );
}

#[test]
fn a_socket_is_its_folder() {
    let options = options("postgres://%2Frun%2Fpg:5433/x");
    assert_eq!(
        options.get_socket().map(|path| path.as_os_str()),
        Some("/run/pg".as_ref())
    );
    assert_eq!(options.get_port(), 5433);
    assert!(matches!(options.get_ssl_mode(), PgSslMode::Disable));
    assert_eq!(
        refused("postgres://%2Frun%2Fpg/x?sslmode=require").0,
        Kind::Tls
    );
    assert_eq!(refused("postgres://%40name/x").0, Kind::Host);
}

#[test]
fn encryption_is_never_weaker_than_written() {
    for (written, mode) in [
        ("disable", "Disable"),
        ("allow", "Prefer"),
        ("prefer", "Prefer"),
        ("require", "Require"),
        ("verify-ca", "VerifyCa"),
        ("verify-full", "VerifyFull"),
    ] {
        assert_eq!(ssl_mode(&format!("postgres://db?sslmode={written}")), mode);
    }
    assert_eq!(ssl_mode("postgres://db"), "Prefer");
    assert_eq!(ssl_mode("postgres://db?sslrootcert=system"), "VerifyFull");
    assert_eq!(
        ssl_mode("postgres://db?sslmode=require&sslrootcert=/ca"),
        "VerifyCa"
    );
    for option in [
        "sslnegotiation=direct",
        "channel_binding=require",
        "ssl_min_protocol_version=TLSv1.3",
        "sslcrl=/crl",
        "requirepeer=postgres",
        "require_auth=scram-sha-256",
        "target_session_attrs=read-write",
    ] {
        let (kind, text) = refused(&format!("postgres://db?{option}"));
        assert!(matches!(kind, Kind::Option | Kind::OptionValue), "{text}");
    }
    let named = "postgres://db?hostaddr=10.0.0.1&sslmode=verify-full";
    assert_eq!(refused(named).0, Kind::OptionValue);
}

#[test]
fn what_libpq_does_not_know_is_a_parameter_of_the_server() {
    let url = "postgres://db?statement_timeout=5s&myapp.tenant=a%20b&connect_timeout=3&pool_size=9";
    let options = options(url).options([("geqo", "off")]);
    let expected = r"-c statement_timeout=5s -c myapp.tenant=a\ b -c geqo=off";
    assert_eq!(options.get_options(), Some(expected));
}

#[test]
fn settings_are_read_as_libpq_reads_them() {
    let url =
        r"postgres://db?options=-c%20geqo=off%20--statement-timeout=5min%20-csearch_path=a\%20b";
    let expected = r"-c geqo=off -c statement_timeout=5min -c search_path=a\ b";
    assert_eq!(options(url).get_options(), Some(expected));
    for wrong in [
        "-c",
        "-c%20x",
        "-f%20x=hunter2",
        "x=hunter2",
        "-c%20a%22b=hunter2",
    ] {
        let (kind, _) = refused(&format!("postgres://db?options={wrong}"));
        assert_eq!(kind, Kind::OptionValue, "{wrong}");
    }
}

#[test]
fn what_has_no_place_is_told_without_its_value() {
    let (kind, text) = refused("postgres://a,b:5433/x");
    assert_eq!(
        (kind, &*text),
        (
            Kind::SeveralHosts,
            "sqlx connects to one host; name one of them"
        )
    );
    let (kind, text) = refused("postgres://db?sslpassword=hunter2");
    let expected = "option `sslpassword`: the driver has no place for it; remove it from the URL";
    assert_eq!((kind, &*text), (Kind::Option, expected));
    // A name that nobody knows may be the rest of a password.
    let (kind, text) = refused("postgres://db?x=1&hunter2%21=3");
    let expected = "option number 2: the driver has no place for it; remove it from the URL";
    assert_eq!((kind, &*text), (Kind::Option, expected));
    let (_, text) = refused("postgres://db?statement-cache-capacity=hunter2");
    let expected = "option `statement-cache-capacity`: expected a number in the driver's range";
    assert_eq!(text, expected);
}
