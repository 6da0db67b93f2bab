//! Raw values in, the same values out.

use secrecy::ExposeSecret;
use tf_backing::{Kind, Locator, ParseErrorKind, Part};

#[test]
fn raw_values_need_no_escapes() {
    let raw = "p#/?@:% +,;=&é";
    for kind in [
        Kind::Postgres,
        Kind::MySql,
        Kind::Redis,
        Kind::Amqp,
        Kind::Nats,
        Kind::Mqtt,
        Kind::Kafka,
        Kind::MongoDb,
        Kind::Smtp,
        Kind::S3,
        Kind::Http,
    ] {
        let locator = Locator::builder(kind)
            .username(raw)
            .password(raw)
            .host("h")
            .port(7)
            .build()
            .unwrap();
        assert_eq!(locator.username(), Some(raw), "{kind}");
        assert_eq!(
            locator.password().map(ExposeSecret::expose_secret),
            Some(raw),
            "{kind}"
        );
        assert_eq!(locator.endpoints()[0].to_string(), "h:7", "{kind}");
    }
}

#[test]
fn hosts_may_be_names_addresses_and_sockets() {
    let locator = Locator::builder(Kind::Postgres)
        .host("a")
        .host("::1")
        .port(5433)
        .host("fe80::1%eth0")
        .host("/run/pg")
        .host("@pg")
        .build()
        .unwrap();
    assert_eq!(
        locator.to_string(),
        "postgres://a,[::1]:5433,[fe80::1%25eth0],%2Frun%2Fpg,%40pg"
    );
    let endpoints: Vec<String> = locator
        .endpoints()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        endpoints,
        [
            "a:5432",
            "[::1]:5433",
            "[fe80::1%eth0]:5432",
            "/run/pg/.s.PGSQL.5432",
            "@pg/.s.PGSQL.5432"
        ]
    );
}

#[test]
fn each_kind_keeps_its_own_form() {
    let bucket = Locator::builder(Kind::S3)
        .resource("shop/2026")
        .build()
        .unwrap();
    assert_eq!(bucket.expose_url(), "s3://shop/2026");
    let endpoint = Locator::builder(Kind::S3)
        .host("minio")
        .resource("shop/2026")
        .build()
        .unwrap();
    assert_eq!(endpoint.expose_url(), "s3://minio:/shop/2026");
    assert_eq!(endpoint.resource(), Some("shop"));
    assert_eq!(Locator::parse(&endpoint.expose_url()).unwrap(), endpoint);
    let file = Locator::builder(Kind::Sqlite)
        .resource("/data/a b?.db")
        .build()
        .unwrap();
    assert_eq!(file.expose_url(), "sqlite:///data/a%20b%3F.db");
    let memory = Locator::builder(Kind::Sqlite)
        .resource(":memory:")
        .build()
        .unwrap();
    assert_eq!(memory.expose_url(), "sqlite::memory:");
    let token = Locator::builder(Kind::Nats)
        .password("t/k")
        .host("n")
        .build()
        .unwrap();
    assert_eq!(token.expose_url(), "nats://t%2Fk@n");
    let ldap = Locator::builder(Kind::Other)
        .scheme("ldap")
        .host("h")
        .port(389)
        .build()
        .unwrap();
    assert_eq!(ldap.expose_url(), "ldap://h:389");
}

#[test]
fn values_that_make_no_locator_are_refused_without_a_position() {
    let error = Locator::builder(Kind::Redis)
        .resource("cache")
        .build()
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.part(), error.at()),
        (ParseErrorKind::InvalidResource, Part::Resource, None)
    );
    let error = Locator::builder(Kind::Redis)
        .scheme("amqp")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ParseErrorKind::WrongKind);
    let error = Locator::builder(Kind::Sqlite)
        .password("x")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ParseErrorKind::UnexpectedPart);
}

#[test]
fn a_default_option_gives_way_to_what_is_written() {
    let with = |text: &str, name, value| {
        Locator::parse(text)
            .unwrap()
            .with_default_option(name, value)
    };
    let url = |text, name, value| with(text, name, value).unwrap().expose_url();
    assert_eq!(
        url("postgres://h/d", "sslmode", "require"),
        "postgres://h/d?sslmode=require"
    );
    assert_eq!(
        url("postgres://h?sslmode=disable", "sslmode", "require"),
        "postgres://h?sslmode=disable"
    );
    assert_eq!(
        url("postgres://h?ssl=false", "sslmode", "require"),
        "postgres://h?ssl=false"
    );
    assert_eq!(
        url("postgres://h?application_name=x", "sslmode", "require"),
        "postgres://h?application_name=x&sslmode=require"
    );
    assert_eq!(
        url("mysql://h?SSL-MODE=DISABLED", "ssl-mode", "REQUIRED"),
        "mysql://h?SSL-MODE=DISABLED"
    );
    assert_eq!(url("postgres://app@h", "user", "other"), "postgres://app@h");
    assert_eq!(url("postgres://h", "user", "other"), "postgres://other@h");
    assert_eq!(
        url("rediss://h#insecure", "timeout", "1"),
        "rediss://h?timeout=1#insecure"
    );
    assert!(with("postgres://h", "sslmode", "maybe").is_err());
}
