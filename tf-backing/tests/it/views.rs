//! Typed views take their own kind and read it.

use secrecy::ExposeSecret;
use tf_backing::{
    Amqp, Http, Kafka, Locator, MongoDb, Mqtt, MySql, Nats, NatsAuth, ParseErrorKind, Postgres,
    Redis, RedisTopology, S3, Sqlite, Vhost,
};

#[test]
fn a_view_refuses_another_kind_and_says_what_it_takes() {
    let postgres = Locator::parse("postgres://u:hunter2@h/d").unwrap();
    let error = MySql::try_from(postgres).unwrap_err();
    assert_eq!(error.kind(), ParseErrorKind::WrongKind);
    assert!(
        error
            .to_string()
            .contains("expected a MySQL URL: mysql, mariadb")
    );
    assert!("amqp://h".parse::<Postgres>().is_err());
    assert!("h:6379".parse::<Redis>().is_err());
}

#[test]
fn a_view_and_its_locator_are_the_same_thing() {
    let view: MySql = "mysql://u:pw@h/d".parse().unwrap();
    assert_eq!(view.to_string(), "mysql://u:***@h/d");
    assert_eq!(format!("{view:?}"), "MySql(mysql://u:***@h/d)");
    assert_eq!(view.locator().kind().as_str(), "mysql");
    let locator: Locator = view.clone().into();
    assert_eq!(MySql::try_from(locator).unwrap(), view);
}

#[test]
fn databases_are_read_as_their_clients_do() {
    let sqlite = |text: &str| text.parse::<Sqlite>().unwrap();
    assert_eq!(sqlite("sqlite:///x.db").path(), Some("/x.db"));
    assert_eq!(sqlite("sqlite:///x.db").sqlalchemy_path(), Some("x.db"));
    assert_eq!(sqlite("sqlite:////x.db").sqlalchemy_path(), Some("/x.db"));
    assert!(sqlite("sqlite::memory:").is_memory());
    assert!(sqlite("sqlite:x?mode=memory").is_memory());
    assert_eq!(sqlite("sqlite::memory:").path(), None);
    let redis = |text: &str| text.parse::<Redis>().unwrap();
    assert_eq!(
        (
            redis("redis://h").database(),
            redis("redis://h/7").database()
        ),
        (0, 7)
    );
    assert_eq!(
        redis("redis-cluster://a,b").topology(),
        RedisTopology::Cluster
    );
    assert_eq!(
        redis("rediss-sentinel://a").topology(),
        RedisTopology::Sentinel
    );
    let mongo: MongoDb = "mongodb+srv://c.example/shop?replicaset=rs"
        .parse()
        .unwrap();
    assert!(mongo.is_srv());
    assert_eq!(
        (mongo.auth_source(), mongo.replica_set()),
        ("shop", Some("rs"))
    );
    assert_eq!(
        mongo.locator().endpoints()[0].to_string(),
        "_mongodb._tcp.c.example"
    );
    assert_eq!(
        "postgres://h/".parse::<Postgres>().unwrap().database(),
        None
    );
}

#[test]
fn brokers_are_read_as_their_clients_do() {
    let vhost = |text: &str| format!("{:?}", text.parse::<Amqp>().unwrap().vhost());
    assert_eq!(vhost("amqp://h"), format!("{:?}", Vhost::Default));
    assert_eq!(vhost("amqp://h/"), format!("{:?}", Vhost::Empty));
    assert_eq!(
        vhost("amqp://h/a%2Fb"),
        format!("{:?}", Vhost::Named("a/b"))
    );
    let nats: Nats = "tls://tok@a:1,tls://tok@b".parse().unwrap();
    assert!(matches!(nats.auth(), NatsAuth::Token(token) if token.expose_secret() == "tok"));
    assert_eq!(nats.servers(), ["tls://a:1", "tls://b:4222"]);
    let nats: Nats = "a:4222,b".parse().unwrap();
    assert!(matches!(nats.auth(), NatsAuth::None));
    let nats: Nats = "wss://u:p@a".parse().unwrap();
    assert!(matches!(
        nats.auth(),
        NatsAuth::Password { username: "u", .. }
    ));
    assert_eq!(nats.servers(), ["wss://a:443"]);
    let mqtt: Mqtt = "ws://h/mqtt?clientId=c1".parse().unwrap();
    assert_eq!((mqtt.client_id(), mqtt.is_websocket()), (Some("c1"), true));
    let kafka: Kafka = "kafka+ssl://u:p@a,b:1/shop.?sasl.mechanism=PLAIN"
        .parse()
        .unwrap();
    assert_eq!(kafka.bootstrap_servers(), "a:9092,b:1");
    assert_eq!(
        (kafka.security_protocol(), kafka.sasl_mechanism()),
        ("SASL_SSL", Some("PLAIN"))
    );
    assert_eq!(kafka.topic_prefix(), Some("shop."));
}

#[test]
fn stores_are_read_as_their_clients_do() {
    let s3: S3 = "s3://k:s@minio:9000/b/p/q?region=eu".parse().unwrap();
    assert_eq!(
        (s3.bucket(), s3.prefix(), s3.region()),
        (Some("b"), "p/q", Some("eu"))
    );
    assert_eq!("https://h/a/%2F".parse::<Http>().unwrap().path(), "a/%2F");
}

#[test]
fn endpoints_have_every_default() {
    let of = |text: &str| {
        let endpoints = Locator::parse(text).unwrap().endpoints();
        endpoints
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(of("postgres:///d"), "localhost:5432");
    assert_eq!(
        of("postgres://a,b?hostaddr=10.0.0.1,::1&port=1"),
        "10.0.0.1:1 [::1]:1"
    );
    assert_eq!(
        of("postgres://?hostaddr=10.0.0.1,10.0.0.2"),
        "10.0.0.1:5432 10.0.0.2:5432"
    );
    assert_eq!(of("smtp://h"), "h:25");
    assert_eq!(of("smtp://h?tls=required"), "h:587");
    assert_eq!(of("clickhouse://h?secure=1"), "h:9440");
    assert_eq!(of("s3://k:s@minio/b?use_ssl=false"), "minio:80");
    assert_eq!(of("redis+unix:///run/r.sock"), "/run/r.sock");
    assert_eq!(of("sqlite:x"), "");
    assert_eq!(of("s3://bucket"), "");
    assert_eq!(of("mysqlx+srv://shop.example"), "_mysqlx._tcp.shop.example");
}
