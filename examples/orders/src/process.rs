//! How the process types begin.

use std::time::Duration;

use tf_app::Context;
use tf_app::tf_shutdown::Reason;
use tokio::time::sleep;

use crate::settings::Settings;
use crate::store::{Error, Store};

/// Why a process failed.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

const UNAVAILABLE: u8 = 69;
/// Whoever keeps the service running would try at once, again and again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a database that was there when the process started may fail.
const TRIES: u32 = 3;

/// Opens the database. Where it is not usable, stops the service with the reason and gives nothing.
pub(crate) async fn begin(cx: &Context<Settings>) -> Option<Store> {
    let mut tries = 1;
    let error = loop {
        match Store::open(cx).await {
            Ok(store) => return Some(store),
            Err(error) if error.is_passing() && tries < TRIES => {
                tracing::warn!(event.action = "database.failed", "{error}");
                tries += 1;
                sleep(PAUSE).await;
            }
            Err(error) => break error,
        }
    };
    refuse(cx, &error).await;
    None
}

async fn refuse(cx: &Context<Settings>, error: &Error) {
    let error = error.to_string();
    tracing::error!(event.action = "database.unusable", "{error}");
    sleep(PAUSE).await;
    cx.lifecycle().stop(Reason::CannotStart {
        error,
        code: UNAVAILABLE,
    });
}
