//! The harness's servers admit their user alone, come back on their port, and never stay.

mod protocols;

use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use harness::server::{self, Recipe, Server};
use harness::{packaged, run};

/// What a client tries to enter with.
struct Attempt {
    url: String,
    host: String,
    port: u16,
    user: String,
    password: String,
}

impl Attempt {
    fn right(server: &Server) -> Self {
        let (user, password) = server.login().expect("the server has a password");
        Self {
            url: server.url(),
            host: server.host().to_owned(),
            port: server.port(),
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }

    fn wrong(server: &Server) -> Self {
        let right = Self::right(server);
        Self {
            url: right.url.replace('@', "x@"),
            password: right.password.clone() + "x",
            ..right
        }
    }
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn admits_its_user_alone(server: &Server, enters: fn(&Attempt) -> bool) {
    let right = Attempt::right(server);
    assert!("#/?@:%".chars().all(|odd| right.password.contains(odd)));
    assert!(enters(&right));
    assert!(!enters(&Attempt::wrong(server)));
}

fn comes_back_after_a_stop(server: &mut Server) {
    server.stop();
    assert!(!listens(server.port()));
    server.restart();
    assert!(listens(server.port()));
}

fn comes_back_after_a_crash(server: &mut Server) {
    server.kill();
    assert!(!listens(server.port()));
    server.restart();
    assert!(listens(server.port()));
}

fn keeps_its_promises(recipe: Recipe, enters: fn(&Attempt) -> bool) {
    let mut server = Server::start(recipe);
    admits_its_user_alone(&server, enters);
    comes_back_after_a_stop(&mut server);
    comes_back_after_a_crash(&mut server);
    admits_its_user_alone(&server, enters);
}

#[test]
fn mariadb_admits_its_user_alone_and_comes_back() {
    keeps_its_promises(server::MARIADB, |attempt| {
        let mut client = Command::new(packaged("mariadb", "mariadb-server"));
        client
            .args(["--no-defaults", "--protocol=tcp", "--database=tf"])
            .args(["--batch", "--skip-column-names"])
            .arg(format!("--host={}", attempt.host))
            .arg(format!("--port={}", attempt.port))
            .arg(format!("--user={}", attempt.user))
            .arg(format!("--password={}", attempt.password));
        let output = run(client.args(["--execute", "SELECT user()"]));
        output.stdout.trim_end() == format!("{}@{}", attempt.user, attempt.host)
    });
}

#[test]
fn postgres_admits_its_user_alone_and_comes_back() {
    keeps_its_promises(server::POSTGRES, |attempt| {
        let mut client = Command::new(packaged("psql", "postgresql"));
        let output = run(client.args([&attempt.url, "-Atc", "SELECT current_user"]));
        output.stdout.trim_end() == attempt.user
    });
}

#[test]
fn redis_admits_its_user_alone_and_comes_back() {
    keeps_its_promises(server::REDIS, |attempt| {
        let mut client = Command::new(packaged("redis-cli", "redis-server"));
        let output = run(client.args(["--no-auth-warning", "-u", &attempt.url, "ACL", "WHOAMI"]));
        output.stdout.trim_end() == attempt.user
    });
}

#[test]
fn rabbitmq_admits_its_user_alone_and_comes_back() {
    let mut server = Server::start(server::RABBITMQ);
    admits_its_user_alone(&server, protocols::amqp);
    comes_back_after_a_stop(&mut server);
    admits_its_user_alone(&server, protocols::amqp);
}

#[test]
fn nats_admits_its_user_alone_and_comes_back() {
    keeps_its_promises(server::NATS, protocols::nats);
}

#[test]
fn mosquitto_admits_its_user_alone_and_comes_back() {
    keeps_its_promises(server::MOSQUITTO, protocols::mqtt);
}

fn ask_redis(server: &Server, question: &str) -> String {
    let mut stream = TcpStream::connect((server.host(), server.port())).expect("it listens");
    writeln!(stream, "{question}").expect("it reads");
    let mut answer = String::new();
    let mut stream = BufReader::new(stream);
    stream.read_line(&mut answer).expect("it answers");
    answer
}

#[test]
fn redis_without_a_password_admits_everybody() {
    let server = Server::start(server::REDIS_OPEN);
    assert!(server.login().is_none());
    assert_eq!(ask_redis(&server, "PING"), "+PONG\r\n");
}

#[test]
fn redis_loads_until_it_is_told_to_finish() {
    let server = Server::start(server::REDIS_LOADING);
    assert!(ask_redis(&server, "GET 0001").starts_with("-LOADING"));
    server::finish_loading(&server);
    let started = Instant::now();
    while ask_redis(&server, "GET 0001").starts_with("-LOADING") {
        assert!(started.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(ask_redis(&server, "DBSIZE"), ":6000\r\n");
}

#[test]
#[should_panic(expected = "Debian's package `mosquitto` has it, and `scripts/test` installs it")]
fn a_missing_server_is_reported_with_its_package() {
    let _ = packaged("no-such-server", "mosquitto");
}

#[test]
fn a_shared_server_is_started_once() {
    let (first, second) = thread::scope(|scope| {
        let threads = [scope.spawn(server::nats), scope.spawn(server::nats)];
        let [first, second] = threads.map(|thread| thread.join().unwrap());
        (first, second)
    });
    assert!(ptr::eq(first, second));
    assert!(TcpStream::connect((first.host(), first.port())).is_ok());
}

#[test]
fn servers_and_their_folders_end_with_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    // The servers' user adds a folder and removes it.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_hold_servers"))
        .env("TMPDIR", folder.path())
        .env_remove("TF_TEST_NATS_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ports: Vec<u16> = line
        .trim()
        .split(' ')
        .map(|port| port.parse().unwrap())
        .collect();
    assert!(ports.len() == 2 && ports.iter().all(|port| listens(*port)));
    process.kill().unwrap();
    process.wait().unwrap();
    let started = Instant::now();
    while ports.iter().any(|port| listens(*port))
        || fs::read_dir(folder.path()).unwrap().next().is_some()
    {
        assert!(started.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(5));
    }
}
