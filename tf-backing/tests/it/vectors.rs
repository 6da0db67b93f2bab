//! What a text means, by kind. Facts from the kinds' own documents; the texts are ours.

use secrecy::ExposeSecret;
use tf_backing::{Host, Locator};

/// Every part in one line: user, password, hosts, resource, encryption.
pub(crate) fn summary(locator: &Locator) -> String {
    let hosts: Vec<String> = locator
        .hosts()
        .map(|node| {
            let kind = match node.host {
                Host::Default => "default".to_owned(),
                Host::Name(name) => format!("name {name}"),
                Host::Ipv4(address) => format!("ipv4 {address}"),
                Host::Ipv6 { .. } => format!("ipv6 {}", node.host),
                Host::Unix(path) => format!("unix {}", path.display()),
                Host::Abstract(name) => format!("abstract {name}"),
                other => format!("{other:?}"),
            };
            node.port
                .map_or(kind.clone(), |port| format!("{kind} {port}"))
        })
        .collect();
    let text = |part: Option<&str>| part.map_or("-".to_owned(), |text| format!("{text:?}"));
    format!(
        "{} {} [{}] {} {}",
        text(locator.username()),
        text(locator.password().map(ExposeSecret::expose_secret)),
        hosts.join(", "),
        text(locator.resource()),
        locator.tls(),
    )
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = match Locator::parse(text) {
                Ok(locator) => summary(&locator),
                Err(error) => format!("error: {error}"),
            };
            (found != *expected)
                .then(|| format!("{text}\n  expected {expected}\n  found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn postgres() {
    check(&[
        ("postgres://", "- - [default] - opportunistic"),
        ("postgresql:///", r#"- - [default] "" opportunistic"#),
        ("postgres:///db", r#"- - [default] "db" opportunistic"#),
        (
            "postgres://app:pw@db:5433/shop",
            r#""app" "pw" [name db 5433] "shop" opportunistic"#,
        ),
        ("postgres://app@", r#""app" - [default] - opportunistic"#),
        (
            "postgres://app:@db",
            r#""app" "" [name db] - opportunistic"#,
        ),
        ("postgres://@db", r#""" - [name db] - opportunistic"#),
        ("postgres://:@/", r#""" "" [default] "" opportunistic"#),
        (
            "postgres://app@/db",
            r#""app" - [default] "db" opportunistic"#,
        ),
        ("postgres://db:/x", r#"- - [name db] "x" opportunistic"#),
        (
            "postgres://:5433/x",
            r#"- - [default 5433] "x" opportunistic"#,
        ),
        (
            "postgres://u%40x:p%2f%23@%64b/a%2Fb/c",
            r#""u@x" "p/#" [name db] "a/b/c" opportunistic"#,
        ),
        (
            "postgres://a:1,b:2,c/db",
            r#"- - [name a 1, name b 2, name c] "db" opportunistic"#,
        ),
        (
            "postgres://a,,b",
            "- - [name a, default, name b] - opportunistic",
        ),
        (
            "postgres://[::1]:5433,[fe80::1%25eth0]/db",
            r#"- - [ipv6 ::1 5433, ipv6 fe80::1%eth0] "db" opportunistic"#,
        ),
        (
            "postgres://[fe80::1%eth0]",
            "- - [ipv6 fe80::1%eth0] - opportunistic",
        ),
        ("postgres://10.0.0.1", "- - [ipv4 10.0.0.1] - opportunistic"),
        (
            "postgres://%2Fvar%2Frun/db",
            r#"- - [unix /var/run] "db" opportunistic"#,
        ),
        (
            "postgres://%40pg/db",
            r#"- - [abstract pg] "db" opportunistic"#,
        ),
        (
            "postgres:///db?host=/run/pg&port=5433",
            r#"- - [unix /run/pg 5433] "db" opportunistic"#,
        ),
        (
            "postgres://u@:5433?host=/run/pg",
            r#""u" - [unix /run/pg 5433] - opportunistic"#,
        ),
        (
            "postgres://x/y?user=u&password=p%26&dbname=z&host=a,b&port=1,2",
            r#""u" "p&" [name a 1, name b 2] "z" opportunistic"#,
        ),
        (
            "postgres://h?u%73er=app",
            r#""app" - [name h] - opportunistic"#,
        ),
        (
            "postgres://?host=::1,fe80::1%25eth0",
            "- - [ipv6 ::1, ipv6 fe80::1%eth0] - opportunistic",
        ),
        ("postgres://h?sslmode=disable", "- - [name h] - off"),
        (
            "postgres://h?sslmode=require",
            "- - [name h] - on-verify-none",
        ),
        (
            "postgres://h?sslmode=require&sslrootcert=/ca.pem",
            "- - [name h] - on-verify-ca",
        ),
        (
            "postgres://h?sslmode=verify-full",
            "- - [name h] - on-verify-full",
        ),
        ("postgres://h?ssl=true", "- - [name h] - on-verify-none"),
        (
            "postgres://h?ssl=true&sslmode=verify-ca",
            "- - [name h] - on-verify-ca",
        ),
        (
            "postgres://h?sslrootcert=system",
            "- - [name h] - on-verify-full",
        ),
        (
            "postgres://h/d?application_name=a@b",
            r#"- - [name h] "d" opportunistic"#,
        ),
        (
            "postgres://h/d?options=-cx=on&&",
            r#"- - [name h] "d" opportunistic"#,
        ),
        (
            "PostgreSQL+asyncpg://h/d",
            r#"- - [name h] "d" opportunistic"#,
        ),
        ("cockroachdb://h/d\n", r#"- - [name h] "d" opportunistic"#),
        (
            "postgres://bücher/d%C3%BC",
            r#"- - [name bücher] "dü" opportunistic"#,
        ),
        ("postgres://h/a+b", r#"- - [name h] "a+b" opportunistic"#),
        (
            "postgres://u:a:b@h",
            r#""u" "a:b" [name h] - opportunistic"#,
        ),
        ("postgres://127.1", "- - [name 127.1] - opportunistic"),
    ]);
}

#[test]
fn mysql() {
    check(&[
        (
            "mysql://app:pw@db/shop",
            r#""app" "pw" [name db] "shop" opportunistic"#,
        ),
        ("mariadb://db:3307", "- - [name db 3307] - opportunistic"),
        (
            "mysql://u@%2Frun%2Fmy.sock/shop",
            r#""u" - [unix /run/my.sock] "shop" opportunistic"#,
        ),
        (
            "mysql://u@(/run/my.sock)/shop",
            r#""u" - [unix /run/my.sock] "shop" opportunistic"#,
        ),
        (
            "mysql://u@localhost/shop?socket=/run/my.sock",
            r#""u" - [unix /run/my.sock] "shop" opportunistic"#,
        ),
        (
            "mysql://u@[a,b:3307]/shop",
            r#""u" - [name a, name b 3307] "shop" opportunistic"#,
        ),
        (
            "mysql://[a,[::1]:3307]",
            "- - [name a, ipv6 ::1 3307] - opportunistic",
        ),
        (
            "mysql://[(address=a:1,priority=10),(address=b,priority=90)]",
            "- - [name b, name a 1] - opportunistic",
        ),
        (
            "mysql://[::1]:3307/x",
            r#"- - [ipv6 ::1 3307] "x" opportunistic"#,
        ),
        (
            "mysql://u:p(a,(b)c@h/x",
            r#""u" "p(a,(b)c" [name h] "x" opportunistic"#,
        ),
        (
            "mysql://h?SSL-Mode=required",
            "- - [name h] - on-verify-none",
        ),
        (
            "mysql://h?sslMode=VERIFY_IDENTITY",
            "- - [name h] - on-verify-full",
        ),
        (
            "mysql://h?require_ssl=true",
            "- - [name h] - on-verify-full",
        ),
        (
            "mysql://h?require_ssl=true&verify_identity=false",
            "- - [name h] - on-verify-ca",
        ),
        (
            "mysql://h?require_ssl=true&verify_ca=false",
            "- - [name h] - on-verify-none",
        ),
        ("mysql://h?ssl-mode=DISABLED", "- - [name h] - off"),
        (
            "mysqlx+srv://shop.example/x",
            r#"- - [name shop.example] "x" opportunistic"#,
        ),
    ]);
}

#[test]
fn sqlite() {
    check(&[
        ("sqlite::memory:", r#"- - [] ":memory:" off"#),
        ("sqlite://:memory:", r#"- - [] ":memory:" off"#),
        ("sqlite:shop.db?mode=rwc", r#"- - [] "shop.db" off"#),
        ("sqlite://data/shop.db", r#"- - [] "data/shop.db" off"#),
        (
            "sqlite:///data/my%20shop.db",
            r#"- - [] "/data/my shop.db" off"#,
        ),
        ("sqlite:////data/shop.db", r#"- - [] "//data/shop.db" off"#),
        ("sqlite:", "- - [] - off"),
        ("sqlite3://?mode=memory", "- - [] - off"),
    ]);
}

#[test]
fn redis() {
    check(&[
        ("redis://", "- - [default] - off"),
        ("redis:///3", r#"- - [default] "3" off"#),
        ("rediss://h:6380/", r#"- - [name h 6380] "" on-verify-full"#),
        ("redis://:pw@h/0", r#""" "pw" [name h] "0" off"#),
        (
            "valkeys://u:pw@h#insecure",
            r#""u" "pw" [name h] - on-verify-none"#,
        ),
        ("redis://h/1?db=2", r#"- - [name h] "2" off"#),
        ("redis://h?password=a%2Bb+c", r#""" "a+b c" [name h] - off"#),
        (
            "rediss://h?ssl_cert_reqs=none",
            "- - [name h] - on-verify-none",
        ),
        (
            "redis+unix:///run/redis.sock?db=2",
            r#"- - [unix /run/redis.sock] "2" off"#,
        ),
        (
            "unix://u:pw@/run/redis.sock",
            r#""u" "pw" [unix /run/redis.sock] - off"#,
        ),
        (
            "redis://%2Frun%2Fr.sock/1",
            r#"- - [unix /run/r.sock] "1" off"#,
        ),
        (
            "redis-sentinel://a,b:26380/1",
            r#"- - [name a, name b 26380] "1" off"#,
        ),
        (
            "rediss-cluster://a,b",
            "- - [name a, name b] - on-verify-full",
        ),
    ]);
}

#[test]
fn brokers() {
    check(&[
        ("amqp://", "- - [default] - off"),
        (
            "amqp://u%61:%61p@ho%61st:10000/v%2fhost",
            r#""ua" "ap" [name hoast 10000] "v/host" off"#,
        ),
        ("amqp://:@/", r#""" "" [default] "" off"#),
        ("amqp://u@", r#""u" - [default] - off"#),
        ("amqp:///v", r#"- - [default] "v" off"#),
        ("amqp://h/%2F", r#"- - [name h] "/" off"#),
        (
            "amqps://h?verify=verify_none",
            "- - [name h] - on-verify-none",
        ),
        (
            "amqps://h?password=key&heartbeat=5",
            "- - [name h] - on-verify-full",
        ),
        ("nats://a:4222,b", "- - [name a 4222, name b] - off"),
        (
            "nats://u:p@a, nats://u:p@b:1/",
            r#""u" "p" [name a, name b 1] - off"#,
        ),
        ("nats://u:p@a,b", r#""u" "p" [name a, name b] - off"#),
        ("nats://tok%2Fen@a", r#"- "tok/en" [name a] - off"#),
        ("tls://a/ignored", "- - [name a] - on-verify-full"),
        ("mqtt://:pw@h", r#""" "pw" [name h] - off"#),
        ("mqtts://h?client_id=x", "- - [name h] - on-verify-full"),
        ("wss://h/mqtt", r#"- - [name h] "mqtt" on-verify-full"#),
        (
            "kafka://a,b:9093/shop.",
            r#"- - [name a, name b 9093] "shop." off"#,
        ),
        (
            "kafka+ssl://a:9096,kafka+ssl://b:9096",
            "- - [name a 9096, name b 9096] - on-verify-full",
        ),
        (
            "kafka://u:p@a?security.protocol=SASL_SSL",
            r#""u" "p" [name a] - on-verify-full"#,
        ),
    ]);
}

#[test]
fn the_other_kinds() {
    check(&[
        (
            "mongodb://u:p@a,b:27018/shop?replicaSet=rs",
            r#""u" "p" [name a, name b 27018] "shop" off"#,
        ),
        (
            "mongodb://%2Ftmp%2Fm.sock,rel%2Fm.sock",
            "- - [unix /tmp/m.sock, unix rel/m.sock] - off",
        ),
        ("mongodb://a?tls=true", "- - [name a] - on-verify-full"),
        (
            "mongodb+srv://c.example/?ssl=false",
            r#"- - [name c.example] "" off"#,
        ),
        (
            "mongodb+srv://c.example/?tlsInsecure=true",
            r#"- - [name c.example] "" on-verify-none"#,
        ),
        (
            "mongodb://!$&'()*+,;=:!$&'()*+,;=@a",
            r#""!$&'()*+,;=" "!$&'()*+,;=" [name a] - off"#,
        ),
        ("memcached://a,b:1", "- - [name a, name b 1] - off"),
        ("memcached:///run/m.sock", "- - [unix /run/m.sock] - off"),
        (
            "smtp://me%40x.example:pw@h/helo",
            r#""me@x.example" "pw" [name h] "helo" off"#,
        ),
        ("smtp://h?tls=required", "- - [name h] - starttls"),
        ("submission://h", "- - [name h] - starttls"),
        (
            "smtps://h?tls=opportunistic",
            "- - [name h] - on-verify-full",
        ),
        (
            "s3://My_Bucket/a/b%20c",
            r#"- - [] "My_Bucket" on-verify-full"#,
        ),
        (
            "s3://k:s@minio/b/p?use_ssl=false",
            r#""k" "s" [name minio] "b" off"#,
        ),
        (
            "s3://minio:9000/b",
            r#"- - [name minio 9000] "b" on-verify-full"#,
        ),
        (
            "https://u:p@h/a%2Fb/%20?q=a+b",
            r#""u" "p" [name h] "a%2Fb/ " on-verify-full"#,
        ),
        (
            "elasticsearch://a,b/logs",
            r#"- - [name a, name b] "logs" off"#,
        ),
        (
            "clickhouse://h/d?secure=true",
            r#"- - [name h] "d" on-verify-full"#,
        ),
        ("scylla://a,b/ks", r#"- - [name a, name b] "ks" off"#),
    ]);
}
