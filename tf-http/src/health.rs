//! What platforms ask a service: alive, ready, started?

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use tf_shutdown::{Lifecycle, State};
use tokio::sync::Mutex;
use tokio::time::{self, Instant};
use tower_service::Service;

use crate::body::Text;

/// Answers `/livez`, `/readyz` and `/startupz`; cheap to clone.
///
/// | path | 200 | 503 |
/// |---|---|---|
/// | `/livez` | always: who answers is alive | never |
/// | `/startupz` | from [`Lifecycle::ready`] on | before |
/// | `/readyz` | running and every check passes | starting, a check fails, or from the lame duck on |
///
/// The answer is a JSON document: `status`, `state`, and per check whether it passed and how long it took. Why a check failed
/// is not told to whoever asks; it is in the log, as the event `health.check` at each change.
///
/// It is a tower service, so it can be a route of its own; [`Server::health`](crate::Server::health) puts it in
/// front of any service, and [`serve`](crate::serve) of a second listener gives it a port of its own.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use tf_http::Health;
/// use tf_shutdown::{Lifecycle, Options};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let health = Health::builder(&life)
///     .check("database", async || Err::<(), _>("connection refused"))
///     .build();
/// life.ready();
///
/// assert_eq!(health.live().status(), 200);
/// assert_eq!(health.ready().await.status(), 503);
/// # }
/// ```
#[derive(Clone)]
pub struct Health {
    inner: Arc<Inner>,
}

struct Inner {
    life: Lifecycle,
    checks: Vec<Arc<Check>>,
}

/// Collects the checks of a [`Health`]; made by [`Health::builder`].
#[must_use = "nothing answers before `build`"]
pub struct HealthBuilder {
    life: Lifecycle,
    timeout: Duration,
    cache: Duration,
    checks: Vec<(&'static str, Ask)>,
}

type Verdict = Result<(), Box<dyn Error + Send + Sync>>;
type Ask = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Verdict> + Send>> + Send + Sync>;

struct Check {
    name: &'static str,
    ask: Ask,
    timeout: Duration,
    cache: Duration,
    /// Held while the check runs, so that many who ask at once cause one run.
    last: Mutex<Option<Finding>>,
}

#[derive(Clone, Copy)]
struct Finding {
    status: Status,
    took: Duration,
    at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Pass,
    Fail,
    Timeout,
    Panic,
}

impl Health {
    /// Collects checks; without any, readiness is that of the lifecycle.
    pub fn builder(life: &Lifecycle) -> HealthBuilder {
        HealthBuilder {
            life: life.clone(),
            timeout: Duration::from_secs(1),
            cache: Duration::from_secs(1),
            checks: Vec::new(),
        }
    }

    /// The answer of `/livez`.
    pub fn live(&self) -> Response<Text> {
        self.answer(true, Map::new())
    }

    /// The answer of `/startupz`.
    pub fn started(&self) -> Response<Text> {
        self.answer(self.inner.life.state() != State::Starting, Map::new())
    }

    /// The answer of `/readyz`: runs the checks whose last result is too old, all at once.
    ///
    /// # Cancel safety
    ///
    /// Safe: checks that run go on in tasks of their own, and the next answer has their results.
    pub async fn ready(&self) -> Response<Text> {
        let is_running = self.inner.life.state() == State::Running;
        // While it starts or stops the answer is known, and the services behind may be closed.
        if !is_running {
            return self.answer(false, Map::new());
        }
        let checks = self.inner.checks.iter();
        let running: Vec<_> = checks
            .map(|check| tokio::spawn(find(Arc::clone(check))))
            .collect();
        let mut details = Map::new();
        let mut all_pass = true;
        for (check, running) in self.inner.checks.iter().zip(running) {
            // Only the end of the runtime keeps a finding away.
            let (status, took) = running.await.unwrap_or((Status::Fail, Duration::ZERO));
            all_pass &= status == Status::Pass;
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            details.insert(
                check.name.to_owned(),
                json!({ "status": status.word(), "took_ms": millis }),
            );
        }
        // It may have changed meanwhile.
        let is_running = self.inner.life.state() == State::Running;
        self.answer(is_running && all_pass, details)
    }

    /// Answers a request for one of the three paths; `None` for others.
    ///
    /// # Cancel safety
    ///
    /// As safe as [`ready`](Self::ready).
    pub async fn respond<B>(&self, request: &Request<B>) -> Option<Response<Text>> {
        self.respond_to(request.method().clone(), request.uri().path())
            .await
    }

    pub(crate) fn is_for<B>(request: &Request<B>) -> bool {
        matches!(request.uri().path(), "/livez" | "/readyz" | "/startupz")
    }

    async fn respond_to(&self, method: Method, path: &str) -> Option<Response<Text>> {
        if !matches!(path, "/livez" | "/readyz" | "/startupz") {
            return None;
        }
        if method != Method::GET && method != Method::HEAD {
            let mut refused = Response::new(Text::empty());
            *refused.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            refused
                .headers_mut()
                .insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
            return Some(refused);
        }
        Some(match path {
            "/livez" => self.live(),
            "/startupz" => self.started(),
            _ => self.ready().await,
        })
    }

    fn answer(&self, passes: bool, checks: Map<String, Value>) -> Response<Text> {
        let mut document = Map::new();
        let status = if passes { "pass" } else { "fail" };
        document.insert("status".to_owned(), status.into());
        document.insert(
            "state".to_owned(),
            self.inner.life.state().to_string().into(),
        );
        if !checks.is_empty() {
            document.insert("checks".to_owned(), checks.into());
        }
        let mut response = Response::new(Text::from(Value::from(document).to_string()));
        if !passes {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        headers.insert(
            header::CACHE_CONTROL,
            header::HeaderValue::from_static("no-store"),
        );
        response
    }
}

impl HealthBuilder {
    /// Adds a check under a name that may be shown to everybody.
    ///
    /// Its error goes to the log by `Display`; it must hide its own secrets, as tf-backing's errors do.
    pub fn check<F, Fut, E>(mut self, name: &'static str, ask: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let ask: Ask = Box::new(move || {
            let asked = ask();
            Box::pin(async move { asked.await.map_err(Into::into) })
        });
        self.checks.push((name, ask));
        self
    }

    /// How long a check may take before it has failed; 1 second by default.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How long a result is used again; 1 second by default.
    pub fn cache(mut self, age: Duration) -> Self {
        self.cache = age;
        self
    }

    /// The service that answers.
    pub fn build(self) -> Health {
        let Self {
            life,
            timeout,
            cache,
            checks,
        } = self;
        let checks = checks.into_iter().map(|(name, ask)| {
            Arc::new(Check {
                name,
                ask,
                timeout,
                cache,
                last: Mutex::new(None),
            })
        });
        let checks = checks.collect();
        Health {
            inner: Arc::new(Inner { life, checks }),
        }
    }
}

/// The last result where it is fresh, else a new one.
async fn find(check: Arc<Check>) -> (Status, Duration) {
    let wanted = Instant::now();
    let mut last = check.last.lock().await;
    if let Some(finding) = *last {
        // Whoever waited for a run takes its result, however short results are kept.
        if finding.at >= wanted || finding.at.elapsed() < check.cache {
            return (finding.status, finding.took);
        }
    }
    let began = Instant::now();
    // A task of its own, so that a panic is a result.
    let asking = Arc::clone(&check);
    let asked = tokio::spawn(async move { (asking.ask)().await });
    let abort = asked.abort_handle();
    let (status, reason) = match time::timeout(check.timeout, asked).await {
        Ok(Ok(Ok(()))) => (Status::Pass, None),
        Ok(Ok(Err(error))) => (Status::Fail, Some(error)),
        Ok(Err(_)) => (Status::Panic, None),
        Err(_) => {
            abort.abort();
            (Status::Timeout, None)
        }
    };
    let at = Instant::now();
    let took = at - began;
    if last.is_none_or(|last| last.status != status) {
        log(check.name, status, took, reason.as_deref());
    }
    *last = Some(Finding { status, took, at });
    (status, took)
}

fn log(
    name: &str,
    status: Status,
    took: Duration,
    reason: Option<&(dyn Error + Send + Sync + 'static)>,
) {
    let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let reason = reason.map(tracing::field::display);
    macro_rules! event {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                event.action = "health.check",
                health.check = name,
                health.status = status.word(),
                health.took_ms = took,
                health.reason = reason,
                $text
            )
        };
    }
    match status {
        Status::Pass => event!(info, "health check passes"),
        _ => event!(warn, "health check fails"),
    }
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Timeout => "timeout",
            Self::Panic => "panic",
        }
    }
}

/// Answers the three paths, and 404 on others.
impl<B> Service<Request<B>> for Health {
    type Response = Response<Text>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let health = self.clone();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        Box::pin(async move {
            let found = health.respond_to(method, &path).await;
            Ok(found.unwrap_or_else(|| {
                let mut missing = Response::new(Text::empty());
                *missing.status_mut() = StatusCode::NOT_FOUND;
                missing
            }))
        })
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.inner.checks.iter().map(|check| check.name).collect();
        f.debug_struct("Health")
            .field("checks", &names)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HealthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|(name, _)| name).collect();
        f.debug_struct("HealthBuilder")
            .field("checks", &names)
            .finish_non_exhaustive()
    }
}
