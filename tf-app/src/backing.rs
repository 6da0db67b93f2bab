//! Waits for backing services, and asks them.

use std::time::Duration;

use tf_backing::{Change, Locator, Wait};
use tokio::time::{Instant, sleep_until};

pub(crate) type Backing = [(&'static str, Locator)];

/// A start that fails faster would be tried again and again by whoever keeps the service running.
const LEAST: Duration = Duration::from_secs(1);

/// Waits until every service is there, or gives the text that says which are not.
pub(crate) async fn wait(backing: &Backing, limit: Duration) -> Result<(), String> {
    if backing.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    let wait = Wait::for_all(backing.iter().map(|(_, locator)| locator))
        .timeout(limit)
        .on_change(|change| tell(backing, change));
    match wait.run().await {
        Ok(report) => {
            tracing::info!(
                event.action = "backing.ready",
                backing.took_ms = millis(report.took()),
                "backing services are there"
            );
            Ok(())
        }
        Err(error) => {
            sleep_until(began + LEAST).await;
            let text = format!("backing services: {error}");
            tracing::error!(
                event.action = "backing.unavailable",
                backing.took_ms = millis(began.elapsed()),
                "{text}"
            );
            Err(text)
        }
    }
}

fn tell(backing: &Backing, change: &Change) {
    let named = backing
        .iter()
        .filter(|(_, locator)| locator.identity() == change.service());
    let names: Vec<_> = named.map(|(name, _)| *name).collect();
    let endpoint = change.endpoint();
    macro_rules! event {
        ($level:ident) => {
            tracing::$level!(
                event.action = "backing.changed",
                backing.name = names.join(" "),
                backing.service = change.service(),
                backing.endpoint = endpoint.endpoint(),
                backing.outcome = %endpoint.outcome(),
                backing.after_ms = millis(change.after()),
                "{change}"
            )
        };
    }
    match endpoint.outcome().is_reachable() {
        true => event!(info),
        false => event!(warn),
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
