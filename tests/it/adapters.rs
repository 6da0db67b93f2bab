//! The driver adapters of `tf-backing` against real servers, with a password full of odd signs.

use std::error::Error;
use std::str::FromStr;

use harness::server::{self, Server};
use lapin::ConnectionProperties;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use redis::ConnectionInfo;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tf_backing::{AdapterError, Amqp, MySql, ParseError, Postgres, Redis, Sqlite};

fn convert<View, Target>(url: &str) -> Target
where
    View: FromStr<Err = ParseError>,
    Target: for<'a> TryFrom<&'a View, Error = AdapterError>,
{
    let view: View = url.parse().unwrap_or_else(|error| panic!("{error}"));
    Target::try_from(&view).unwrap_or_else(|error| panic!("{error}"))
}

/// Starts a server, which takes seconds, beside the runtime.
async fn start(server: fn() -> &'static Server) -> &'static Server {
    let started = tokio::task::spawn_blocking(server);
    started.await.expect("the server starts")
}

fn user(server: &Server) -> &str {
    server.login().expect("the server has a user").0
}

fn with_options(server: &Server, options: &str) -> String {
    format!("{}?{options}", server.url())
}

fn with_wrong_password(server: &Server) -> String {
    server.url().replacen('@', "Zq7@", 1)
}

/// Fails if anything that a program may print of the refusal holds the password.
fn assert_refused<T>(server: &Server, result: Result<T, impl Error>) {
    let Err(error) = result else {
        panic!("the wrong password is taken");
    };
    let mut out = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        out += &format!("{error}\n{error:?}\n{error:#?}\n");
        cause = error.source();
    }
    let (_, password) = server.login().expect("the server has a password");
    let url = with_wrong_password(server);
    let encoded = url.split(['@', ':']).nth(2).expect("it has a password");
    for secret in [password, encoded, "Zq7"] {
        assert!(!out.contains(secret), "{out}");
    }
}

#[tokio::test]
async fn sqlx_enters_postgres_with_every_option() {
    let server = start(server::postgres).await;
    let url = with_options(server, "statement_timeout=4321ms&application_name=a%20b");
    let options: PgConnectOptions = convert::<Postgres, _>(&url);
    let mut connection = options.connect().await.unwrap();
    let statement = "SELECT concat_ws('|', current_user, current_setting('statement_timeout'), \
                     current_setting('application_name'))";
    let answer: String = sqlx::query_scalar(statement)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(answer, format!("{}|4321ms|a b", user(server)));
    connection.close().await.unwrap();

    let wrong: PgConnectOptions = convert::<Postgres, _>(&with_wrong_password(server));
    assert_refused(server, wrong.connect().await);
}

#[tokio::test]
async fn sqlx_enters_mariadb_with_every_option() {
    let server = start(server::mariadb).await;
    let url = with_options(server, "collation=utf8mb4_bin&timezone=%2B01:00");
    let options: MySqlConnectOptions = convert::<MySql, _>(&url);
    let mut connection = options.connect().await.unwrap();
    let statement =
        "SELECT CONCAT_WS('|', USER(), DATABASE(), @@collation_connection, @@time_zone)";
    let answer: String = sqlx::query_scalar(statement)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let user = format!("{}@{}", user(server), server.host());
    assert_eq!(answer, format!("{user}|tf|utf8mb4_bin|+01:00"));
    connection.close().await.unwrap();

    let wrong: MySqlConnectOptions = convert::<MySql, _>(&with_wrong_password(server));
    assert_refused(server, wrong.connect().await);
}

#[tokio::test]
async fn sqlx_sends_no_plain_text_where_encryption_is_required() {
    let server = start(server::postgres).await;
    let options: PgConnectOptions =
        convert::<Postgres, _>(&with_options(server, "sslmode=require"));
    assert_refused(server, options.connect().await);
    let server = start(server::mariadb).await;
    let options: MySqlConnectOptions =
        convert::<MySql, _>(&with_options(server, "ssl-mode=REQUIRED"));
    match options.connect().await {
        // Another package of the build may turn TLS on.
        Ok(mut connection) => {
            let cipher = sqlx::query_as("SHOW STATUS LIKE 'Ssl_cipher'");
            let (_, cipher): (String, String) = cipher.fetch_one(&mut connection).await.unwrap();
            assert!(!cipher.is_empty());
        }
        refused => assert_refused(server, refused),
    }
}

#[tokio::test]
async fn sqlx_opens_a_file_whose_name_is_odd() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders #?%.db");
    let folder = folder.path().to_str().unwrap();
    let url = format!("sqlite://{folder}/orders%20%23%3F%25.db");

    let missing: SqliteConnectOptions = convert::<Sqlite, _>(&url);
    assert!(missing.connect().await.is_err());

    let options: SqliteConnectOptions = convert::<Sqlite, _>(&format!("{url}?mode=rwc"));
    let mut connection = options.connect().await.unwrap();
    let answer: i64 = sqlx::query_scalar("SELECT 6 * 7")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(answer, 42);
    connection.close().await.unwrap();
    assert!(file.exists());
}

#[test]
fn redis_lets_its_user_in() {
    let server = server::redis();
    let enter = |url: &str| {
        let info: ConnectionInfo = convert::<Redis, _>(url);
        let mut connection = redis::Client::open(info)?.get_connection()?;
        redis::cmd("ACL")
            .arg("WHOAMI")
            .query::<String>(&mut connection)
    };
    assert_eq!(enter(&server.url()).unwrap(), user(server));
    assert_eq!(
        enter(&with_options(server, "protocol=3")).unwrap(),
        user(server)
    );
    assert_refused(server, enter(&with_wrong_password(server)));
}

#[tokio::test]
async fn lapin_declares_a_queue_in_the_vhost() {
    let server = start(server::rabbitmq).await;
    let url = with_options(server, "heartbeat=9&connection_name=orders");
    let view: Amqp = url.parse().unwrap();
    let uri = AMQPUri::try_from(&view).unwrap();
    let properties = ConnectionProperties::from(&view);
    let connection = lapin::Connection::connect_uri(uri, properties)
        .await
        .unwrap();
    assert_eq!(connection.configuration().heartbeat(), 9);
    let channel = connection.create_channel().await.unwrap();
    let options = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel
        .queue_declare("".into(), options, FieldTable::default())
        .await
        .unwrap();
    assert!(queue.name().as_str().starts_with("amq.gen-"));
    connection.close(200, "done".into()).await.unwrap();

    let wrong: AMQPUri = convert::<Amqp, _>(&with_wrong_password(server));
    let properties = ConnectionProperties::default();
    assert_refused(
        server,
        lapin::Connection::connect_uri(wrong, properties).await,
    );
}
