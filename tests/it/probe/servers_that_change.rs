//! Servers that start, load, fill up, stop and come back.

use std::net::TcpStream;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use harness::server::{self, Server};
use harness::{packaged, run};
use tf_backing::{EndpointReport, Outcome, ProbeOptions, Reason, Wait};
use tokio::task::spawn_blocking;

use super::{ask, locator, outcome, start, with_login};

/// Runs a statement and gives its first line.
fn mysql(server: &Server, statement: &str) -> String {
    let (user, password) = server.login().expect("the server has a password");
    let mut client = Command::new(packaged("mariadb", "mariadb-server"));
    client
        .args([
            "--no-defaults",
            "--protocol=tcp",
            "--batch",
            "--skip-column-names",
        ])
        .arg(format!("--host={}", server.host()))
        .arg(format!("--port={}", server.port()))
        .arg(format!("--user={user}"))
        .arg(format!("--password={password}"));
    let output = run(client.args(["--execute", statement]));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    output.stdout.trim_end().to_owned()
}

fn psql(server: &Server, statement: &str) -> String {
    let mut client = Command::new(packaged("psql", "postgresql"));
    let output = run(client.args([&server.url(), "-Atc", statement]));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    output.stdout.trim_end().to_owned()
}

/// Handshakes that broke off. From ten in a row on, the server would block a host that is not its
/// own; a login that it refuses is none.
fn broken_handshakes(server: &Server) -> u32 {
    let status = mysql(server, "SHOW GLOBAL STATUS LIKE 'Aborted_connects_preauth'");
    let (_, count) = status.split_once('\t').expect("a name and a value");
    count.parse().expect("a number")
}

#[tokio::test]
async fn two_hundred_probes_break_no_handshake_of_mariadb() {
    let server = start(server::MARIADB).await;
    mysql(&server, "SET GLOBAL max_connect_errors = 10");
    // The harness itself looks at greetings to learn that the server is there.
    let before = broken_handshakes(&server);
    for url in [
        server.url(),
        with_login(&server, ""),
        with_login(&server, "nobody@"),
        with_login(&server, "tf:wrong@") + "?ssl-mode=REQUIRED",
    ] {
        for _ in 0..50 {
            let report = ask(&url).await;
            let seen = report.endpoints()[0].server();
            assert!(
                seen.is_some_and(|version| version.contains("MariaDB")),
                "{report}"
            );
        }
    }
    assert_eq!(broken_handshakes(&server), before);
    // What the probe must not do counts, so that means something.
    drop(TcpStream::connect((server.host(), server.port())).unwrap());
    while broken_handshakes(&server) == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_full_mariadb_is_not_ready() {
    let server = start(server::MARIADB).await;
    mysql(&server, "SET GLOBAL max_connections = 10");
    let address = (server.host(), server.port());
    // One more than allowed is kept for the administrator.
    let guests: Vec<_> = (0..11).map(|_| TcpStream::connect(address)).collect();
    assert!(guests.iter().all(Result::is_ok));
    let full = Outcome::NotReady(Reason::Full);
    while outcome(&server.url()).await != full {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(guests);
    Wait::for_all([&locator(&server.url())])
        .run()
        .await
        .unwrap();
}

#[tokio::test]
async fn redis_is_not_ready_while_it_loads() {
    let server = start(server::REDIS_LOADING).await;
    let loading = Outcome::NotReady(Reason::Starting);
    assert_eq!(outcome(&server.url()).await, loading);
    server::finish_loading(&server);
    let report = Wait::for_all([&locator(&server.url())])
        .run()
        .await
        .unwrap();
    assert!(report.services()[0].is_ready());
}

#[tokio::test]
async fn postgres_is_not_ready_while_it_starts() {
    let mut server = start(server::POSTGRES).await;
    // Recovery asks for a few files of an archive, each of which takes a second to be missing.
    psql(
        &server,
        "ALTER SYSTEM SET restore_command = 'sleep 1; false'",
    );
    psql(&server, "ALTER SYSTEM SET hot_standby = off");
    let folder = psql(&server, "SHOW data_directory");
    psql(
        &server,
        &format!("COPY (SELECT '') TO '{folder}/recovery.signal'"),
    );
    server.stop();
    let db = locator(&server.url());
    assert_eq!(outcome(&server.url()).await, Outcome::Refused);

    let restart = spawn_blocking(move || {
        server.restart();
        server
    });
    let seen = Mutex::new(Vec::new());
    let report = Wait::for_all([&db])
        .require_ready()
        .consecutive(2)
        .on_change(|change| {
            let outcome = change.endpoint().outcome();
            seen.lock().expect("no callback panics").push(outcome);
        })
        .run()
        .await
        .unwrap();
    assert!(report.services()[0].is_ready());
    let starting = Outcome::NotReady(Reason::Starting);
    assert_eq!(
        seen.into_inner().unwrap(),
        [Outcome::Refused, starting, Outcome::Ready]
    );
    drop(restart.await.unwrap());
}

#[tokio::test]
async fn a_wait_sees_a_server_stop_and_come_back() {
    let mut server = start(server::NATS).await;
    let url = server.url();
    assert_eq!(outcome(&url).await, Outcome::Ready);
    server.kill();
    let nats = locator(&url);
    let wait = Wait::for_all([&nats]).timeout(Duration::from_millis(300));
    let error = wait.run().await.unwrap_err();
    assert!(
        error.to_string().contains("is refusing connections"),
        "{error}"
    );
    let (_, password) = server.login().unwrap();
    assert!(!format!("{error} {error:?}").contains(password));

    let restart = spawn_blocking(move || {
        server.restart();
        server
    });
    let wait = Wait::for_all([&nats]).consecutive(2).require_ready();
    let report = wait.run().await.unwrap();
    assert!(report.services()[0].is_ready());
    drop(restart.await.unwrap());
}

#[tokio::test]
async fn a_login_without_a_password_gives_the_version_of_postgres() {
    let server = start(server::POSTGRES).await;
    let folder = psql(&server, "SHOW data_directory");
    let rules = "('host all guest all trust'), ('host all all all scram-sha-256')";
    psql(&server, "CREATE ROLE guest LOGIN");
    psql(
        &server,
        &format!("COPY (VALUES {rules}) TO '{folder}/pg_hba.conf'"),
    );
    psql(&server, "SELECT pg_reload_conf()");
    let version = psql(&server, "SHOW server_version");
    let url = with_login(&server, "guest@") + "/postgres";
    // The server reads its rules again when it comes to it.
    while ask(&url).await.endpoints()[0].server() != Some(&version) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(ask(&with_login(&server, "nobody@")).await.is_ready());
}

#[tokio::test]
async fn postgres_with_tls_is_asked_without_naming_the_user() {
    let server = start(server::POSTGRES).await;
    let url = with_login(&server, "tf:wrong@") + "/postgres?sslmode=require";
    assert_eq!(outcome(&url).await, Outcome::NotReady(Reason::NoTls));
    let certificate = "cat >/dev/null; openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=db \
                       -keyout server.key -out server.crt 2>&1";
    psql(
        &server,
        &format!("COPY (SELECT 1) TO PROGRAM '{certificate}'"),
    );
    let folder = psql(&server, "SHOW data_directory");
    psql(&server, "ALTER SYSTEM SET ssl = on");
    let rule = "('hostssl all all all scram-sha-256')";
    psql(
        &server,
        &format!("COPY (VALUES {rule}) TO '{folder}/pg_hba.conf'"),
    );
    psql(&server, "SELECT pg_reload_conf()");
    while outcome(&url).await != Outcome::Ready {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Nobody may enter without TLS, and the server says so to whoever it takes connections from.
    let report = ask(&with_login(&server, "tf:wrong@")).await;
    let detail = report.endpoints()[0].detail();
    assert_eq!(
        detail,
        Some("refuses this login: SQLSTATE 28000"),
        "{report}"
    );
}

#[tokio::test]
async fn one_probe_asks_a_host_list_side_by_side() {
    let (open, nats) = (start(server::REDIS_OPEN).await, start(server::NATS).await);
    let url = format!("nats://127.0.0.1:{},127.0.0.1:{}", open.port(), nats.port());
    let options = ProbeOptions::new().timeout(Duration::from_secs(4));
    let report = tf_backing::probe(&locator(&url), &options).await;
    let outcomes: Vec<_> = report
        .endpoints()
        .iter()
        .map(EndpointReport::outcome)
        .collect();
    assert!(
        matches!(
            outcomes[..],
            [Outcome::WrongProtocol(_), Outcome::Reachable]
        ),
        "{report}"
    );
}
