//! The server and its options.

use std::error::Error as StdError;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tf_shutdown::Lifecycle;
use tokio::sync::Semaphore;
use tower_service::Service;

use crate::connection::Times;
use crate::error::Error;
use crate::health::Health;
use crate::intake;
use crate::listener::Listener;
#[cfg(doc)]
use crate::peer::Peer;

/// Serves HTTP/1.1 and HTTP/2 on a listener until the lifecycle stops; [`Server`] with its defaults.
///
/// `service` is any tower service, such as an axum `Router`; each connection gets a clone. Connections are counted in the
/// group `http` of the lifecycle, which waits for them and drops what is left when the time is up.
///
/// The future borrows nothing, so it can be spawned: `life.spawn_essential("http", serve(listener, router, &life))`. It
/// ends when the listener takes no more connections, which is when nothing new is to be begun.
///
/// # Errors
///
/// The listener cannot be used on this runtime.
///
/// # Cancel safety
///
/// Dropped, it takes no more connections; those that it took go on.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use http::{Request, Response};
/// use tf_http::{Listener, serve};
/// use tf_shutdown::{Lifecycle, Options};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tf_http::Error> {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let listener = Listener::from_vars("http", [("LISTEN", "127.0.0.1:0")])?;
/// let hello = tower::service_fn(async |_: Request<_>| {
///     Ok::<_, Infallible>(Response::new("hello\n".to_owned()))
/// });
/// life.spawn_essential("http", serve(listener, hello, &life));
/// life.ready();
///
/// assert_eq!(life.shutdown().await.exit_code(), 0);
/// # Ok(())
/// # }
/// ```
pub fn serve<S, B>(
    listener: Listener,
    service: S,
    life: &Lifecycle,
) -> impl Future<Output = Result<(), Error>> + Send + use<S, B>
where
    S: Service<
            Request<Incoming>,
            Response = Response<B>,
            Error: Into<Box<dyn StdError + Send + Sync>>,
        > + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
{
    Server::new(listener, service).serve(life)
}

/// A server with its options.
///
/// | option | default | |
/// |---|---|---|
/// | [`header_timeout`](Self::header_timeout) | 10 s | from the first byte of a request to the end of its head |
/// | [`idle_timeout`](Self::idle_timeout) | 620 s | between requests, on a connection that has had one; 60 s before the first |
/// | [`first_byte_grace`](Self::first_byte_grace) | 250 ms | for requests under way when the service stops |
/// | [`max_connections`](Self::max_connections) | 10,000 | more wait in the queue of the system |
/// | [`max_header_bytes`](Self::max_header_bytes) | 64 KiB | of one request; 100 fields for HTTP/1 |
/// | [`health`](Self::health) | none | answers `/livez`, `/readyz`, `/startupz` before the service does |
/// | [`header`](Self::header) | none | is in every response but those on connections that come during the drain |
/// | [`peer`](Self::peer) | off | tells each request the address at the other end |
///
/// Idle connections are kept longer than the usual balancers keep them (AWS 60 s, Google Cloud 600 s), so that it is
/// the balancer who closes, and no request is sent into a connection that is being closed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use axum::{Router, routing::get};
/// use tf_http::{Health, Listener, Server};
/// use tf_shutdown::{Lifecycle, Options};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tf_http::Error> {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let listener = Listener::from_vars("http", [("LISTEN", "127.0.0.1:0")])?;
/// let app = Router::new().route("/", get(async || "hello"));
/// let server = Server::new(listener, app)
///     .health(Health::builder(&life).build())
///     .header_timeout(Duration::from_secs(5))
///     .max_connections(1_000);
/// life.spawn_essential("http", server.serve(&life));
/// life.ready();
///
/// assert_eq!(life.shutdown().await.exit_code(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is served before `serve`"]
pub struct Server<S> {
    pub(crate) listener: Listener,
    pub(crate) service: S,
    pub(crate) health: Option<Health>,
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    pub(crate) times: Times,
    pub(crate) max_connections: usize,
    pub(crate) max_header_bytes: usize,
    pub(crate) tells_peer: bool,
}

impl<S> Server<S> {
    /// A server of `service` with the default options.
    pub fn new(listener: Listener, service: S) -> Self {
        Self {
            listener,
            service,
            health: None,
            header: None,
            times: Times {
                head: Duration::from_secs(10),
                idle: Duration::from_secs(620),
                first_byte: Duration::from_millis(250),
            },
            max_connections: 10_000,
            max_header_bytes: 64 * 1024,
            tells_peer: false,
        }
    }

    /// Answers the health paths before the service does.
    ///
    /// They are answered to the end of the drain, also on new connections, if the socket was bound here and is not
    /// shared; other requests on these late connections get 503.
    pub fn health(mut self, health: Health) -> Self {
        self.health = Some(health);
        self
    }

    /// Puts a header into every response, such as the release that answers; a later call replaces an earlier one.
    ///
    /// Responses on connections that come during the drain have none.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// How long a request head may take from its first byte on.
    pub fn header_timeout(mut self, limit: Duration) -> Self {
        self.times.head = limit;
        self
    }

    /// How long a connection may wait for its next request; it is closed then, or up to an eighth later.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.times.idle = limit;
        self
    }

    /// How long a connection without a request is kept once the service stops, because its request may be under way.
    pub fn first_byte_grace(mut self, time: Duration) -> Self {
        self.times.first_byte = time;
        self
    }

    /// How many connections are open at once, those that changed their protocol included; 0 counts as 1.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.max_connections = count.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// How large the head of a request may be; at least 8 KiB.
    pub fn max_header_bytes(mut self, bytes: usize) -> Self {
        self.max_header_bytes = bytes.max(8 * 1024);
        self
    }

    /// Whether each request has the extension [`Peer`]; off by default, because it costs an allocation per request.
    pub fn peer(mut self, on: bool) -> Self {
        self.tells_peer = on;
        self
    }

    /// Serves until the lifecycle stops, as [`serve`] says.
    ///
    /// # Errors
    ///
    /// The listener cannot be used on this runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it takes no more connections; those that it took go on.
    pub fn serve<B>(
        self,
        life: &Lifecycle,
    ) -> impl Future<Output = Result<(), Error>> + Send + use<S, B>
    where
        S: Service<
                Request<Incoming>,
                Response = Response<B>,
                Error: Into<Box<dyn StdError + Send + Sync>>,
            > + Clone
            + Send
            + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
    {
        let group = life.group("http");
        // Told here and not by the future, so that it is there before the lifecycle is ready.
        tracing::info!(
            event.action = "listener.bound",
            listener.address = %self.listener,
            "listening"
        );
        // Held while connections are taken, so that the drain is not over before.
        let guard = group.guard();
        async move {
            match guard {
                Ok(guard) => intake::run(self, group, guard).await,
                Err(_) => Ok(()),
            }
        }
    }
}
