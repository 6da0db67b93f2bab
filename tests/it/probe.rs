//! `tf_backing::probe` and `Wait` against real servers.

mod command;
mod servers_that_change;
mod tls;

use std::time::Duration;

use harness::server::{self, Recipe, Server};
use tf_backing::{Locator, Looks, Outcome, ProbeOptions, Reason, Report, probe};
use tokio::task::JoinSet;

fn locator(url: &str) -> Locator {
    match url.parse() {
        Ok(locator) => locator,
        Err(error) => panic!("{error}"),
    }
}

async fn ask(url: &str) -> Report {
    let options = ProbeOptions::new().timeout(Duration::from_secs(10));
    probe(&locator(url), &options).await
}

async fn outcome(url: &str) -> Outcome {
    ask(url).await.best()
}

/// The URL of the server without user and password, or with others.
fn with_login(server: &Server, login: &str) -> String {
    let url = server.url();
    let (scheme, _) = url.split_once("://").expect("it is a URL");
    format!("{scheme}://{login}{}:{}", server.host(), server.port())
}

/// Starts a server without keeping the runtime from its other work.
async fn start(recipe: Recipe) -> Server {
    let started = tokio::task::spawn_blocking(move || Server::start(recipe));
    started.await.expect("the server starts")
}

async fn all_servers() -> [&'static Server; 6] {
    let started = tokio::task::spawn_blocking(|| {
        [
            server::mariadb(),
            server::postgres(),
            server::redis(),
            server::rabbitmq(),
            server::nats(),
            server::mosquitto(),
        ]
    });
    started.await.expect("the servers start")
}

#[tokio::test]
async fn every_server_is_ready_and_tells_its_version() {
    let [mariadb, postgres, redis, rabbitmq, nats, mosquitto] = all_servers().await;
    // PostgreSQL tells its version after a login, and MQTT 3.1.1 has no place for one.
    for (server, tells) in [
        (mariadb, true),
        (postgres, false),
        (redis, true),
        (rabbitmq, true),
        (nats, true),
        (mosquitto, false),
    ] {
        let report = ask(&server.url()).await;
        assert!(report.is_ready(), "{report}");
        let version = report.endpoints()[0].server();
        assert_eq!(version.is_some(), tells, "{report}");
        let has_numbers = |text: &str| text.split('.').count() >= 3;
        assert!(version.is_none_or(has_numbers), "{report}");
        let (_, password) = server.login().expect("the server has a password");
        assert!(!format!("{report} {report:?}").contains(password));
    }
}

#[tokio::test]
async fn every_server_is_named_under_every_other_scheme() {
    const SCHEMES: [(&str, Looks); 6] = [
        ("mysql", Looks::MySql),
        ("postgres", Looks::Postgres),
        ("redis", Looks::Redis),
        ("amqp", Looks::Amqp),
        ("nats", Looks::Nats),
        ("mqtt", Looks::Mqtt),
    ];
    let mut probes = JoinSet::new();
    for (server, (own, looks)) in all_servers().await.into_iter().zip(SCHEMES) {
        let others = [
            "http",
            "kafka",
            "mongodb",
            "memcached",
            "smtp",
            "rediss",
            "amqps",
        ];
        let schemes = SCHEMES.into_iter().map(|(scheme, _)| scheme).chain(others);
        for scheme in schemes.filter(move |scheme| *scheme != own) {
            let url = format!("{scheme}://u:p@{}:{}", server.host(), server.port());
            probes.spawn(async move {
                let options = ProbeOptions::new().timeout(Duration::from_secs(10));
                let report = probe(&locator(&url), &options).await;
                assert_eq!(
                    report.best(),
                    Outcome::WrongProtocol(looks),
                    "{url}: {report}"
                );
            });
        }
    }
    while let Some(done) = probes.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn credentials_are_proven_where_the_protocol_allows() {
    let [_, _, redis, _, nats, mosquitto] = all_servers().await;
    for server in [redis, nats, mosquitto] {
        let none = outcome(&with_login(server, "")).await;
        assert_eq!(none, Outcome::Reachable, "{server:?}");
        let wrong = outcome(&with_login(server, "tf:wrong@")).await;
        assert_eq!(wrong, Outcome::NotReady(Reason::Credentials), "{server:?}");
    }
    let wrong = outcome(&with_login(redis, ":wrong@")).await;
    assert_eq!(wrong, Outcome::NotReady(Reason::Credentials));
    let open = start(server::REDIS_OPEN).await;
    assert_eq!(outcome(&open.url()).await, Outcome::Ready);
    let superfluous = outcome(&with_login(&open, ":password@")).await;
    assert_eq!(superfluous, Outcome::NotReady(Reason::Credentials));
}
