//! A lock for all hosts that share a PostgreSQL database.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, raw_sql};

use super::name::hash;
use super::server::{MARK, Server, mark, marked};
use super::session::{Session, keep};
use super::{Attempt, BoxFuture, Guard, GuardError, Holder};

/// The name of an application is cut there, with a notice.
const LONGEST_NAME: usize = 63;

/// What the driver takes from a URL. It logs others with their values.
const OPTIONS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// A lock by PostgreSQL's advisory locks, for all that use the same database.
///
/// Each lock has a connection of its own, whose session the server frees the lock with. The session proves twice a
/// second that it holds the lock; a run knows of a loss within two seconds. See *Locks* in the crate's documentation
/// for what the server must be.
///
/// # Examples
///
/// ```no_run
/// use tf_admin::{PostgresGuard, Registry, Task};
///
/// # fn main() -> Result<(), tf_admin::Error> {
/// let registry = Registry::builder("shop")
///     .with_state(|setup| async move {
///         let url = setup.env().var("ADMIN_LOCK_URL").unwrap_or_default();
///         setup.lock(PostgresGuard::new(url));
///         Ok(())
///     })
///     .add(Task::new("prune", "Delete old rows").run(|_, _| async { Ok(()) }))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PostgresGuard {
    server: Server,
}

impl PostgresGuard {
    /// Creates a guard that connects to this URL when a lock is asked for; what is wrong with it is said then.
    ///
    /// What the URL leaves out, the driver takes from libpq's variables (`PGHOST`, `PGPASSWORD`, …).
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self {
            server: Server::new(url.into()),
        }
    }

    fn options(&self) -> Result<PgConnectOptions, GuardError> {
        let url = self.server.expose_url(["postgres", "postgresql"])?;
        if let Some(name) = unknown_option(url) {
            return Err(GuardError::config(format!(
                "the URL of the lock's server has an unknown option `{name}`"
            )));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| self.server.error(&error))?;
        Ok(options.disable_statement_logging())
    }

    async fn acquire(&self, key: &str, holder: &Holder) -> Result<Attempt, GuardError> {
        let mark = mark(holder);
        let mut name = mark.clone();
        name.truncate(LONGEST_NAME);
        let options = self.options()?.application_name(&name);
        let mut connection = self.server.ask(options.connect()).await?;
        let got = self.server.ask(take(&mut connection, key, &mark)).await?;
        let Some((is_free, pid)) = got else {
            return Err(GuardError::config(
                "the server is a standby, which cannot keep locks for others",
            ));
        };
        if !is_free {
            let by = self.server.ask(find(&mut connection, key)).await?;
            let _ = self.server.ask(connection.close()).await;
            return Ok(Attempt::Busy(by));
        }
        let mut session = PgSession {
            connection,
            proof: format!(
                "/* {mark} */ SELECT pg_backend_pid() = {pid} AND EXISTS \
                 (SELECT FROM pg_locks l WHERE l.pid = {pid} AND {})",
                is_key(key)
            ),
            unlock: format!("SELECT pg_advisory_unlock({})", number(key)),
        };
        if self.server.ask(session.prove()).await? {
            Ok(Attempt::Held(keep(session, self.server.clone())))
        } else {
            Err(GuardError::config(
                "the server gave the lock and does not show it: expected a direct connection to \
                 PostgreSQL, without a pooler",
            ))
        }
    }

    async fn look(&self, key: &str) -> Result<Option<Holder>, GuardError> {
        let options = self.options()?.application_name(MARK.trim());
        let mut connection = self.server.ask(options.connect()).await?;
        let holder = self.server.ask(find(&mut connection, key)).await?;
        let _ = self.server.ask(connection.close()).await;
        Ok(holder)
    }
}

/// The name of the first option that the driver does not know.
fn unknown_option(url: &str) -> Option<&str> {
    let query = url.split_once('?')?.1;
    let query = query.split('#').next().unwrap_or_default();
    let names = query.split('&').map(|option| option.split('=').next());
    let mut names = names.flatten().filter(|name| !name.is_empty());
    names.find(|name| !OPTIONS.contains(name) && !name.starts_with("options["))
}

/// Tries to take the lock: nothing from a standby, else whether it was free, and the number of the session.
async fn take(
    connection: &mut PgConnection,
    key: &str,
    mark: &str,
) -> Result<Option<(bool, i32)>, sqlx::Error> {
    // So that the server notices within half a minute that the machine of a holder is gone. Asked of the table of
    // settings because not every version has all of them.
    let settings = "SELECT set_config(name, CASE name WHEN 'tcp_keepalives_idle' THEN '5' \
                    WHEN 'tcp_keepalives_interval' THEN '5' WHEN 'tcp_keepalives_count' THEN '3' \
                    ELSE '20000' END, false) FROM pg_settings WHERE name IN ('tcp_keepalives_idle', \
                    'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout')";
    raw_sql(settings).execute(&mut *connection).await?;
    let statement = format!(
        "/* {mark} */ SELECT CASE WHEN pg_is_in_recovery() THEN NULL \
         ELSE pg_try_advisory_lock({}) END, pg_backend_pid()",
        number(key)
    );
    let row = ask(connection, statement).await?;
    let is_free: Option<bool> = row.try_get(0)?;
    let pid = row.try_get(1)?;
    Ok(is_free.map(|is_free| (is_free, pid)))
}

/// Who holds the lock, as the server sees it; for a session that is not ours, what it knows of any session.
async fn find(connection: &mut PgConnection, key: &str) -> Result<Option<Holder>, sqlx::Error> {
    let statement = format!(
        "SELECT l.pid, coalesce(a.query, ''), coalesce(a.application_name, ''), \
         coalesce(a.usename, ''), coalesce(host(a.client_addr), ''), \
         coalesce(extract(epoch FROM a.backend_start) * 1000, 0)::bigint \
         FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE {} LIMIT 1",
        is_key(key)
    );
    let row = raw_sql(AssertSqlSafe(statement))
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let (query, name): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    // Other users than the holder's own may see no statements.
    if let Some(holder) = marked(&query).or_else(|| marked(&name)) {
        return Ok(Some(holder));
    }
    let (pid, since): (i32, i64) = (row.try_get(0)?, row.try_get(5)?);
    let since = Duration::from_millis(u64::try_from(since).unwrap_or_default());
    Ok(Some(Holder {
        run_id: String::new(),
        task: name,
        host: row.try_get(4)?,
        pid: pid.unsigned_abs(),
        actor: row.try_get(3)?,
        since: SystemTime::UNIX_EPOCH + since,
    }))
}

async fn ask(connection: &mut PgConnection, statement: String) -> Result<PgRow, sqlx::Error> {
    // Without preparation, so that the holder's comment is part of the text that the server shows.
    let statement = raw_sql(AssertSqlSafe(statement));
    statement.fetch_one(connection).await
}

/// The key as PostgreSQL's functions take it.
fn number(key: &str) -> String {
    let signed = i64::from_be_bytes(hash(key).to_be_bytes());
    format!("'{signed}'::bigint")
}

/// The condition for the row of `pg_locks l` that the key has: a `bigint` is two halves and a 1 there.
fn is_key(key: &str) -> String {
    let hash = hash(key);
    format!(
        "l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock' AND l.objsubid = 1 \
         AND l.classid = '{}'::oid AND l.objid = '{}'::oid \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        hash >> 32,
        hash & 0xffff_ffff
    )
}

struct PgSession {
    connection: PgConnection,
    proof: String,
    unlock: String,
}

impl Session for PgSession {
    const PERIOD: Duration = Duration::from_millis(500);

    async fn prove(&mut self) -> Result<bool, sqlx::Error> {
        let row = ask(&mut self.connection, self.proof.clone()).await?;
        row.try_get(0)
    }

    async fn unlock(mut self) -> Result<bool, sqlx::Error> {
        let row = ask(&mut self.connection, self.unlock).await?;
        let was_held = row.try_get(0)?;
        let _ = self.connection.close().await;
        Ok(was_held)
    }
}

impl Guard for PostgresGuard {
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
