//! A lock for all hosts that share a MySQL or MariaDB server.

use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, raw_sql};
use tokio::time::sleep;

use super::name::short;
use super::server::{Server, mark, marked};
use super::session::{Session, keep};
use super::{Attempt, BoxFuture, Guard, GuardError, Holder};
use crate::process::now;

/// After so many seconds without a statement the server ends the session, whose machine must be gone.
const GONE: u32 = 30;

/// A lock by `GET_LOCK`, for all that use the same MySQL or MariaDB server.
///
/// Each lock has a connection of its own, whose session the server frees the lock with. The session proves all the
/// time that it holds the lock; a run knows of a loss within two seconds. See *Locks* in the crate's documentation
/// for what the server must be.
///
/// # Examples
///
/// ```no_run
/// use tf_admin::{MySqlGuard, Registry, Task};
///
/// # fn main() -> Result<(), tf_admin::Error> {
/// let registry = Registry::builder("shop")
///     .with_state(|setup| async move {
///         let url = setup.env().var("ADMIN_LOCK_URL").unwrap_or_default();
///         setup.lock(MySqlGuard::new(url));
///         Ok(())
///     })
///     .add(Task::new("prune", "Delete old rows").run(|_, _| async { Ok(()) }))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct MySqlGuard {
    server: Server,
}

impl MySqlGuard {
    /// Creates a guard that connects to this URL when a lock is asked for; what is wrong with it is said then.
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self {
            server: Server::new(url.into()),
        }
    }

    async fn connect(&self) -> Result<MySqlConnection, GuardError> {
        let url = self.server.expose_url(["mysql", "mariadb"])?;
        let options =
            MySqlConnectOptions::from_str(url).map_err(|error| self.server.error(&error))?;
        let options = options.disable_statement_logging();
        self.server.ask(options.connect()).await
    }

    async fn acquire(&self, key: &str, holder: &Holder) -> Result<Attempt, GuardError> {
        let (name, mark) = (quoted(key), mark(holder));
        let mut connection = self.connect().await?;
        let take = take(&mut connection, &name, &mark);
        match self.server.ask(take).await? {
            (Some(1), id) => Ok(Attempt::Held(keep(
                MySession::new(connection, &name, &mark, id),
                self.server.clone(),
            ))),
            (Some(_), _) => {
                let by = self.find(&mut connection, &name).await?;
                let _ = self.server.ask(connection.close()).await;
                Ok(Attempt::Busy(by))
            }
            (None, _) => Err(GuardError::unavailable(
                "the server could not take the lock",
            )),
        }
    }

    async fn look(&self, key: &str) -> Result<Option<Holder>, GuardError> {
        let mut connection = self.connect().await?;
        let holder = self.find(&mut connection, &quoted(key)).await?;
        let _ = self.server.ask(connection.close()).await;
        Ok(holder)
    }

    /// Who holds the lock. Between two statements of the holder the server cannot say, so it is asked again.
    async fn find(
        &self,
        connection: &mut MySqlConnection,
        name: &str,
    ) -> Result<Option<Holder>, GuardError> {
        const TIMES: u32 = 8;
        for left in (0..TIMES).rev() {
            match self.server.ask(find(connection, name)).await? {
                Found::Nobody => return Ok(None),
                Found::Ours(holder) => return Ok(Some(holder)),
                Found::Foreign(holder) if left == 0 => return Ok(Some(holder)),
                Found::Foreign(_) => sleep(Duration::from_millis(25)).await,
            }
        }
        Ok(None)
    }
}

/// The name of the lock, quoted; names may have 64 characters and ignore case.
fn quoted(key: &str) -> String {
    format!("'tf-admin.{}'", short(key, 36))
}

/// Tries to take the lock: 1 if it was free, 0 if it is not, and the number of the session.
async fn take(
    connection: &mut MySqlConnection,
    name: &str,
    mark: &str,
) -> Result<(Option<i64>, i64), sqlx::Error> {
    let settings = format!("SET SESSION wait_timeout = {GONE}");
    raw_sql(AssertSqlSafe(settings))
        .execute(&mut *connection)
        .await?;
    let statement = format!(
        "/* {mark} */ SELECT CAST(GET_LOCK({name}, 0) AS SIGNED), CAST(CONNECTION_ID() AS SIGNED)"
    );
    let row = ask(connection, statement).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

enum Found {
    Nobody,
    Ours(Holder),
    /// A session that says nothing, with what the server knows of it.
    Foreign(Holder),
}

async fn find(connection: &mut MySqlConnection, name: &str) -> Result<Found, sqlx::Error> {
    let statement = format!(
        "SELECT CAST(l.id AS SIGNED), COALESCE(CAST(p.info AS CHAR), ''), \
         COALESCE(CAST(p.user AS CHAR), ''), COALESCE(CAST(p.host AS CHAR), ''), \
         CAST(COALESCE(p.time, 0) AS SIGNED) \
         FROM (SELECT IS_USED_LOCK({name}) AS id) l \
         LEFT JOIN information_schema.processlist p ON p.id = l.id"
    );
    let row = ask(connection, statement).await?;
    let Some(id) = row.try_get::<Option<i64>, _>(0)? else {
        return Ok(Found::Nobody);
    };
    let statement: String = row.try_get(1)?;
    if let Some(holder) = marked(&statement) {
        return Ok(Found::Ours(holder));
    }
    let idle = Duration::from_secs(u64::try_from(row.try_get::<i64, _>(4)?).unwrap_or_default());
    Ok(Found::Foreign(Holder {
        run_id: String::new(),
        task: String::new(),
        host: row.try_get(3)?,
        pid: u32::try_from(id).unwrap_or_default(),
        actor: row.try_get(2)?,
        since: now().checked_sub(idle).unwrap_or_else(now),
    }))
}

async fn ask(connection: &mut MySqlConnection, statement: String) -> Result<MySqlRow, sqlx::Error> {
    // Without preparation, so that the holder's comment is part of the text that the server shows.
    let statement = raw_sql(AssertSqlSafe(statement));
    statement.fetch_one(connection).await
}

struct MySession {
    connection: MySqlConnection,
    proof: String,
    unlock: String,
}

impl MySession {
    fn new(connection: MySqlConnection, name: &str, mark: &str, id: i64) -> Self {
        Self {
            connection,
            // The server shows who holds the lock as long as the proof runs, so it takes its time.
            proof: format!(
                "/* {mark} */ SELECT CAST(IS_USED_LOCK({name}) = {id} AND CONNECTION_ID() = {id} AS SIGNED), \
                 SLEEP(0.2)"
            ),
            unlock: format!("SELECT CAST(RELEASE_LOCK({name}) AS SIGNED)"),
        }
    }
}

impl Session for MySession {
    /// As long as a proof takes: there is always one.
    const PERIOD: Duration = Duration::from_millis(200);

    async fn prove(&mut self) -> Result<bool, sqlx::Error> {
        let row = ask(&mut self.connection, self.proof.clone()).await?;
        Ok(row.try_get::<Option<i64>, _>(0)? == Some(1))
    }

    async fn unlock(mut self) -> Result<bool, sqlx::Error> {
        let row = ask(&mut self.connection, self.unlock).await?;
        let was_held = row.try_get::<Option<i64>, _>(0)? == Some(1);
        let _ = self.connection.close().await;
        Ok(was_held)
    }
}

impl Guard for MySqlGuard {
    fn try_acquire<'a>(
        &'a self,
        key: &'a str,
        holder: &'a Holder,
    ) -> BoxFuture<'a, Result<Attempt, GuardError>> {
        Box::pin(self.acquire(key, holder))
    }

    fn holder<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Holder>, GuardError>> {
        Box::pin(self.look(key))
    }
}
