//! Where orders and jobs are kept.

mod error;
mod jobs;
mod orders;
mod schema;
mod sql;

use std::fs::OpenOptions;
use std::io;
use std::time::Duration;

use tf_app::Context;
use tf_app::tf_shutdown::Stage;
use tf_backing::{Locator, Sqlite};
use tokio::time::{Instant, sleep};

pub(crate) use self::error::Error;
pub(crate) use self::jobs::{Fulfilment, Job};
pub(crate) use self::orders::{Cancelled, Placed};
use self::sql::Pool;
use crate::settings::Settings;

/// How long another process may take that creates the file.
const CREATION: Duration = Duration::from_secs(5);

/// The database; clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: Pool,
}

impl Store {
    /// Opens the database for as long as the lifecycle lasts, if it is there, with whatever schema it has.
    pub(crate) fn attach(cx: &Context<Settings>) -> Result<Self, Error> {
        let pool = Pool::open(&cx.config().database_url)?;
        let closed = pool.clone();
        let close = async move || closed.close().await;
        cx.lifecycle().hook(Stage::Resources, "database", close);
        Ok(Self { pool })
    }

    /// Opens the database, and brings its schema up to date; a file is created where the URL allows it.
    pub(crate) async fn prepare(cx: &Context<Settings>) -> Result<Self, Error> {
        create_file(&cx.config().database_url)?;
        let store = Self::attach(cx)?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens the database if its schema is up to date. Only a file that this call creates is migrated by it.
    pub(crate) async fn open(cx: &Context<Settings>) -> Result<Self, Error> {
        let file = create_file(&cx.config().database_url)?;
        let store = Self::attach(cx)?;
        if file == File::Created {
            tracing::info!(event.action = "database.created", "created the database");
            store.migrate().await?;
        }
        let patience = Instant::now() + CREATION;
        loop {
            let pending = store.pending().await?;
            let Some(first) = pending.first() else {
                return Ok(store);
            };
            // Perhaps the process that has created the file is about to migrate it.
            if file != File::There || Instant::now() >= patience {
                return Err(Error::Pending(pending.len(), first));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// What there is of a database that may be created.
#[derive(PartialEq, Eq)]
enum File {
    Created,
    There,
    /// It is not ours to create.
    Foreign,
}

/// Creates the file where the URL allows it, unless somebody has.
fn create_file(locator: &Locator) -> Result<File, Error> {
    let Ok(sqlite) = Sqlite::try_from(locator.clone()) else {
        return Ok(File::Foreign);
    };
    let mode = sqlite.locator().options().get("mode");
    let may_create = mode.is_some_and(|mode| mode.expose_value() == "rwc");
    let Some(path) = sqlite.path().filter(|_| may_create) else {
        return Ok(File::Foreign);
    };
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => Ok(File::Created),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(File::There),
        Err(error) => Err(Error::File(error)),
    }
}
