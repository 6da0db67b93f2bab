//! What stands before the service of the user on each connection.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tf_shutdown::{Group, State, Token};
use tower_service::Service;

use crate::body::Text;
use crate::health::Health;
use crate::peer::Peer;
use crate::traffic::Traffic;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// A service that can be served.
pub(crate) trait Serves<B>:
    Service<
        Request<Incoming>,
        Response = Response<B>,
        Error: Into<BoxError>,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
{
}

impl<S, B> Serves<B> for S
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
{
}

/// A body that can be sent.
pub(crate) trait Sends: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static {}

impl<B> Sends for B where B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static {}

/// What all connections of a server have in common.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) health: Option<Health>,
    /// What is in every response.
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    pub(crate) group: Group,
    pub(crate) token: Token,
}

/// What all requests of a connection have in common.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) house: Arc<House>,
    pub(crate) traffic: Arc<Traffic>,
    /// What requests are to know about where they come from.
    pub(crate) peer: Option<Peer>,
}

/// Counts requests, answers those for health, and says goodbye on each response of a lame duck.
#[derive(Debug)]
pub(crate) struct Answer<S> {
    pub(crate) service: S,
    pub(crate) line: Arc<Line>,
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Answer<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>> + Clone,
{
    type Response = Response<Reply<B>>;
    type Error = BoxError;
    type Future = Answering<S, S::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let is_http2 = request.version() == Version::HTTP_2;
        let goal = Goal {
            count: Some(Count::begin(&self.line, is_http2)),
            is_http2,
            is_connect: request.method() == Method::CONNECT,
        };
        if let Some(peer) = self.line.peer {
            request.extensions_mut().insert(peer);
        }
        let kind = match &self.line.house.health {
            Some(health) if Health::is_for(&request) => {
                let health = health.clone();
                let future =
                    Box::pin(async move { health.respond(&request).await.unwrap_or_default() });
                Kind::Health { future }
            }
            _ => Kind::of(self.service.clone(), request),
        };
        Answering { kind, goal }
    }
}

/// One request, from its head to the last byte of its response.
#[derive(Debug)]
struct Count {
    line: Arc<Line>,
}

impl Count {
    fn begin(line: &Arc<Line>, is_http2: bool) -> Self {
        line.traffic.begin(is_http2);
        Self {
            line: Arc::clone(line),
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.line.traffic.end();
    }
}

pin_project! {
    /// Waits for the response.
    pub(crate) struct Answering<S, F> {
        #[pin]
        kind: Kind<S, F>,
        goal: Goal,
    }
}

pin_project! {
    #[project = KindProject]
    enum Kind<S, F> {
        /// The service is not ready yet.
        Waiting { place: Option<Box<(S, Request<Incoming>)>> },
        Service { #[pin] future: F },
        Failed { error: Option<BoxError> },
        Health { future: Pin<Box<dyn Future<Output = Response<Text>> + Send>> },
    }
}

impl<S> Kind<S, S::Future>
where
    S: Service<Request<Incoming>, Error: Into<BoxError>>,
{
    /// Calls the service at once where it is ready, as most are at all times; else the waker that counts is that of
    /// the first poll.
    fn of(mut service: S, request: Request<Incoming>) -> Self {
        match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Self::Service {
                future: service.call(request),
            },
            Poll::Ready(Err(error)) => Self::Failed {
                error: Some(error.into()),
            },
            Poll::Pending => Self::Waiting {
                place: Some(Box::new((service, request))),
            },
        }
    }
}

impl<S, B> Future for Answering<S, S::Future>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>>,
{
    type Output = Result<Response<Reply<B>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.kind.as_mut().project() {
                KindProject::Service { future } => {
                    let mut response = ready!(future.poll(cx)).map_err(Into::into)?;
                    let count = this.goal.reach(&mut response);
                    let reply = |body| Reply {
                        body: Either::Service { body },
                        _count: count,
                    };
                    return Poll::Ready(Ok(response.map(reply)));
                }
                KindProject::Health { future } => {
                    let mut response = ready!(future.as_mut().poll(cx));
                    let count = this.goal.reach(&mut response);
                    let reply = |body| Reply {
                        body: Either::Health { body },
                        _count: count,
                    };
                    return Poll::Ready(Ok(response.map(reply)));
                }
                KindProject::Waiting { place } => {
                    let (service, _) = place.as_deref_mut().expect("taken once, when it is left");
                    ready!(service.poll_ready(cx)).map_err(Into::into)?;
                    let (mut service, request) = *place.take().expect("seen above");
                    let future = service.call(request);
                    this.kind.set(Kind::Service { future });
                }
                KindProject::Failed { error } => {
                    let error = error.take().expect("a future is not polled after its end");
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

/// What a request must come to.
#[derive(Debug)]
struct Goal {
    count: Option<Count>,
    is_http2: bool,
    is_connect: bool,
}

impl Goal {
    /// Finishes the head of the response, whose body is to hold the count.
    fn reach<B>(&mut self, response: &mut Response<B>) -> Option<Count> {
        let count = self.count.take();
        let Some(Count { line }) = &count else {
            return None;
        };
        let house = &line.house;
        if let Some((name, value)) = &house.header {
            response.headers_mut().insert(name, value.clone());
        }
        if !self.is_http2 {
            let status = response.status();
            if status == StatusCode::SWITCHING_PROTOCOLS || (self.is_connect && status.is_success())
            {
                line.traffic.upgrade(house.group.guard().ok());
            } else if house.token.state() >= State::LameDuck {
                // HTTP/2 has no such header (RFC 9113, section 8.2.2); there GOAWAY says it.
                say_goodbye(response);
            }
        }
        count
    }
}

/// Tells the client to send its next request over another connection.
pub(crate) fn say_goodbye<B>(response: &mut Response<B>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
}

pin_project! {
    /// The body of a response, which counts as in flight until it is dropped.
    #[derive(Debug)]
    pub(crate) struct Reply<B> {
        #[pin]
        body: Either<B>,
        _count: Option<Count>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = EitherProject]
    enum Either<B> {
        Service { #[pin] body: B },
        Health { #[pin] body: Text },
    }
}

impl<B> Body for Reply<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.project().body.project() {
            EitherProject::Service { body } => body.poll_frame(cx).map_err(Into::into),
            EitherProject::Health { body } => body.poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Either::Service { body } => body.is_end_stream(),
            Either::Health { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Either::Service { body } => body.size_hint(),
            Either::Health { body } => body.size_hint(),
        }
    }
}
