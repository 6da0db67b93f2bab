//! The graceful end for those who keep their own server.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tf_shutdown::{Group, Guard, Lifecycle, State, Token};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::say_goodbye;

/// Counts requests in flight and says goodbye to clients, in front of a service that another server runs.
///
/// The lifecycle waits for each request to the end of its response body, in the group `requests`. From the lame duck on
/// each response of HTTP/1 has `Connection: close`. What needs the connections themselves, only
/// [`serve`](crate::serve) does: the queue of the system, half requests, idle connections, and HTTP/2's GOAWAY.
///
/// # Examples
///
/// ```
/// use axum::{Router, routing::get};
/// use tf_http::DrainLayer;
/// use tf_shutdown::{Lifecycle, Options};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let app: Router = Router::new()
///     .route("/", get(async || "hello"))
///     .layer(DrainLayer::new(&life));
/// // axum::serve(listener, app).with_graceful_shutdown(life.token().stopping())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DrainLayer {
    group: Group,
    token: Token,
    refuses: bool,
}

impl DrainLayer {
    /// Counts requests in the group `requests` of this lifecycle.
    #[must_use]
    pub fn new(life: &Lifecycle) -> Self {
        Self {
            group: life.group("requests"),
            token: life.token(),
            refuses: false,
        }
    }

    /// Whether requests that begin once nothing new is to be begun get 503 with `Retry-After`; off by default. The health
    /// paths are exempt.
    #[must_use]
    pub fn refuse_late(mut self, on: bool) -> Self {
        self.refuses = on;
        self
    }
}

impl<S> Layer<S> for DrainLayer {
    type Service = Drain<S>;

    fn layer(&self, service: S) -> Drain<S> {
        Drain {
            service,
            layer: self.clone(),
        }
    }
}

/// A service behind a [`DrainLayer`].
#[derive(Clone, Debug)]
pub struct Drain<S> {
    service: S,
    layer: DrainLayer,
}

impl<S, A, B> Service<Request<A>> for Drain<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<Drained<B>>;
    type Error = S::Error;
    type Future = Draining<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Draining<S::Future> {
        let layer = &self.layer;
        let is_late = layer.refuses && layer.token.is_stopping();
        let has_header = request.version() < Version::HTTP_2;
        let future = match is_late && !crate::Health::is_for(&request) {
            true => None,
            false => Some(self.service.call(request)),
        };
        Draining {
            future,
            guard: layer.group.guard().ok(),
            token: layer.token.clone(),
            has_header,
        }
    }
}

pin_project! {
    /// Waits for a response; made by [`Drain`].
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct Draining<F> {
        #[pin]
        future: Option<F>,
        guard: Option<Guard>,
        token: Token,
        has_header: bool,
    }
}

impl<F, B, E> Future for Draining<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = Result<Response<Drained<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match this.future.as_pin_mut() {
            Some(future) => ready!(future.poll(cx))?,
            None => refused(),
        };
        let is_switch = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if *this.has_header && !is_switch && this.token.state() >= State::LameDuck {
            say_goodbye(&mut response);
        }
        let guard = this.guard.take();
        Poll::Ready(Ok(response.map(|body| Drained {
            body,
            _guard: guard,
        })))
    }
}

pub(crate) fn refused<B: Default>() -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

pin_project! {
    /// A body that the lifecycle waits for.
    #[derive(Debug)]
    pub struct Drained<B> {
        #[pin]
        body: B,
        _guard: Option<Guard>,
    }
}

impl<B: Body> Body for Drained<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
