//! One endpoint whose outcome has changed.

use std::fmt;
use std::time::Duration;

use crate::probe::{EndpointReport, Outcome};

/// A change of one endpoint's outcome while waiting.
///
/// Holds nothing secret. `Display` gives one line, such as
/// `postgres://db:5432/orders: db:5432 is ready (15.4) after 812 ms; was refusing connections`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(super) service: String,
    pub(super) endpoint: EndpointReport,
    pub(super) before: Option<Outcome>,
    pub(super) after: Duration,
}

impl Change {
    /// Returns the [`identity`](crate::Locator::identity) of the service.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Returns what the probe has found now.
    pub fn endpoint(&self) -> &EndpointReport {
        &self.endpoint
    }

    /// Returns the outcome before; `None` the first time.
    pub fn before(&self) -> Option<Outcome> {
        self.before
    }

    /// Returns how long the wait has lasted so far.
    pub fn after(&self) -> Duration {
        self.after
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, state) = (self.endpoint.endpoint(), self.endpoint.state());
        let millis = self.after.as_millis();
        write!(f, "{}: {name} is {state} after {millis} ms", self.service)?;
        match self.before {
            Some(before) => write!(f, "; was {before}"),
            None => Ok(()),
        }
    }
}
