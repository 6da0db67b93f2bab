//! Options: order, repetition, case, and what may be shown of them.

use tf_backing::Locator;

#[test]
fn options_keep_their_order_and_their_repetitions() {
    let locator =
        Locator::parse("amqp://mq?auth_mechanism=plain&x&auth_mechanism=external&y=").unwrap();
    let names: Vec<&str> = locator.options().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["auth_mechanism", "x", "auth_mechanism", "y"]);
    let all: Vec<_> = locator
        .options()
        .get_all("auth_mechanism")
        .map(|v| v.expose_value())
        .collect();
    assert_eq!(all, ["plain", "external"]);
    assert_eq!(
        locator
            .options()
            .get("auth_mechanism")
            .unwrap()
            .expose_value(),
        "external"
    );
    assert_eq!(
        locator.to_string(),
        "amqp://mq?auth_mechanism=plain&x&auth_mechanism=external&y=***"
    );
}

#[test]
fn the_case_of_names_matters_as_it_does_to_the_clients() {
    let mysql = Locator::parse("mysql://h?SSL-Mode=DISABLED").unwrap();
    assert!(mysql.options().get("ssl-mode").is_some());
    let postgres = Locator::parse("postgres://h?Connect_Timeout=1").unwrap();
    assert!(postgres.options().get("connect_timeout").is_none());
}

#[test]
fn a_plus_is_a_space_only_where_the_clients_say_so() {
    let value = |text: &str| {
        Locator::parse(text)
            .unwrap()
            .options()
            .get("x")
            .unwrap()
            .expose_value()
            .to_owned()
    };
    assert_eq!(value("redis://h?x=a+b"), "a b");
    assert_eq!(value("https://h?x=a+b%2B"), "a b+");
    assert_eq!(value("postgres://h?x=a+b"), "a+b");
    assert_eq!(value("mongodb://h/?x=a+b"), "a+b");
}

#[test]
fn only_known_harmless_options_are_shown() {
    for (text, shown) in [
        (
            "postgres://h?application_name=shop&sslpassword=pw&what=else",
            "application_name=shop&sslpassword=***&what=***",
        ),
        (
            "amqps://h?heartbeat=5&password=key",
            "heartbeat=5&password=***",
        ),
        (
            "mongodb://h/?replicaSet=rs&authMechanismProperties=A:b",
            "replicaSet=rs&authMechanismProperties=***",
        ),
        ("https://h/?token=abc&region=eu", "token=***&region=eu"),
        (
            "redis-sentinel://h?sentinelPassword=x&db=1",
            "sentinelPassword=***",
        ),
        (
            "kafka://h?security.protocol=SSL&sasl.jaas.config=x",
            "security.protocol=SSL&sasl.jaas.config=***",
        ),
    ] {
        let locator = Locator::parse(text).unwrap();
        assert!(locator.to_string().ends_with(shown), "{locator}");
    }
}
