//! The protocols without any input or output: byte scripts in, verdicts out.

mod databases;

use proptest::prelude::*;
use tf_backing::{Kind, Locator, Looks, Outcome, Protocol, Reason, Step, Verdict};

const READY: Outcome = Outcome::Ready;
const REACHABLE: Outcome = Outcome::Reachable;

fn protocol(url: &str) -> Box<dyn Protocol> {
    let locator: Locator = url.parse().expect("the URL is right");
    <dyn Protocol>::of(&locator, &locator.endpoints()[0]).expect("a protocol and an answer")
}

fn sent(step: Step) -> Vec<u8> {
    match step {
        Step::Send(bytes) | Step::Reconnect(bytes) => bytes,
        other => panic!("{other:?} sends nothing"),
    }
}

/// Plays the answers one after the other; all but the last must lead to a send.
fn play(url: &str, answers: &[&[u8]]) -> Verdict {
    let mut protocol = protocol(url);
    protocol.opening();
    let (last, others) = answers.split_last().expect("a protocol and an answer");
    for answer in others {
        sent(protocol.judge(answer));
    }
    match protocol.judge(last) {
        Step::Done(verdict) => verdict,
        other => panic!("{url}: {other:?}"),
    }
}

fn outcome(url: &str, answers: &[&[u8]]) -> Outcome {
    play(url, answers).outcome()
}

fn not_ready(reason: Reason) -> Outcome {
    Outcome::NotReady(reason)
}

#[test]
fn redis_tells_a_password_from_none_and_wrong() {
    assert_eq!(
        sent(protocol("redis://r").opening()),
        b"*1\r\n$4\r\nPING\r\n"
    );
    let opening = sent(protocol("redis://:a%20b@r").opening());
    assert_eq!(opening, b"*2\r\n$4\r\nAUTH\r\n$3\r\na b\r\n");
    let opening = sent(protocol("redis://u:pw@r").opening());
    assert_eq!(opening, b"*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$2\r\npw\r\n");
    let sentinel = sent(protocol("redis-sentinel://:pw@r").opening());
    assert_eq!(sentinel, b"*1\r\n$4\r\nPING\r\n");

    let hello = b"*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\n";
    let verdict = play("redis://:pw@r", &[b"+OK\r\n", b"+PONG\r\n", hello]);
    assert_eq!(verdict, Verdict::ready().server(b"7.0.15"));
    let old: &[&[u8]] = &[b"+PONG\r\n", b"-ERR unknown command 'HELLO'\r\n"];
    assert_eq!(play("redis://r", old), Verdict::ready());

    let credentials = not_ready(Reason::Credentials);
    for (url, answer, expected) in [
        ("redis://r", "-NOAUTH Authentication required.", REACHABLE),
        ("redis://r", "-NOPERM no", REACHABLE),
        (
            "redis://r",
            "-LOADING Redis is loading",
            not_ready(Reason::Starting),
        ),
        ("redis://r", "-BUSY Redis is busy", not_ready(Reason::Busy)),
        (
            "redis://r",
            "-MASTERDOWN Link",
            not_ready(Reason::Unavailable),
        ),
        ("redis://r", "-DENIED Redis", not_ready(Reason::Denied)),
        (
            "redis://r",
            "-ERR max number of clients reached",
            not_ready(Reason::Full),
        ),
        ("redis://:pw@r", "-WRONGPASS invalid", credentials),
        ("redis://:pw@r", "-ERR invalid password", credentials),
        (
            "redis://:pw@r",
            "-ERR Client sent AUTH, but no password is set",
            credentials,
        ),
    ] {
        let answer = format!("{answer}\r\n");
        assert_eq!(outcome(url, &[answer.as_bytes()]), expected, "{answer}");
    }
}

#[test]
fn brokers_are_asked_by_their_opening_words() {
    let properties = b"\x07versionS\0\0\0\x063.10.8\x07productS\0\0\0\x08RabbitMQ";
    let mut start = vec![
        0,
        10,
        0,
        10,
        0,
        9,
        0,
        0,
        0,
        u8::try_from(properties.len()).unwrap(),
    ];
    start.extend(properties);
    start.extend(b"\0\0\0\x05PLAIN\0\0\0\x05en_US");
    let length = u8::try_from(start.len()).unwrap();
    let frame = [&[1, 0, 0, 0, 0, 0, length][..], &start, &[0xCE]].concat();
    let verdict = play("amqp://q", &[&frame]);
    assert_eq!(verdict, Verdict::ready().server(b"RabbitMQ 3.10.8"));
    let newer = outcome("amqp://q", &[b"AMQP\0\x01\0\0"]);
    assert_eq!(newer, Outcome::WrongProtocol(Looks::Amqp));

    let connect = sent(protocol("mqtt://m").opening());
    assert_eq!(connect, b"\x10\x0C\0\x04MQTT\x04\x02\0\x3C\0\0");
    let connect = sent(protocol("mqtt://u:pw@m").opening());
    assert_eq!(
        connect,
        b"\x10\x13\0\x04MQTT\x04\xC2\0\x3C\0\0\0\x01u\0\x02pw"
    );
    assert_eq!(outcome("mqtt://m", &[b"\x20\x02\0\0"]), READY);
    assert_eq!(outcome("mqtt://m", &[b"\x20\x02\0\x05"]), REACHABLE);
    assert_eq!(
        outcome("mqtt://u:pw@m", &[b"\x20\x02\0\x05"]),
        not_ready(Reason::Credentials)
    );
    assert_eq!(
        outcome("mqtt://m", &[b"\x20\x02\0\x03"]),
        not_ready(Reason::Unavailable)
    );

    let versions = b"\0\0\0\x16tfpb\0\0\0\0\0\x02\0\0\0\0\0\x08\0\x01\0\0\0\x0B";
    assert_eq!(outcome("kafka://k", &[versions]), READY);
    assert_eq!(
        outcome("kafka://k", &[b"\0\0\0\x0Atfpb\0\x23\0\0\0\0"]),
        REACHABLE
    );
}

#[test]
fn nats_logs_in_only_where_that_proves_something() {
    let open = b"INFO {\"server_id\":\"x\",\"version\":\"2.9.10\",\"go\":\"go1\"} \r\n";
    let verdict = play("nats://u:pw@n", &[open]);
    assert_eq!(verdict, Verdict::ready().server(b"2.9.10"));
    let closed = b"INFO {\"version\":\"2.9.10\",\"auth_required\":true}\r\n";
    assert_eq!(outcome("nats://n", &[closed]), REACHABLE);
    let mut login = protocol("nats://u:p%22w@n");
    assert_eq!(
        sent(login.judge(closed)),
        b"CONNECT {\"verbose\":false,\"lang\":\"rust\",\"user\":\"u\",\"pass\":\"p\\\"w\"}\r\nPING\r\n"
    );
    let wrong: &[&[u8]] = &[closed, b"-ERR 'Authorization Violation'\r\n"];
    assert_eq!(
        outcome("nats://token@n", wrong),
        not_ready(Reason::Credentials)
    );
    assert_eq!(outcome("nats://token@n", &[closed, b"PONG\r\n"]), READY);

    let encrypted = b"INFO {\"version\":\"2.9.10\",\"tls_required\":true}\r\n";
    assert_eq!(outcome("nats://n", &[encrypted]), Outcome::TlsRequired);
    assert_eq!(outcome("tls://n", &[encrypted]), REACHABLE);
    assert_eq!(outcome("tls://n", &[open]), not_ready(Reason::NoTls));
    let mut first = protocol("tls://n");
    assert_eq!(sent(first.silence())[..2], [0x16, 3]);
    assert_eq!(
        first.judge(b"\x16\x03\x03").clone(),
        Step::Done(Verdict::reachable().detail("TLS answered"))
    );
}

#[test]
fn stores_answer_without_a_login() {
    assert_eq!(
        play("memcached://m", &[b"VERSION 1.6.18\r\n"]),
        Verdict::ready().server(b"1.6.18")
    );
    assert_eq!(
        outcome("memcached://m", &[b"CLIENT_ERROR unauthenticated\r\n"]),
        REACHABLE
    );
    assert_eq!(
        outcome("cassandra://c", &[b"\x84\0\0\0\x06\0\0\0\x02\0\0"]),
        READY
    );
    assert_eq!(
        outcome("cassandra://c", &[b"\x83\0\0\0\0\0\0\0\x0A"]),
        REACHABLE
    );

    let reply = |fields: &[u8]| {
        let length = u8::try_from(21 + 4 + fields.len() + 1).unwrap();
        let head = [
            &[length, 0, 0, 0][..],
            &[7; 4],
            b"tfpb",
            b"\xDD\x07\0\0",
            &[0; 5],
        ]
        .concat();
        [&head[..], &[length - 21, 0, 0, 0], fields, &[0]].concat()
    };
    assert_eq!(sent(protocol("mongodb://m").opening()).len(), 52);
    let ok = b"\x01ok\0\0\0\0\0\0\0\xF0\x3F";
    let primary = [&b"\x08isWritablePrimary\0\x01"[..], ok].concat();
    assert_eq!(outcome("mongodb://m", &[&reply(&primary)]), READY);
    let electing = [&b"\x08isWritablePrimary\0\0\x08secondary\0\0"[..], ok].concat();
    assert_eq!(
        outcome("mongodb://m", &[&reply(&electing)]),
        not_ready(Reason::Starting)
    );
}

#[test]
fn http_goes_by_the_status() {
    let answer = |status: &str| format!("HTTP/1.1 {status}\r\nServer: nginx/1.22\r\n\r\n");
    for (status, expected) in [
        ("200 OK", READY),
        ("302 Found", READY),
        ("401 Unauthorized", REACHABLE),
        ("404 Not Found", REACHABLE),
        ("503 Service Unavailable", not_ready(Reason::Unavailable)),
    ] {
        let verdict = play("http://w/path", &[answer(status).as_bytes()]);
        assert_eq!(verdict.outcome(), expected, "{status}");
        assert!(format!("{verdict:?}").contains("nginx/1.22"));
    }
    let body = "HTTP/1.1 200 OK\r\n\r\n{\"version\" : {\n \"number\" : \"8.15.0\",";
    let verdict = play("elasticsearch://e", &[body.as_bytes()]);
    assert_eq!(verdict, Verdict::ready().server(b"8.15.0"));
    let ping = String::from_utf8(sent(protocol("clickhouse+http://c").opening())).unwrap();
    assert!(
        ping.starts_with("GET /ping HTTP/1.1\r\nHost: c:8123\r\n"),
        "{ping}"
    );
    let plain =
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    assert_eq!(
        protocol("http://w").ended(plain).unwrap().outcome(),
        Outcome::TlsRequired
    );
    let upgrade = protocol("ws://m/mqtt").opening();
    let upgrade = String::from_utf8(sent(upgrade)).unwrap();
    assert!(upgrade.contains("GET /mqtt ") && upgrade.contains("Upgrade: websocket"));
    let switched = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
    assert_eq!(outcome("ws://m/mqtt", &[switched]), REACHABLE);
}

#[test]
fn mail_relays_greet_first() {
    assert_eq!(protocol("smtp://m").opening(), Step::Read);
    assert_eq!(outcome("smtp://m", &[b"220-mail\r\n220 ready\r\n"]), READY);
    assert_eq!(
        outcome("smtp://m", &[b"421 busy\r\n"]),
        not_ready(Reason::Unavailable)
    );
    let tls = "submission://m";
    let offers: &[&[u8]] = &[b"220 mail\r\n", b"250-mail\r\n250-STARTTLS\r\n250 HELP\r\n"];
    assert_eq!(outcome(tls, offers), READY);
    let plain: &[&[u8]] = &[b"220 mail\r\n", b"250-mail\r\n250 HELP\r\n"];
    assert_eq!(outcome(tls, plain), not_ready(Reason::NoTls));
}

#[test]
fn tls_endpoints_get_a_hello_with_their_name() {
    for url in [
        "rediss://cache.example",
        "amqps://cache.example",
        "https://cache.example",
    ] {
        let hello = sent(protocol(url).opening());
        assert_eq!(hello[..3], [0x16, 3, 1]);
        let length = usize::from(hello[3]) << 8 | usize::from(hello[4]);
        assert_eq!(hello.len(), 5 + length);
        assert!(hello.windows(13).any(|window| window == b"cache.example"));
        assert_eq!(outcome(url, &[b"\x15\x03\x01\0\x02\x02\x28"]), REACHABLE);
        assert_eq!(outcome(url, &[b"\x16\x03\x03\0\x7A"]), REACHABLE);
    }
}

#[test]
fn a_step_never_shows_what_it_sends() {
    let opening = protocol("redis://:hunter2@r").opening();
    assert!(!format!("{opening:?}").contains("hunter2"));
    let verdict = Verdict::ready().server(&[b'v', 27, b'[', 0xFF, b'1']);
    assert!(format!("{verdict:?}").contains("\"v?[?1\""));
}

const URLS: [&str; 17] = [
    "postgres://u@h",
    "postgres://h?sslmode=require",
    "mysql://u@h",
    "redis://:pw@h",
    "redis://h",
    "amqp://h",
    "nats://u:pw@h",
    "tls://h",
    "mqtt://h",
    "kafka://h",
    "mongodb://h",
    "memcached://h",
    "smtp://h",
    "submission://h",
    "elasticsearch://h",
    "cassandra://h",
    "rediss://h",
];

proptest! {
    #[test]
    fn any_answer_in_any_pieces_gets_a_step(
        url in proptest::sample::select(&URLS[..]),
        answers in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 1..64),
                "(INFO \\{|\\+PONG\r\n|-ERR |220 |HTTP/1\\.1 |VERSION |\\*1\r\n\\$7\r\nversion\r\n\\$)[ -~\r\n]{0,40}".prop_map(String::into_bytes),
                Just(b"S".to_vec()),
                (0_u8..20, any::<u8>(), any::<Vec<u8>>()).prop_map(|(length, kind, body)| {
                    [&[length, 0, 0, 0, kind][..], &body].concat()
                }),
                (0_u8..20, any::<u8>(), any::<Vec<u8>>()).prop_map(|(length, kind, body)| {
                    [&[kind, 0, 0, 0, length][..], &body].concat()
                }),
            ],
            1..6,
        ),
    ) {
        let mut protocol = protocol(url);
        protocol.opening();
        for answer in &answers {
            // Every beginning of an answer is judged too, as it may arrive byte by byte.
            for end in 0..=answer.len() {
                if let Step::Done(_) = protocol.judge(&answer[..end]) {
                    break;
                }
            }
            protocol.ended(answer);
            protocol.silence();
        }
        protocol.farewell();
    }
}

#[test]
fn every_kind_but_sqlite_has_a_protocol() {
    for kind in crate::round_trip::KINDS {
        let locator = Locator::parse(&format!("{kind}://h:7"));
        let Ok(locator) = locator else { continue };
        let of = |endpoint| <dyn Protocol>::of(&locator, endpoint).is_some();
        assert!(
            kind == Kind::Sqlite || locator.endpoints().iter().all(of),
            "{kind}"
        );
    }
}
