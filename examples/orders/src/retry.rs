//! Waiting before something is tried again.

use std::time::Duration;

use tf_app::tf_shutdown::Token;
use tokio::time::sleep;

/// Longer each time, within limits.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(5);

    pub(crate) fn new() -> Self {
        Self { next: Self::FIRST }
    }

    /// Waits.
    pub(crate) async fn wait(&mut self) {
        let now = self.next;
        self.next = (now * 2).min(Self::LONGEST);
        sleep(now).await;
    }

    /// Waits; `None` when the service stops.
    pub(crate) async fn unless_stopping(&mut self, token: &Token) -> Option<()> {
        token.until_stopping(self.wait()).await
    }

    /// Begins anew, after a success.
    pub(crate) fn reset(&mut self) {
        self.next = Self::FIRST;
    }
}
