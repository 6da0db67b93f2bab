//! RabbitMQ through lapin.

use lapin::ConnectionProperties;
use lapin::uri::{AMQPScheme, AMQPUri, SASLMechanism};
use tf_backing::{AdapterErrorKind as Kind, Amqp};

use super::{LOGIN, PASSWORD, USER, refusal};

fn uri(url: &str) -> AMQPUri {
    super::convert::<Amqp, _>(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refused(url: &str) -> Kind {
    refusal::<Amqp, AMQPUri>(url).kind()
}

#[test]
fn every_part_has_its_place() {
    let options =
        "heartbeat=7&frame_max=8192&channel_max=9&connection_timeout=500&auth_mechanism=amqplain";
    let uri = uri(&format!("amqp://{LOGIN}@[::1]:5673/a%2Fb?{options}"));
    assert_eq!(uri.scheme, AMQPScheme::AMQP);
    assert_eq!((&*uri.authority.host, uri.authority.port), ("::1", 5673));
    assert_eq!(uri.authority.userinfo.username, USER);
    assert_eq!(uri.authority.userinfo.password, PASSWORD);
    assert_eq!(uri.vhost, "a/b");
    assert_eq!(uri.query.heartbeat, Some(7));
    assert_eq!(uri.query.frame_max, Some(8192));
    assert_eq!(uri.query.channel_max, Some(9));
    assert_eq!(uri.query.connection_timeout, Some(500));
    assert_eq!(uri.query.auth_mechanism, Some(SASLMechanism::AMQPlain));
}

#[test]
fn an_absent_and_an_empty_vhost_differ() {
    assert_eq!(uri("amqp://mq").vhost, "/");
    assert_eq!(uri("amqp://mq/").vhost, "");
    assert_eq!(uri("amqp://mq/%2F").vhost, "/");
}

#[test]
fn nobody_is_the_guest_and_a_user_is_given_no_password() {
    let login = |url| {
        let info = uri(url).authority.userinfo;
        (info.username, info.password)
    };
    assert_eq!(login("amqp://mq"), ("guest".to_owned(), "guest".to_owned()));
    assert_eq!(login("amqp://u@mq"), ("u".to_owned(), String::new()));
    assert_eq!(login("amqp://u:@mq"), ("u".to_owned(), String::new()));
}

#[test]
fn names_for_the_broker_are_in_the_properties() {
    let view: Amqp = "amqp://mq?connection_name=orders&locale=de_DE&product=shop"
        .parse()
        .unwrap();
    assert!(AMQPUri::try_from(&view).is_ok());
    let shown = format!("{:?}", ConnectionProperties::from(&view));
    assert!(shown.contains("de_DE"));
    for part in ["orders", "shop"] {
        // The driver shows the bytes of a text.
        assert!(shown.contains(&format!("{:?}", part.as_bytes())), "{shown}");
    }
}

#[test]
fn encryption_is_never_weaker_than_written() {
    assert_eq!(refused("amqps://mq?verify=verify_none"), Kind::Tls);
    // Another crate of the build may turn TLS on. Without it lapin would send plain text.
    let view: Amqp = "amqps://mq".parse().unwrap();
    match AMQPUri::try_from(&view) {
        Ok(uri) => assert_eq!((uri.scheme, uri.authority.port), (AMQPScheme::AMQPS, 5671)),
        Err(error) => assert_eq!(error.kind(), Kind::Tls),
    }
}

#[test]
fn what_has_no_place_is_told_without_its_value() {
    assert_eq!(refused("amqp://mq?password=hunter2"), Kind::Option);
    assert_eq!(refused("amqp://mq?cacertfile=hunter2"), Kind::Option);
    assert_eq!(refused("amqp://mq?heartbeat=hunter2"), Kind::OptionValue);
    assert_eq!(refused("amqp://mq?channel_max=65536"), Kind::OptionValue);
    assert_eq!(
        refused("amqp://mq?auth_mechanism=hunter2"),
        Kind::OptionValue
    );
    let two = "amqp://mq?auth_mechanism=plain&auth_mechanism=external";
    assert_eq!(refused(two), Kind::OptionValue);
}
