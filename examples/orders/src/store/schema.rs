//! The schema, in steps that the binary carries.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::sql::{Pool, each};
use super::{Error, Store};

/// A step: its name, and its text for each database.
struct Step {
    name: &'static str,
    sqlite: &'static str,
    mysql: &'static str,
    postgres: &'static str,
}

macro_rules! step {
    ($name:literal) => {
        Step {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            mysql: include_str!(concat!("../../migrations/mysql/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// In order; the number of a step is its place. A step that was released is never changed, only followed.
const STEPS: [Step; 1] = [step!("0001_orders")];

impl Store {
    /// Names the steps that the database has not seen.
    pub(crate) async fn pending(&self) -> Result<Vec<&'static str>, Error> {
        let seen = "SELECT version FROM _sqlx_migrations WHERE success = TRUE";
        let rows = match self.pool.fetch(seen, &[]).await {
            Ok(rows) => rows,
            Err(error) if error.is_missing_table() => Vec::new(),
            Err(error) => return Err(error),
        };
        let seen: Result<Vec<_>, _> = rows.iter().map(|row| row.int("version")).collect();
        let seen = seen?;
        let steps = (1..).zip(&STEPS);
        let steps = steps.filter(|(version, _)| !seen.contains(version));
        Ok(steps.map(|(_, step)| step.name).collect())
    }

    /// Brings the schema up to date. Whoever comes second waits, where the database has locks for it.
    pub(crate) async fn migrate(&self) -> Result<(), Error> {
        let steps = (1..).zip(&STEPS).map(|(version, step)| {
            let sql = match &self.pool {
                Pool::Sqlite(_) => step.sqlite,
                Pool::MySql(_) => step.mysql,
                Pool::Postgres(_) => step.postgres,
            };
            let name = step.name.into();
            Migration::new(
                version,
                name,
                MigrationType::Simple,
                sql.into_sql_str(),
                false,
            )
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        // An older release must run on the schema of a newer one, or nothing could be rolled back.
        migrator.set_ignore_missing(true);
        each!(&self.pool, Pool(pool) => migrator.run(pool).await?);
        Ok(())
    }
}
