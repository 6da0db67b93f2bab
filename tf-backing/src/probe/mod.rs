//! Asks services whether they are ready, each in its own protocol and without its driver.

mod connect;
mod exchange;
mod file;
mod identify;
mod join;
mod kinds;
mod looks;
mod options;
mod outcome;
mod protocol;
mod report;

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::task;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

pub use options::ProbeOptions;
pub use outcome::{Looks, Outcome, Reason};
pub use protocol::{Protocol, Step, Verdict};
pub use report::{EndpointReport, Report};

use self::connect::connect;
use self::exchange::{End, Exchange};
use self::looks::{fits, recognise};
use crate::host::Endpoint;
use crate::kind::Kind;
use crate::locator::Locator;
use crate::views::Sqlite;

/// Asks every endpoint of a locator, in the service's own protocol, whether it is ready.
///
/// Never fails: whatever goes wrong is an [`Outcome`]. All endpoints are asked at the same time,
/// each within [`ProbeOptions::timeout`]; of each at most 4 KiB are read. What is sent and what
/// each answer means stands in the crate's table of probes.
///
/// Needs a tokio runtime with input, output and time.
///
/// # Cancel safety
///
/// Dropping the future closes its connections and loses nothing else.
///
/// # Examples
///
/// ```
/// use tf_backing::{Locator, Outcome, ProbeOptions, probe};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A port on which nothing listens any more.
/// let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
/// let db: Locator = format!("postgres://app:s3cret@127.0.0.1:{port}/orders").parse()?;
///
/// let report = probe(&db, &ProbeOptions::new()).await;
/// assert_eq!(report.best(), Outcome::Refused);
/// assert!(report.to_string().starts_with(&format!("127.0.0.1:{port} is refusing connections")));
/// # Ok(())
/// # }
/// ```
pub async fn probe(locator: &Locator, options: &ProbeOptions) -> Report {
    let started = Instant::now();
    let reports = match locator.kind() {
        Kind::Sqlite => vec![probe_file(locator, options).await],
        _ => {
            let endpoints = locator.endpoints();
            let probes = endpoints
                .iter()
                .map(|endpoint| probe_endpoint(locator, endpoint, options));
            join::all(probes).await
        }
    };
    Report::new(locator.identity(), reports, started.elapsed())
}

/// Longer times are cut: an instant has an end.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

async fn probe_file(locator: &Locator, options: &ProbeOptions) -> EndpointReport {
    let started = Instant::now();
    let view = Sqlite::try_from(locator.clone());
    let path = view.ok().and_then(|view| view.path().map(str::to_owned));
    let (name, verdict) = match path {
        None => (":memory:".to_owned(), Verdict::ready()),
        Some(path) => {
            let name = path.clone();
            let look = task::spawn_blocking(move || file::look(path.as_ref()));
            let verdict = match timeout(options.timeout, look).await {
                Ok(Ok(verdict)) => verdict,
                Ok(Err(_)) | Err(_) => Verdict::of(Outcome::Timeout),
            };
            (name, verdict)
        }
    };
    EndpointReport::new(name, verdict, started.elapsed())
}

async fn probe_endpoint(
    locator: &Locator,
    endpoint: &Endpoint,
    options: &ProbeOptions,
) -> EndpointReport {
    let started = Instant::now();
    let mut verdict = match options.choose(locator, endpoint) {
        Some(mut protocol) => {
            let asked = Asked {
                locator,
                endpoint,
                identify: options.identify,
                deadline: started + options.timeout.min(LONGEST),
            };
            asked.run(&mut *protocol).await
        }
        None => Verdict::not_ready(Reason::NoEndpoint),
    };
    let password = locator
        .password()
        .map_or("", |password| password.expose_secret());
    // A server that sends back what it was sent must not bring the password into a log.
    if !password.is_empty()
        && verdict
            .server
            .as_ref()
            .is_some_and(|text| text.contains(password))
    {
        verdict.server = None;
    }
    EndpointReport::new(endpoint.to_string(), verdict, started.elapsed())
}

/// One endpoint and how long it may take.
struct Asked<'a> {
    locator: &'a Locator,
    endpoint: &'a Endpoint,
    identify: bool,
    deadline: Instant,
}

impl Asked<'_> {
    async fn run(&self, protocol: &mut dyn Protocol) -> Verdict {
        let mut opening = match protocol.opening() {
            Step::Send(bytes) | Step::Reconnect(bytes) => Some(Zeroizing::new(bytes)),
            Step::Read | Step::Foreign => None,
            // A connection is all that this protocol wants.
            Step::Done(verdict) => {
                let connection = connect(self.endpoint, self.deadline).await;
                return connection.map_or_else(|refused| refused, |_| verdict);
            }
        };
        // One connection, and one more for a protocol that needs it.
        for _ in 0..2 {
            let connection = match connect(self.endpoint, self.deadline).await {
                Ok(connection) => connection,
                Err(verdict) => return verdict,
            };
            let mut exchange = Exchange::new(connection, protocol, self.deadline);
            if let Some(bytes) = opening {
                exchange.send(bytes).await;
            }
            match self.exchange(&mut exchange).await {
                End::Reconnect(bytes) => opening = Some(bytes),
                end => return self.verdict(end).await,
            }
        }
        Verdict::not_ready(Reason::Closed)
    }

    /// Uses half of the time; when nothing has come, finds out why and uses the rest.
    async fn exchange(&self, exchange: &mut Exchange<'_>) -> End {
        let end = exchange.run(self.part(2)).await;
        if end != End::Silent {
            return end;
        }
        if self.identify {
            let looks = identify::identify(self.endpoint, false, self.part(2)).await;
            if let Some(looks) = looks.filter(|looks| !self.is_expected(*looks)) {
                return End::Done(self.other(looks));
            }
        }
        exchange.run(self.deadline).await
    }

    async fn verdict(&self, end: End) -> Verdict {
        let closed = Verdict::not_ready(Reason::Closed);
        match end {
            End::Done(verdict) => verdict,
            End::Foreign(bytes) => match recognise(&bytes) {
                Looks::Unknown => self.identify(Verdict::wrong_protocol(Looks::Unknown)).await,
                looks => self.other(looks),
            },
            End::Closed => self.identify(closed).await,
            End::Reconnect(_) => closed,
            End::Timeout | End::Silent => Verdict::of(Outcome::Timeout).detail("no answer"),
        }
    }

    /// Finds out what listens; where that is not another protocol, it stays at `verdict`.
    async fn identify(&self, verdict: Verdict) -> Verdict {
        if !self.identify {
            return verdict;
        }
        let looks = identify::identify(self.endpoint, true, self.part(1)).await;
        match looks.filter(|looks| !self.is_expected(*looks)) {
            Some(looks) => self.other(looks),
            None => verdict,
        }
    }

    /// Whether this is what the locator asks for.
    fn is_expected(&self, looks: Looks) -> bool {
        match looks {
            Looks::Tls => self.is_tls(),
            looks => fits(self.locator.kind(), looks) && !self.is_tls(),
        }
    }

    fn is_tls(&self) -> bool {
        kinds::begins_with_tls(self.locator)
    }

    /// The verdict on another protocol, with what to do about it.
    fn other(&self, looks: Looks) -> Verdict {
        let kind = self.locator.kind();
        match (looks, kinds::tls_switch(kind)) {
            (Looks::Tls, Some(switch)) if !self.is_tls() => {
                Verdict::of(Outcome::TlsRequired).detail(switch)
            }
            (looks, _) if self.is_tls() && fits(kind, looks) => {
                Verdict::wrong_protocol(looks).detail("the port speaks plain text, not TLS")
            }
            (looks, _) => Verdict::wrong_protocol(looks),
        }
    }

    /// The end of one of so many parts of the time that is left.
    fn part(&self, parts: u32) -> Instant {
        let now = Instant::now();
        now + self.deadline.saturating_duration_since(now) / parts
    }
}
