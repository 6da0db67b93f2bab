//! What the service is configured with.

use std::fmt::Display;
use std::time::Duration;

use lapin::uri::AMQPUri;
use redis::ConnectionInfo;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tf_backing::{Amqp, Kind, Locator, MySql, Postgres, Redis, Sqlite};
use tf_config::Config;

/// The configuration of the service, beside the standard variables.
#[derive(Config)]
#[config(debug, validate = Settings::check)]
pub struct Settings {
    /// Keeps the orders: PostgreSQL, MySQL, or an SQLite file (`?mode=rwc` lets the service create it).
    #[config(redacted, validate = is_database, example = "mysql://orders:pass@db:3306/orders")]
    pub(crate) database_url: Locator,
    /// Brings orders to the workers: RabbitMQ, or the same URL as `DATABASE_URL` for a table in it.
    #[config(redacted, validate = is_queue, example = "amqp://orders:pass@mq:5672/orders")]
    pub(crate) queue_url: Locator,
    /// Remembers orders that will not change any more; the service does without.
    #[config(redacted, validate = is_cache, example = "redis://:pass@cache:6379/0")]
    pub(crate) cache_url: Option<Redis>,
    /// How many orders a worker has in hand at the same time.
    #[config(default = 4, range = 1..=64)]
    pub(crate) fulfil_concurrency: u16,
    /// How long an order is in hand: the time that the warehouse takes.
    #[config(default = "20ms", range = "0s"..="20s")]
    pub(crate) fulfil_time: Duration,
}

impl Settings {
    fn check(&self) -> Result<(), String> {
        let is_broker = self.queue_url.kind() == Kind::Amqp;
        if is_broker || self.queue_url.identity() == self.database_url.identity() {
            return Ok(());
        }
        let text = "`QUEUE_URL` must be an amqp URL, or name the same database as `DATABASE_URL`";
        Err(text.to_owned())
    }
}

fn is_database(locator: &Locator) -> Result<(), String> {
    match locator.kind() {
        Kind::Sqlite if is_in_memory(locator) => {
            Err("a database in memory is lost between processes; name a file".to_owned())
        }
        Kind::Sqlite => fits::<Sqlite, SqliteConnectOptions>(locator),
        Kind::MySql => fits::<MySql, MySqlConnectOptions>(locator),
        Kind::Postgres => fits::<Postgres, PgConnectOptions>(locator),
        _ => Err("expected a postgres, mysql or sqlite URL".to_owned()),
    }
}

fn is_queue(locator: &Locator) -> Result<(), String> {
    match locator.kind() {
        Kind::Amqp => fits::<Amqp, AMQPUri>(locator),
        // What is wrong with it is told of `DATABASE_URL`.
        Kind::Sqlite | Kind::MySql | Kind::Postgres => Ok(()),
        _ => Err("expected an amqp URL, or that of the database".to_owned()),
    }
}

fn is_cache(cache: &Redis) -> Result<(), String> {
    fits::<Redis, ConnectionInfo>(cache.locator())
}

/// Whether the driver can do all that the URL asks for.
fn fits<View, Options>(locator: &Locator) -> Result<(), String>
where
    View: TryFrom<Locator, Error: Display>,
    Options: for<'a> TryFrom<&'a View, Error: Display>,
{
    let view = View::try_from(locator.clone()).map_err(|error| error.to_string())?;
    let fits = Options::try_from(&view).map(drop);
    fits.map_err(|error| error.to_string())
}

fn is_in_memory(locator: &Locator) -> bool {
    Sqlite::try_from(locator.clone()).is_ok_and(|sqlite| sqlite.is_memory())
}
