//! What the example says of URLs of every kind.

use harness::run;
use serde_json::{Value, json};

use super::{ENCODED, PASSWORD, backing, command, object};

/// URLs, each with what must be said of it: parts not named there are checked for their type only.
/// `PW` is the encoded password; hosts and endpoints are `[host, type, port]` here.
const URLS: &str = r#"
postgres://app:PW@db:5433,db2/shop?sslmode=verify-full&application_name=web%20shop
    {"kind": "postgres", "scheme": "postgres", "hosts": [["db", "name", 5433], ["db2", "name", null]], "endpoints": [["db", "name", 5433], ["db2", "name", 5432]], "username": "app", "has_password": true, "resource": "shop", "tls": "on-verify-full", "options": {"sslmode": "verify-full", "application_name": "web shop"}, "warnings": [], "identity": "postgres://db:5433,db2:5432/shop", "display": "postgres://app:***@db:5433,db2/shop?sslmode=verify-full&application_name=web%20shop"}
postgresql://
    {"kind": "postgres", "scheme": "postgresql", "hosts": [[null, null, null]], "endpoints": [["localhost", "name", 5432]], "username": null, "has_password": false, "resource": null, "options": {}}
postgres:///
    {"hosts": [[null, null, null]], "username": null, "resource": ""}
postgres://:@db/
    {"username": "", "has_password": true, "resource": ""}
postgres://app@db
    {"username": "app", "has_password": false, "resource": null}
postgres://@:5433
    {"hosts": [[null, null, 5433]], "endpoints": [["localhost", "name", 5433]], "username": "", "has_password": false}
postgres://app:PW@%2Fvar%2Frun%2Fpg/shop
    {"hosts": [["/var/run/pg", "unix", null]], "endpoints": [["/var/run/pg/.s.PGSQL.5432", "unix", null]]}
postgres:///shop?host=/run/pg&port=5433
    {"hosts": [["/run/pg", "unix", 5433]], "resource": "shop", "options": {}}
postgres://%40pg/shop
    {"hosts": [["pg", "abstract", null]]}
postgres://[::1]:5433,[fe80::1%25eth0],10.0.0.1/shop
    {"hosts": [["::1", "ipv6", 5433], ["fe80::1%eth0", "ipv6", null], ["10.0.0.1", "ipv4", null]], "endpoints": [["::1", "ipv6", 5433], ["fe80::1%eth0", "ipv6", 5432], ["10.0.0.1", "ipv4", 5432]]}
postgres://app@db/shop?sslpassword=PW&unheard_of=PW
    {"has_password": false, "display": "postgres://app@db/shop?sslpassword=***&unheard_of=***"}
mysql://app:PW@db,db2:3307/shop?ssl-mode=DISABLED
    {"kind": "mysql", "endpoints": [["db", "name", 3306], ["db2", "name", 3307]], "username": "app", "resource": "shop", "tls": "off", "identity": "mysql://db:3306,db2:3307/shop"}
mariadb://app:PW@(/run/my.sock)/shop
    {"kind": "mysql", "scheme": "mariadb", "hosts": [["/run/my.sock", "unix", null]], "endpoints": [["/run/my.sock", "unix", null]], "resource": "shop"}
sqlite::memory:
    {"kind": "sqlite", "hosts": [], "endpoints": [], "resource": ":memory:", "tls": "off"}
sqlite:///data/my%20shop.db?mode=rwc
    {"hosts": [], "resource": "/data/my shop.db", "options": {"mode": "rwc"}}
redis://:PW@cache/3
    {"kind": "redis", "endpoints": [["cache", "name", 6379]], "username": "", "has_password": true, "resource": "3", "tls": "off"}
valkeys://app:PW@cache:6380/
    {"kind": "redis", "scheme": "valkeys", "hosts": [["cache", "name", 6380]], "resource": "", "tls": "on-verify-full"}
redis+unix://:PW@/run/redis.sock?db=2
    {"kind": "redis", "hosts": [["/run/redis.sock", "unix", null]], "resource": "2"}
redis-sentinel://a,b:26380/1
    {"kind": "redis", "endpoints": [["a", "name", 26379], ["b", "name", 26380]], "resource": "1"}
amqp://app:PW@mq
    {"kind": "amqp", "endpoints": [["mq", "name", 5672]], "resource": null, "warnings": []}
amqp://app:PW@mq/%2F
    {"resource": "/", "warnings": []}
amqps://app:PW@mq/orders%2Feu?auth_mechanism=plain&heartbeat=5&auth_mechanism=external
    {"kind": "amqp", "scheme": "amqps", "endpoints": [["mq", "name", 5671]], "resource": "orders/eu", "tls": "on-verify-full", "options": {"auth_mechanism": ["plain", "external"], "heartbeat": "5"}}
nats://app:PW@a,b:4223
    {"kind": "nats", "endpoints": [["a", "name", 4222], ["b", "name", 4223]], "username": "app", "resource": null}
nats://PW@a
    {"kind": "nats", "username": null, "has_password": true, "display": "nats://***@a"}
mqtts://app:PW@broker
    {"kind": "mqtt", "endpoints": [["broker", "name", 8883]], "tls": "on-verify-full"}
wss://broker/mqtt
    {"kind": "mqtt", "endpoints": [["broker", "name", 443]], "resource": "mqtt"}
kafka+ssl://app:PW@a:9096,b/shop.
    {"kind": "kafka", "endpoints": [["a", "name", 9096], ["b", "name", 9092]], "resource": "shop.", "tls": "on-verify-full"}
mongodb://app:PW@a,b:27018/shop?replicaSet=rs0
    {"kind": "mongodb", "endpoints": [["a", "name", 27017], ["b", "name", 27018]], "resource": "shop", "tls": "off", "options": {"replicaSet": "rs0"}}
mongodb+srv://app:PW@cluster.example/
    {"kind": "mongodb", "hosts": [["cluster.example", "name", null]], "resource": "", "tls": "on-verify-full"}
memcached://a,b:11212
    {"kind": "memcached", "endpoints": [["a", "name", 11211], ["b", "name", 11212]], "resource": null}
smtp://me%40shop.example:PW@mail/helo.example
    {"kind": "smtp", "endpoints": [["mail", "name", 25]], "username": "me@shop.example", "resource": "helo.example"}
submission://me:PW@mail
    {"kind": "smtp", "endpoints": [["mail", "name", 587]], "tls": "starttls"}
s3://My_Bucket/a/b%20c
    {"kind": "s3", "hosts": [], "endpoints": [], "username": null, "resource": "My_Bucket"}
s3://key:PW@minio:9000/bucket/prefix?use_ssl=false
    {"kind": "s3", "hosts": [["minio", "name", 9000]], "username": "key", "resource": "bucket", "tls": "off"}
https://app:PW@api.example/v1/orders
    {"kind": "http", "scheme": "https", "endpoints": [["api.example", "name", 443]], "resource": "v1/orders", "tls": "on-verify-full"}
elasticsearch://app:PW@a,b/logs
    {"kind": "elasticsearch", "endpoints": [["a", "name", 9200], ["b", "name", 9200]], "resource": "logs"}
clickhouse+http://app:PW@ch/events
    {"kind": "clickhouse", "endpoints": [["ch", "name", 8123]], "resource": "events"}
scylla://app:PW@a,b/ks
    {"kind": "cassandra", "scheme": "scylla", "endpoints": [["a", "name", 9042], ["b", "name", 9042]], "resource": "ks"}
ldap://directory/dc=shop
    {"kind": "ldap", "scheme": "ldap", "hosts": [["directory", "name", null]]}
"#;

const KEYS: [&str; 13] = [
    "debug",
    "display",
    "endpoints",
    "has_password",
    "hosts",
    "identity",
    "kind",
    "options",
    "resource",
    "scheme",
    "tls",
    "username",
    "warnings",
];

fn urls() -> Vec<(String, Value)> {
    let lines: Vec<&str> = URLS.lines().filter(|line| !line.is_empty()).collect();
    let case = |lines: &[&str]| {
        let parts = serde_json::from_str(lines[1]).expect("the table has JSON");
        (lines[0].replace("PW", ENCODED), parts)
    };
    lines.chunks(2).map(case).collect()
}

#[test]
fn a_url_of_every_kind_is_one_complete_json_object() {
    for (url, parts) in urls() {
        let object = object(&backing(&["parse", &url], &[]));
        assert_complete(&object, &url);
        for (key, expected) in parts.as_object().unwrap() {
            let found = match key.as_str() {
                "hosts" | "endpoints" => places(&object[key]),
                _ => object[key].clone(),
            };
            assert_eq!(&found, expected, "{url}: {key}");
        }
    }
}

#[test]
fn secrets_are_shown_on_request_and_the_whole_url_parses_to_the_same() {
    for (url, _) in urls() {
        let plain = object(&backing(&["parse", &url], &[]));
        let mut exposed = object(&run(&mut command(&["parse", "--expose", &url], &[])));
        let whole = exposed["url"].as_str().unwrap().to_owned();
        let again = object(&run(&mut command(&["parse", &whole, "--expose"], &[])));
        assert_eq!(exposed, again, "{url}");
        assert_eq!(object(&backing(&["parse", &whole], &[])), plain, "{url}");

        let expected = match plain["has_password"].as_bool().unwrap() {
            true if url.contains(ENCODED) => json!(PASSWORD),
            true => json!(""),
            false => Value::Null,
        };
        assert_eq!(exposed["password"], expected, "{url}");
        let exposed = exposed.as_object_mut().unwrap();
        exposed.retain(|key, _| KEYS.contains(&key.as_str()));
        exposed.insert("options".to_owned(), plain["options"].clone());
        assert_eq!(&Value::Object(exposed.clone()), &plain, "{url}");
    }
}

/// Hosts and endpoints as the table writes them.
fn places(list: &Value) -> Value {
    let triple = |place: &Value| json!([place["host"], place["type"], place["port"]]);
    list.as_array()
        .expect("a list")
        .iter()
        .map(triple)
        .collect()
}

fn assert_complete(object: &Value, url: &str) {
    let keys: Vec<&String> = object.as_object().expect("an object").keys().collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(sorted, KEYS, "{url}");
    for key in ["debug", "display", "identity", "kind", "scheme", "tls"] {
        assert!(object[key].is_string(), "{url}: {key}");
    }
    for key in ["resource", "username"] {
        assert!(
            object[key].is_string() || object[key].is_null(),
            "{url}: {key}"
        );
    }
    assert!(object["has_password"].is_boolean(), "{url}");
    let texts = |value: &Value| {
        value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string))
    };
    assert!(texts(&object["warnings"]), "{url}");
    for value in object["options"].as_object().expect("an object").values() {
        assert!(value.is_string() || texts(value), "{url}");
    }
    for (key, forms) in [
        ("hosts", "name ipv4 ipv6 unix abstract"),
        ("endpoints", "name ipv4 ipv6 unix abstract srv"),
    ] {
        for place in object[key].as_array().expect("a list") {
            assert_eq!(place.as_object().map(serde_json::Map::len), Some(3));
            let form = place["type"].as_str();
            assert_eq!(form.is_none(), place["host"].is_null(), "{url}");
            assert!(
                form.is_none_or(|form| forms.split(' ').any(|known| known == form)),
                "{url}"
            );
            assert!(place["host"].is_string() || key == "hosts", "{url}");
            let port = place["port"].as_u64();
            assert!(
                place["port"].is_null() || port.is_some_and(|port| (1..=65535).contains(&port))
            );
        }
    }
}
