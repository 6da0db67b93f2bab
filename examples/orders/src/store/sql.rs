//! One vocabulary for three databases: statements with `?`, of texts and integers.
//!
//! With one database a service would use its driver directly; this file is the price of three.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions, MySqlRow};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
};
use sqlx::{AssertSqlSafe, Executor, MySql, Postgres, Row as _, Sqlite, Transaction};
use tf_backing::{Kind, Locator};

use super::Error;

/// Who asks waits that long for a connection, then is told that the database is away.
const ACQUIRE: Duration = Duration::from_secs(2);

/// Connections to one of the databases.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    MySql(MySqlPool),
    Postgres(PgPool),
}

/// A transaction that is undone where it is dropped.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    MySql(Transaction<'static, MySql>),
    Postgres(Transaction<'static, Postgres>),
}

/// A row of a result.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    MySql(MySqlRow),
    Postgres(PgRow),
}

/// What stands for a `?`.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(Option<&'a str>),
    Int(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Does the same with each of the drivers.
macro_rules! each {
    ($value:expr, $type:ident($inner:ident) => $do:expr) => {
        match $value {
            $type::Sqlite($inner) => $do,
            $type::MySql($inner) => $do,
            $type::Postgres($inner) => $do,
        }
    };
}
pub(super) use each;

/// A statement with its values.
macro_rules! query {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for value in $values {
            query = match *value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
            };
        }
        query
    }};
}

impl Pool {
    /// Connects when it is first used.
    pub(super) fn open(locator: &Locator) -> Result<Self, Error> {
        let locator = locator.clone();
        match locator.kind() {
            Kind::Sqlite => {
                let view = tf_backing::Sqlite::try_from(locator).map_err(Error::config)?;
                let options = SqliteConnectOptions::try_from(&view).map_err(Error::config)?;
                // Readers do not wait for the writer; the file is complete even after a crash of the system.
                let options = options.journal_mode(SqliteJournalMode::Wal);
                let options = options.create_if_missing(false);
                let pool = SqlitePoolOptions::new().acquire_timeout(ACQUIRE);
                Ok(Self::Sqlite(pool.connect_lazy_with(options)))
            }
            Kind::MySql => {
                let view = tf_backing::MySql::try_from(locator).map_err(Error::config)?;
                let options = MySqlConnectOptions::try_from(&view).map_err(Error::config)?;
                let pool = MySqlPoolOptions::new().acquire_timeout(ACQUIRE);
                // With the default level, two that take jobs lock each other's gaps.
                let pool = pool.after_connect(|connection, _| {
                    Box::pin(async move {
                        let level = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
                        connection.execute(level).await.map(drop)
                    })
                });
                Ok(Self::MySql(pool.connect_lazy_with(options)))
            }
            Kind::Postgres => {
                let view = tf_backing::Postgres::try_from(locator).map_err(Error::config)?;
                let options = PgConnectOptions::try_from(&view).map_err(Error::config)?;
                let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE);
                Ok(Self::Postgres(pool.connect_lazy_with(options)))
            }
            _ => Err(Error::config("the configuration takes no other database")),
        }
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<Tx, Error> {
        Ok(match self {
            // Taken at once: a reader that turns writer later can fail where it would have to wait.
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::MySql(pool) => Tx::MySql(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Reads outside of a transaction.
    pub(crate) async fn fetch(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let sql = spelled(sql, matches!(self, Self::Postgres(_)));
        Ok(each!(self, Pool(pool) => {
            let rows = query!(sql, values).fetch_all(pool).await?;
            rows.into_iter().map(Row::from).collect()
        }))
    }

    /// What makes a `SELECT` pass over rows that another transaction has taken.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            // There is one writer at a time.
            Self::Sqlite(_) => "",
            Self::MySql(_) | Self::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    pub(super) async fn close(&self) {
        each!(self, Pool(pool) => pool.close().await);
    }
}

impl Tx {
    /// Writes, and says how many rows it met.
    pub(crate) async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, Error> {
        let sql = spelled(sql, matches!(self, Self::Postgres(_)));
        Ok(each!(self, Tx(tx) => {
            query!(sql, values).execute(&mut **tx).await?.rows_affected()
        }))
    }

    pub(crate) async fn fetch(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let sql = spelled(sql, matches!(self, Self::Postgres(_)));
        Ok(each!(self, Tx(tx) => {
            let rows = query!(sql, values).fetch_all(&mut **tx).await?;
            rows.into_iter().map(Row::from).collect()
        }))
    }

    pub(crate) async fn commit(self) -> Result<(), Error> {
        each!(self, Tx(tx) => tx.commit().await?);
        Ok(())
    }
}

impl Row {
    pub(crate) fn text(&self, column: &str) -> Result<String, Error> {
        Ok(each!(self, Row(row) => row.try_get(column)?))
    }

    pub(crate) fn int(&self, column: &str) -> Result<i64, Error> {
        Ok(each!(self, Row(row) => row.try_get(column)?))
    }
}

macro_rules! row_from {
    ($($kind:ident($row:ty))*) => {
        $(impl From<$row> for Row {
            fn from(row: $row) -> Self {
                Self::$kind(row)
            }
        })*
    };
}

row_from! { Sqlite(SqliteRow) MySql(MySqlRow) Postgres(PgRow) }

/// Writes `$1`, `$2` for each `?` where PostgreSQL is asked; none of our statements has one in a text.
fn spelled(sql: &str, is_postgres: bool) -> String {
    if !is_postgres {
        return sql.to_owned();
    }
    let mut parts = sql.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (n, part) in parts.enumerate() {
        text.push_str(&format!("${}{part}", n + 1));
    }
    text
}
