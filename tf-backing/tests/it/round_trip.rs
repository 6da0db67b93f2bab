//! Any value in any part comes back; no text makes the parser panic.

use proptest::prelude::*;
use secrecy::ExposeSecret;
use tf_backing::{Kind, Locator, ParseOptions};

pub(crate) const KINDS: [Kind; 16] = [
    Kind::Postgres,
    Kind::MySql,
    Kind::Sqlite,
    Kind::Redis,
    Kind::Amqp,
    Kind::Nats,
    Kind::Mqtt,
    Kind::Kafka,
    Kind::MongoDb,
    Kind::Memcached,
    Kind::Smtp,
    Kind::S3,
    Kind::Http,
    Kind::Elasticsearch,
    Kind::ClickHouse,
    Kind::Cassandra,
];

/// Any text without the NUL that no service takes.
pub(crate) fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\u{0}]{0,12}",
        "[#/?@:%\\[\\],;&=+ a-c]{0,12}",
        proptest::collection::vec(1u8..=255, 0..12)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

/// Bytes escaped one by one, which need not be UTF-8.
fn escaped() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<u8>(), 0..8)
        .prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02x}")).collect())
}

proptest! {
    #[test]
    fn raw_values_survive_building_writing_and_parsing(
        kind in proptest::sample::select(&KINDS[..]),
        user in proptest::option::of(value()),
        password in proptest::option::of(value()),
        resource in proptest::option::of(value()),
        option in value(),
    ) {
        let mut builder = Locator::builder(kind);
        if kind != Kind::Sqlite {
            builder = builder.host("h").port(7);
            if let Some(user) = &user {
                builder = builder.username(user);
            }
            if let Some(password) = &password {
                builder = builder.password(password.as_str());
            }
        }
        let checked = !matches!(kind, Kind::Redis | Kind::MongoDb);
        if let Some(resource) = resource.as_ref().filter(|_| checked) {
            builder = builder.resource(resource);
        }
        let locator = builder.option("application_name", option.as_str()).build().unwrap();
        if kind != Kind::Sqlite && !(kind == Kind::Nats && password.is_none()) {
            // A password needs its colon, so that the user before it is empty, not absent.
            let empty = password.as_ref().filter(|_| kind != Kind::Nats).map(|_| "");
            prop_assert_eq!(locator.username(), user.as_deref().or(empty));
            prop_assert_eq!(locator.password().map(ExposeSecret::expose_secret), password.as_deref());
        }
        prop_assert_eq!(locator.options().get("application_name").unwrap().expose_value(), option);
        let again = Locator::parse(&locator.expose_url()).unwrap();
        prop_assert_eq!(&again, &locator);
        prop_assert_eq!(again.expose_url(), locator.expose_url());
    }

    #[test]
    fn escaped_bytes_decode_or_are_refused(
        kind in proptest::sample::select(&KINDS[..]),
        user in escaped(),
        password in escaped(),
        resource in escaped(),
    ) {
        let text = format!("{kind}://{user}:{password}@h/{resource}");
        if let Ok(locator) = Locator::parse(&text) {
            prop_assert_eq!(&Locator::parse(&locator.expose_url()).unwrap(), &locator);
        }
    }

    #[test]
    fn what_parses_is_written_so_that_it_parses_the_same(
        kind in proptest::sample::select(&KINDS[..]),
        scheme in prop_oneof![
            Just(None),
            proptest::sample::select(&["redis+unix", "redis-cluster", "mongodb+srv", "mysqlx+srv", "wss", "tls"][..])
                .prop_map(Some)
        ],
        rest in "[a-c1:@/?#%,;&=+.()\\[\\] é-]{0,24}",
    ) {
        let scheme = scheme.unwrap_or(kind.as_str());
        if let Ok(locator) = Locator::parse(&format!("{scheme}://{rest}")) {
            let url = locator.expose_url();
            let again = Locator::parse(&url).map_err(|error| TestCaseError::fail(format!("{url}: {error}")))?;
            prop_assert_eq!(&again, &locator);
            prop_assert_eq!(again.tls(), locator.tls());
            let _ = (locator.endpoints(), locator.identity());
            #[cfg(feature = "url")]
            let _ = locator.expose_to_urls();
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,80}", kind in proptest::sample::select(&KINDS[..])) {
        let _ = Locator::parse(&text);
        let rules = ParseOptions::new().lenient_user_info(true).expect(kind);
        let _ = Locator::parse_with(&text, &rules);
        let _ = Locator::parse_with(&format!("{kind}://{text}"), &rules);
    }
}

#[test]
fn long_texts_take_linear_time() {
    for piece in [
        "a", ",", "%41", "@", ":", "/", "?", "&x=1", "(", "[", " ", ";", "#", "a@b,", "%",
    ] {
        for kind in KINDS {
            let text = format!("{kind}://{}", piece.repeat(65_000 / piece.len()));
            let rules = ParseOptions::new().lenient_user_info(true);
            let _ = Locator::parse_with(&text, &rules);
            let _ = Locator::parse_with(&format!("{text}@h"), &rules);
        }
    }
}

#[test]
fn parts_that_once_moved_stay_where_they_are() {
    let rules = ParseOptions::new().lenient_user_info(true);
    for text in [
        "s3://key:a/b@endpoint/bucket",
        "postgres://?host=/run&password=p",
        "kafka+ssl://a,kafka+ssl://b/x://y",
        "nats://u:a,b@h",
    ] {
        let locator = Locator::parse_with(text, &rules).unwrap();
        assert_eq!(
            Locator::parse(&locator.expose_url()).unwrap(),
            locator,
            "{text}"
        );
    }
}
