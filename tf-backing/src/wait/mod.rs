//! Waits until services are there.

mod backoff;
mod change;
mod error;
mod run;
mod watch;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use change::Change;
pub use error::{WaitError, WaitErrorKind};

use crate::locator::Locator;
use crate::probe::{Outcome, ProbeOptions, Report};

/// Waits until every one of some services answers.
///
/// | setting | default |
/// |---|---|
/// | [`timeout`](Self::timeout) | 30 s in all |
/// | [`consecutive`](Self::consecutive) | 1 |
/// | [`require_ready`](Self::require_ready) | no: [`Reachable`](Outcome::Reachable) is enough |
/// | [`any_of_hosts`](Self::any_of_hosts) | yes: of a host list one is enough |
/// | [`probe_options`](Self::probe_options) | those of [`ProbeOptions::new`] |
///
/// All services are asked side by side. After a failure the next probe of that service follows in
/// 100 ms, then 200 ms and so on up to 2 s, each shortened by a random part of at most its half;
/// between successes in a row lie 500 ms.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tf_backing::{Locator, Wait};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let port = server.local_addr()?.port();
/// # tokio::spawn(async move {
/// #     let (mut stream, _) = server.accept().await.unwrap();
/// #     tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 hello\r\n").await.unwrap();
/// # });
/// let mail: Locator = format!("smtp://127.0.0.1:{port}").parse()?;
/// let mut lines = Vec::new();
/// let report = Wait::for_all([&mail])
///     .timeout(Duration::from_secs(10))
///     .on_change(|change| lines.push(change.to_string()))
///     .run()
///     .await?;
/// assert!(report.services()[0].is_ready());
/// assert!(lines[0].contains("is ready"));
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before `run`"]
pub struct Wait<'a> {
    locators: Vec<&'a Locator>,
    timeout: Duration,
    goal: Goal,
    options: ProbeOptions,
    cancel: Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
    on_change: Option<OnChange<'a>>,
}

type OnChange<'a> = Box<dyn FnMut(&Change) + Send + 'a>;

/// When a service is there.
#[derive(Debug, Clone, Copy)]
struct Goal {
    consecutive: u32,
    require_ready: bool,
    all_hosts: bool,
}

impl Goal {
    /// The outcome that counts of a locator with several hosts.
    fn outcome(self, report: &Report) -> Outcome {
        match self.all_hosts {
            true => report.worst(),
            false => report.best(),
        }
    }

    fn is_met(self, outcome: Outcome) -> bool {
        match self.require_ready {
            true => outcome == Outcome::Ready,
            false => outcome.is_reachable(),
        }
    }
}

impl<'a> Wait<'a> {
    /// Begins to describe a wait for all of these services.
    pub fn for_all(locators: impl IntoIterator<Item = &'a Locator>) -> Self {
        Self {
            locators: locators.into_iter().collect(),
            timeout: Duration::from_secs(30),
            goal: Goal {
                consecutive: 1,
                require_ready: false,
                all_hosts: false,
            },
            options: ProbeOptions::new(),
            cancel: None,
            on_change: None,
        }
    }

    /// Sets how long to wait in all.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how many probes in a row must succeed, at least 1.
    ///
    /// Helps where a server starts twice, as images of databases do when they first initialise.
    pub fn consecutive(mut self, times: u32) -> Self {
        self.goal.consecutive = times.max(1);
        self
    }

    /// Takes nothing less than [`Ready`](Outcome::Ready).
    ///
    /// A locator with TLS never gets that far: inside TLS no probe looks, but for PostgreSQL and
    /// MySQL, which begin in plain text.
    pub fn require_ready(mut self) -> Self {
        self.goal.require_ready = true;
        self
    }

    /// Takes a host list as there when one of its hosts is.
    pub fn any_of_hosts(mut self) -> Self {
        self.goal.all_hosts = false;
        self
    }

    /// Takes a host list as there only when all of its hosts are.
    pub fn all_of_hosts(mut self) -> Self {
        self.goal.all_hosts = true;
        self
    }

    /// Sets how each probe asks.
    pub fn probe_options(mut self, options: ProbeOptions) -> Self {
        self.options = options;
        self
    }

    /// Gives up when this future ends, such as the token of a shutdown.
    pub fn cancel_on<F>(mut self, future: F) -> Self
    where
        F: Future + Send + 'a,
    {
        self.cancel = Some(Box::pin(async move {
            future.await;
        }));
        self
    }

    /// Calls back whenever an endpoint's outcome changes, the first time included.
    ///
    /// A [`Change`] holds nothing secret and is shown as one line. The call must not block.
    pub fn on_change(mut self, call: impl FnMut(&Change) + Send + 'a) -> Self {
        self.on_change = Some(Box::new(call));
        self
    }

    /// Waits until every service is there.
    ///
    /// # Errors
    ///
    /// - [`Timeout`](WaitErrorKind::Timeout): the time is over.
    /// - [`Cancelled`](WaitErrorKind::Cancelled): the future of [`cancel_on`](Self::cancel_on) ended.
    /// - [`Hopeless`](WaitErrorKind::Hopeless): a service refuses the credentials, does not offer
    ///   the TLS asked for, or has no endpoint; or three probes in a row met another protocol or a
    ///   port that wants TLS. Of a host list, all hosts must be so, or one with
    ///   [`all_of_hosts`](Self::all_of_hosts). Refused connections, unknown names and everything
    ///   else is tried again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connections of its probes and loses nothing else.
    pub async fn run(self) -> Result<WaitReport, WaitError> {
        run::run(self).await
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("locators", &self.locators)
            .field("timeout", &self.timeout)
            .field("goal", &self.goal)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What the services said when all were there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitReport {
    services: Vec<Report>,
    took: Duration,
}

impl WaitReport {
    /// Returns the last report of each service, in the order given.
    pub fn services(&self) -> &[Report] {
        &self.services
    }

    /// Returns how long it took until all were there.
    pub fn took(&self) -> Duration {
        self.took
    }
}
