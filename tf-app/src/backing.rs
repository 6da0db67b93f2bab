//! Waits for backing services, and asks them.

use std::time::Duration;

use tf_backing::{Change, Locator, Wait};
use tokio::time::{Instant, sleep_until};

/// A backing service of the app.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) name: &'static str,
    pub(crate) locator: Locator,
    /// Whether the app is of no use without it.
    pub(crate) is_needed: bool,
}

/// A start that fails faster would be tried again and again by whoever keeps the service running.
const LEAST: Duration = Duration::from_secs(1);

/// Waits until every service that is needed is there, or gives the text that says which are not.
pub(crate) async fn wait(backing: &[Attached], limit: Duration) -> Result<(), String> {
    let mut needed: Vec<&Locator> = Vec::new();
    for service in backing.iter().filter(|service| service.is_needed) {
        // Two names may be given to one service.
        if !needed.contains(&&service.locator) {
            needed.push(&service.locator);
        }
    }
    if needed.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    let wait = Wait::for_all(needed)
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

fn tell(backing: &[Attached], change: &Change) {
    let named = backing
        .iter()
        .filter(|service| service.locator.identity() == change.service());
    let names: Vec<_> = named.map(|service| service.name).collect();
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
