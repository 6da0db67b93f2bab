//! Why the database does not do what it is asked.

use std::fmt;

/// Why the database does not do what it is asked; safe to log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The URL asks for something that the driver does not have.
    #[error("`DATABASE_URL`: {0}")]
    Config(String),
    #[error("the file of the database cannot be created: {0}")]
    File(std::io::Error),
    /// So many migrations, and the first of them.
    #[error("{0} migration(s) pending, from `{1}` on; run `orders admin migrate`")]
    Pending(usize, &'static str),
    #[error("a migration failed: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    #[error("the database: {0}")]
    Sql(sqlx::Error),
    /// What is kept is not what the service writes.
    #[error("order {0} cannot be read: {1}")]
    Damaged(String, String),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migrate(error)
    }
}

impl Error {
    pub(super) fn config(error: impl fmt::Display) -> Self {
        Self::Config(error.to_string())
    }

    /// Whether the same may go well a little later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                // PostgreSQL: connection, conflict, resources, shutdown; MySQL: shutdown, deadlock; SQLite: busy.
                let classes = ["08", "40", "53", "57", "70100"];
                classes.iter().any(|class| code.starts_with(class)) || code == "5" || code == "517"
            }
            Self::Sql(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::WorkerCrashed
            ),
            _ => false,
        }
    }

    /// Whether the same never goes well.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, Self::Damaged(..))
    }

    /// Whether a row with the same key is there already.
    pub(super) fn is_duplicate(&self) -> bool {
        let Self::Sql(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.is_unique_violation()
    }

    /// Whether the table is not there, nor perhaps the file.
    pub(super) fn is_missing_table(&self) -> bool {
        let Self::Sql(sqlx::Error::Database(error)) = self else {
            return false;
        };
        let code = error.code().unwrap_or_default();
        const NO_FILE: &str = "14";
        code == NO_FILE
            || code == "42P01"
            || code == "42S02"
            || error.message().starts_with("no such table")
    }
}
