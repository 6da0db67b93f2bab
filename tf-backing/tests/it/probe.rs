//! Probes against byte-level fakes: endpoints that lie, stall, flood and hang up.
//!
//! The clock is paused: it jumps whenever every task waits, so no test waits for real.

mod places;

use std::future::Future;
use std::time::Duration;

use tf_backing::{
    EndpointReport, Locator, Looks, Outcome, ProbeOptions, Protocol, Reason, Report, Step, Verdict,
    probe,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

/// Serves every connection by `script` on a port of its own, until the test ends.
pub(crate) async fn fake<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is a free port");
    let port = listener.local_addr().expect("it listens").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(script(stream));
        }
    });
    port
}

/// Reads what has been sent so far; nothing where the other side says nothing for a minute.
async fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = vec![0; 512];
    let length = stream.read(&mut heard).await.unwrap_or(0);
    heard.truncate(length);
    heard
}

/// Answers the first words, whatever they are, and keeps the connection open.
async fn answers(bytes: &'static [u8]) -> u16 {
    fake(move |mut stream| async move {
        hear(&mut stream).await;
        let _ = stream.write_all(bytes).await;
        hear(&mut stream).await;
    })
    .await
}

/// Speaks first and keeps the connection open.
pub(crate) async fn greets(bytes: &'static [u8]) -> u16 {
    fake(move |mut stream| async move {
        let _ = stream.write_all(bytes).await;
        while !hear(&mut stream).await.is_empty() {}
    })
    .await
}

async fn ask(scheme: &str, port: u16) -> Report {
    let locator: Locator = format!("{scheme}://127.0.0.1:{port}")
        .parse()
        .expect("the URL is right");
    probe(&locator, &ProbeOptions::new()).await
}

async fn outcome(scheme: &str, port: u16) -> Outcome {
    ask(scheme, port).await.best()
}

const SCHEMES: [&str; 14] = [
    "postgres",
    "mysql",
    "redis",
    "amqp",
    "nats",
    "mqtt",
    "kafka",
    "mongodb",
    "memcached",
    "smtp",
    "http",
    "elasticsearch",
    "clickhouse+http",
    "cassandra",
];

#[tokio::test(start_paused = true)]
async fn whoever_greets_is_named_under_every_other_scheme() {
    let greetings: [(&'static [u8], Looks, &str); 4] = [
        (b"SSH-2.0-OpenSSH_9.2\r\n", Looks::Ssh, ""),
        (b"220 mail ESMTP\r\n", Looks::Smtp, "smtp"),
        (b"INFO {\"version\":\"2\"}\r\n", Looks::Nats, "nats"),
        (
            b"\x4A\0\0\0\x0A8.0.36\0aaaaaaaaaaaaaaaaaaaaaaaa",
            Looks::MySql,
            "mysql",
        ),
    ];
    for (greeting, looks, own) in greetings {
        let port = greets(greeting).await;
        for scheme in SCHEMES.iter().filter(|scheme| **scheme != own) {
            let found = outcome(scheme, port).await;
            assert_eq!(found, Outcome::WrongProtocol(looks), "{scheme}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_is_named_under_every_other_scheme() {
    let replies: [(&'static [u8], Looks, &[&str]); 4] = [
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            Looks::Http,
            &["http", "elasticsearch", "clickhouse+http"],
        ),
        (b"-ERR unknown command\r\n", Looks::Redis, &["redis"]),
        (b"AMQP\0\0\x09\x01", Looks::Amqp, &[]),
        (b"ERROR\r\n", Looks::Memcached, &["memcached"]),
    ];
    for (reply, looks, own) in replies {
        let port = answers(reply).await;
        for scheme in SCHEMES.iter().filter(|scheme| !own.contains(scheme)) {
            let found = outcome(scheme, port).await;
            assert_eq!(found, Outcome::WrongProtocol(looks), "{scheme}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_port_asks_for_the_scheme_with_tls() {
    let port = answers(b"\x15\x03\x01\0\x02\x02\x46").await;
    for (scheme, detail) in [
        ("redis", "use rediss://"),
        ("amqp", "use amqps://"),
        ("mqtt", "use mqtts://"),
        ("http", "use https://"),
        ("nats", "use tls://"),
        ("kafka", "use kafka+ssl://"),
        ("smtp", "use smtps://"),
        ("mongodb", "add tls=true"),
        ("postgres", "add sslmode=require and sslnegotiation=direct"),
    ] {
        let report = ask(scheme, port).await;
        let endpoint = &report.endpoints()[0];
        assert_eq!(endpoint.outcome(), Outcome::TlsRequired, "{scheme}");
        assert_eq!(endpoint.detail(), Some(detail), "{scheme}");
    }
    assert_eq!(
        outcome("mysql", port).await,
        Outcome::WrongProtocol(Looks::Tls)
    );
    for scheme in ["rediss", "amqps", "mqtts", "https", "kafka+ssl", "smtps"] {
        let report = ask(scheme, port).await;
        assert_eq!(report.best(), Outcome::Reachable, "{scheme}");
        assert_eq!(report.endpoints()[0].detail(), Some("TLS answered"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_port_that_hangs_up_on_plain_text_is_found_out() {
    let port = fake(|mut stream| async move {
        if hear(&mut stream).await.starts_with(&[0x16, 3]) {
            let _ = stream.write_all(b"\x16\x03\x03\0\x7A\x02").await;
        }
    })
    .await;
    for scheme in ["redis", "kafka", "amqp", "postgres"] {
        assert_eq!(
            outcome(scheme, port).await,
            Outcome::TlsRequired,
            "{scheme}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_port_under_a_scheme_with_tls_is_named() {
    let port = answers(b"-ERR unknown command\r\n").await;
    let report = ask("rediss", port).await;
    assert_eq!(report.best(), Outcome::WrongProtocol(Looks::Redis));
    let detail = report.endpoints()[0].detail();
    assert_eq!(detail, Some("the port speaks plain text, not TLS"));
}

#[tokio::test(start_paused = true)]
async fn silent_servers_are_asked_in_other_words() {
    let port = fake(|mut stream| async move {
        // PostgreSQL: one letter for an SSLRequest, nothing for anything else.
        if hear(&mut stream).await == [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F] {
            let _ = stream.write_all(b"N").await;
        }
        hear(&mut stream).await;
    })
    .await;
    for scheme in ["mysql", "nats", "redis", "smtp"] {
        let started = Instant::now();
        assert_eq!(
            outcome(scheme, port).await,
            Outcome::WrongProtocol(Looks::Postgres),
            "{scheme}"
        );
        assert!(started.elapsed() <= Duration::from_secs(5));
    }
    let options = ProbeOptions::new().identify(false);
    let locator: Locator = format!("nats://127.0.0.1:{port}").parse().unwrap();
    assert_eq!(probe(&locator, &options).await.best(), Outcome::Timeout);
}

#[tokio::test(start_paused = true)]
async fn who_talks_nonsense_is_asked_in_other_words() {
    let port = fake(|mut stream| async move {
        let known = hear(&mut stream).await.starts_with(b"GET ");
        let answer: &[u8] = if known {
            b"HTTP/1.0 200 OK\r\n"
        } else {
            b"what?"
        };
        let _ = stream.write_all(answer).await;
    })
    .await;
    for scheme in ["redis", "amqp", "rediss"] {
        let found = outcome(scheme, port).await;
        assert_eq!(found, Outcome::WrongProtocol(Looks::Http), "{scheme}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_for_the_whole_exchange() {
    let half_open =
        fake(|mut stream| async move { while !hear(&mut stream).await.is_empty() {} }).await;
    let dripping = fake(|mut stream| async move {
        for byte in b"INFO {\"server_id\":\"a very long one, byte by byte, and never at its end" {
            sleep(Duration::from_millis(200)).await;
            let _ = stream.write_all(&[*byte]).await;
        }
    })
    .await;
    for timeout in [
        Duration::from_millis(10),
        Duration::from_secs(5),
        Duration::from_secs(600),
    ] {
        let options = ProbeOptions::new().timeout(timeout);
        let started = Instant::now();
        for scheme in SCHEMES {
            let locator: Locator = format!("{scheme}://127.0.0.1:{half_open}").parse().unwrap();
            let report = probe(&locator, &options).await;
            assert_eq!(report.best(), Outcome::Timeout, "{scheme}");
            assert!(
                report.took() <= timeout + Duration::from_millis(5),
                "{scheme}"
            );
        }
        assert!(started.elapsed() <= (timeout + Duration::from_millis(5)) * 14);
    }
    let started = Instant::now();
    let found = outcome("nats", dripping).await;
    // What came is NATS, if not all of it.
    assert_eq!(found, Outcome::Ready);
    assert!(started.elapsed() <= Duration::from_millis(5005));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_waited_for() {
    let port = fake(|mut stream| async move {
        hear(&mut stream).await;
        sleep(Duration::from_secs(4)).await;
        let _ = stream.write_all(b"VERSION 1.6.18\r\n").await;
        hear(&mut stream).await;
    })
    .await;
    let report = ask("memcached", port).await;
    assert_eq!(report.best(), Outcome::Ready);
    assert_eq!(report.endpoints()[0].server(), Some("1.6.18"));
}

#[tokio::test(start_paused = true)]
async fn endless_answers_are_cut_at_4_kib() {
    let port =
        fake(|mut stream| async move { while stream.write_all(&[b'x'; 512]).await.is_ok() {} })
            .await;
    let drip = fake(|mut stream| async move {
        let _ = stream.write_all(b"+").await;
        while stream.write_all(&[b'x'; 512]).await.is_ok() {}
    })
    .await;
    for scheme in SCHEMES {
        let found = outcome(scheme, port).await;
        assert_eq!(found, Outcome::WrongProtocol(Looks::Unknown), "{scheme}");
    }
    assert_eq!(
        outcome("redis", drip).await,
        Outcome::WrongProtocol(Looks::Unknown)
    );
}

#[tokio::test(start_paused = true)]
async fn hanging_up_at_once_is_not_ready() {
    let port = fake(|stream| async move { drop(stream) }).await;
    for scheme in SCHEMES.into_iter().chain(["rediss", "mysqlx"]) {
        let found = outcome(scheme, port).await;
        let expected = match scheme {
            "mysqlx" => Outcome::Reachable,
            _ => Outcome::NotReady(Reason::Closed),
        };
        assert_eq!(found, expected, "{scheme}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_byte_by_byte_is_read_as_a_whole() {
    let port = fake(|mut stream| async move {
        for byte in b"INFO {\"version\":\"2.9.10\"}\r\n" {
            let _ = stream.write_all(&[*byte]).await;
            sleep(Duration::from_millis(1)).await;
        }
        hear(&mut stream).await;
    })
    .await;
    assert_eq!(outcome("nats", port).await, Outcome::Ready);
    assert_eq!(
        outcome("mysql", port).await,
        Outcome::WrongProtocol(Looks::Nats)
    );
}

#[tokio::test(start_paused = true)]
async fn every_host_of_a_list_has_its_own_outcome() {
    let ready = greets(b"INFO {\"version\":\"2.9.10\"}\r\n").await;
    let wrong = greets(b"SSH-2.0-x\r\n").await;
    let silent =
        fake(|mut stream| async move { while !hear(&mut stream).await.is_empty() {} }).await;
    let url = format!("nats://127.0.0.1:{silent},127.0.0.1:{wrong},127.0.0.1:{ready}");
    let report = probe(&url.parse().unwrap(), &ProbeOptions::new()).await;
    let outcomes: Vec<_> = report
        .endpoints()
        .iter()
        .map(EndpointReport::outcome)
        .collect();
    let wrong = Outcome::WrongProtocol(Looks::Ssh);
    assert_eq!(outcomes, [Outcome::Timeout, wrong, Outcome::Ready]);
    assert_eq!((report.best(), report.worst()), (Outcome::Ready, wrong));
    assert!(
        report.took() <= Duration::from_millis(5005),
        "side by side: {:?}",
        report.took()
    );
}

#[tokio::test(start_paused = true)]
async fn a_protocol_of_ones_own_is_asked() {
    struct Ledger(String);
    impl Protocol for Ledger {
        fn opening(&mut self) -> Step {
            Step::Send(format!("HELLO {}\n", self.0).into_bytes())
        }
        fn judge(&mut self, received: &[u8]) -> Step {
            match received {
                b"YES\n" => Step::Done(Verdict::ready().server(b"ledger")),
                _ => Step::Read,
            }
        }
    }
    let port = answers(b"YES\n").await;
    let rules = tf_backing::ParseOptions::new().scheme("ledger", tf_backing::Kind::Other, 0);
    let locator = Locator::parse_with(&format!("ledger://127.0.0.1:{port}/book"), &rules).unwrap();
    let options = ProbeOptions::new().protocol("ledger", |locator, _| {
        Box::new(Ledger(locator.resource().unwrap_or_default().to_owned()))
    });
    let report = probe(&locator, &options).await;
    assert_eq!(report.endpoints()[0].server(), Some("ledger"));
    let plain = probe(&locator, &ProbeOptions::new()).await;
    assert_eq!(plain.best(), Outcome::Reachable);
}

#[tokio::test(start_paused = true)]
async fn no_report_holds_the_password_even_if_the_server_sends_it_back() {
    let echo = fake(|mut stream| async move {
        loop {
            let heard = hear(&mut stream).await;
            if heard.is_empty() || stream.write_all(&heard).await.is_err() {
                return;
            }
        }
    })
    .await;
    let gossip = greets(b"VERSION Xhunter2X\r\n").await;
    let nats = greets(b"INFO {\"version\":\"Xhunter2X\"}\r\n").await;
    for port in [echo, gossip, nats] {
        for scheme in SCHEMES {
            let credentials = if scheme == "kafka" {
                ""
            } else {
                "u:Xhunter2X@"
            };
            let url = format!("{scheme}://{credentials}127.0.0.1:{port}?token=Xhunter2X");
            let Ok(locator) = url.parse::<Locator>() else {
                continue;
            };
            let options = ProbeOptions::new();
            let report = probe(&locator, &options).await;
            let shown = format!("{report} {report:?} {report:#?} {options:?}");
            assert!(!shown.contains("hunter2"), "{scheme}: {shown}");
        }
    }
}
