//! What a probe found, endpoint by endpoint.

use std::fmt;
use std::time::Duration;

use super::outcome::{Outcome, Reason};
use super::protocol::Verdict;

/// What a probe found at every endpoint of a locator.
///
/// Holds no user, password or option. `Display` gives a line for each endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    service: String,
    endpoints: Vec<EndpointReport>,
    took: Duration,
}

impl Report {
    /// A report has at least one endpoint: where the locator has none, one that says so.
    pub(super) fn new(service: String, mut endpoints: Vec<EndpointReport>, took: Duration) -> Self {
        if endpoints.is_empty() {
            let verdict = Verdict::not_ready(Reason::NoEndpoint);
            endpoints.push(EndpointReport::new(service.clone(), verdict, took));
        }
        Self {
            service,
            endpoints,
            took,
        }
    }

    /// Returns the [`identity`](crate::Locator::identity) of the locator.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Returns what was found at each endpoint, in the order of the locator; at least one.
    pub fn endpoints(&self) -> &[EndpointReport] {
        &self.endpoints
    }

    /// Returns the best outcome of all endpoints.
    pub fn best(&self) -> Outcome {
        let outcomes = self.endpoints.iter().map(EndpointReport::outcome);
        outcomes
            .min_by_key(|outcome| outcome.rank())
            .unwrap_or(Outcome::NotReady(Reason::NoEndpoint))
    }

    /// Returns the worst outcome of all endpoints.
    pub fn worst(&self) -> Outcome {
        let outcomes = self.endpoints.iter().map(EndpointReport::outcome);
        outcomes
            .max_by_key(|outcome| outcome.rank())
            .unwrap_or(Outcome::NotReady(Reason::NoEndpoint))
    }

    /// Returns whether at least one endpoint is ready.
    pub fn is_ready(&self) -> bool {
        self.best() == Outcome::Ready
    }

    /// Returns whether at least one endpoint is ready or reachable.
    pub fn is_reachable(&self) -> bool {
        self.best().is_reachable()
    }

    /// Returns how long the probe took.
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, endpoint) in self.endpoints.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{endpoint}")?;
        }
        Ok(())
    }
}

/// What a probe found at one endpoint.
///
/// `Display` gives a line such as `db:5432 is ready (15.4), 3 ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointReport {
    endpoint: String,
    verdict: Verdict,
    took: Duration,
}

impl EndpointReport {
    pub(super) fn new(endpoint: String, verdict: Verdict, took: Duration) -> Self {
        Self {
            endpoint,
            verdict,
            took,
        }
    }

    /// Returns the host and port, the socket or the file.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns what was found.
    pub fn outcome(&self) -> Outcome {
        self.verdict.outcome
    }

    /// Returns the server's version, where its protocol gives it.
    pub fn server(&self) -> Option<&str> {
        self.verdict.server.as_deref()
    }

    /// Returns what else there is to say, such as `TLS answered` or `use rediss://`.
    pub fn detail(&self) -> Option<&str> {
        self.verdict.detail.as_deref()
    }

    /// Returns how long it took.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The words after the endpoint.
    pub(crate) fn state(&self) -> impl fmt::Display + '_ {
        State(&self.verdict)
    }
}

impl fmt::Display for EndpointReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.took.as_millis();
        write!(f, "{} is {}, {millis} ms", self.endpoint, self.state())
    }
}

struct State<'a>(&'a Verdict);

impl fmt::Display for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.outcome)?;
        if let Some(server) = &self.0.server {
            write!(f, " ({server})")?;
        }
        match &self.0.detail {
            Some(detail) => write!(f, "; {detail}"),
            None => Ok(()),
        }
    }
}
