//! The locks of `tf-admin` between processes and over real servers.

mod network;
mod processes;
mod sessions;
mod wire;

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use harness::server::{self, Server};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row, raw_sql};
use tf_admin::{Guard, MySqlGuard, PostgresGuard};

/// A kind of server with locks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Postgres,
    MariaDb,
}

use Kind::{MariaDb, Postgres};

impl Kind {
    fn server(self) -> &'static Server {
        match self {
            Postgres => server::postgres(),
            MariaDb => server::mariadb(),
        }
    }

    /// Starts the server, which takes seconds, beside the runtime.
    async fn url(self) -> String {
        let started = tokio::task::spawn_blocking(move || self.server().url());
        started.await.expect("the server starts")
    }

    fn guard(self, url: &str) -> Box<dyn Guard> {
        match self {
            Postgres => Box::new(PostgresGuard::new(url)),
            MariaDb => Box::new(MySqlGuard::new(url)),
        }
    }

    /// Ends the session of the process or guard that shows this run's id, as an administrator would.
    async fn end_session_of(self, run_id: &str) {
        let url = self.url().await;
        match self {
            Postgres => {
                let options: PgConnectOptions = url.parse().expect("a URL");
                let mut connection = options.connect().await.expect("it lets its user in");
                let statement = format!(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                     WHERE application_name LIKE '%{run_id}%'"
                );
                let ended = raw_sql(AssertSqlSafe(statement));
                let ended = ended.fetch_one(&mut connection).await.expect("it may");
                assert_eq!(ended.get::<i64, _>(0), 1);
            }
            MariaDb => {
                let options: MySqlConnectOptions = url.parse().expect("a URL");
                let mut connection = options.connect().await.expect("it lets its user in");
                let mine = "AND id <> CONNECTION_ID()";
                let statement = format!(
                    "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
                     WHERE info LIKE '%{run_id}%' {mine}"
                );
                // A session shows its run while it proves its lock, which is not all the time.
                let id: i64 = loop {
                    let rows = raw_sql(AssertSqlSafe(statement.clone()));
                    let row = rows.fetch_optional(&mut connection).await.expect("it may");
                    if let Some(row) = row {
                        break row.get(0);
                    }
                };
                let kill = raw_sql(AssertSqlSafe(format!("KILL {id}")));
                kill.execute(&mut connection).await.expect("it may");
            }
        }
    }
}

/// A text that no other test of any process uses.
fn unique(name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{name}-{}-{count}", process::id())
}
