//! What stands before the service of the user on each connection.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

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

/// Counts requests, answers those for health, and says goodbye on each response of a lame duck.
#[derive(Clone, Debug)]
pub(crate) struct Answer<S> {
    pub(crate) service: S,
    pub(crate) health: Option<Health>,
    /// What is in every response.
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    pub(crate) group: Group,
    pub(crate) token: Token,
    pub(crate) traffic: Arc<Traffic>,
    /// What requests are to know about where they come from.
    pub(crate) peer: Option<Peer>,
}

impl<S, B> Service<Request<Incoming>> for Answer<S>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
{
    type Response = Response<Reply<B>>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        let is_http2 = request.version() == Version::HTTP_2;
        let is_connect = request.method() == Method::CONNECT;
        self.traffic.begin(is_http2);
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let count = Count {
            traffic: Arc::clone(&self.traffic),
        };
        let kind = match &self.health {
            Some(health) if Health::is_for(&request) => {
                let health = health.clone();
                let future =
                    Box::pin(async move { health.respond(&request).await.unwrap_or_default() });
                Kind::Health { future }
            }
            _ => Kind::Service {
                future: self.service.call(request),
            },
        };
        Answering {
            kind,
            header: self.header.clone(),
            group: self.group.clone(),
            token: self.token.clone(),
            count: Some(count),
            is_http2,
            is_connect,
        }
    }
}

/// One request, from its head to the last byte of its response.
#[derive(Debug)]
struct Count {
    traffic: Arc<Traffic>,
}

impl Drop for Count {
    fn drop(&mut self) {
        self.traffic.end();
    }
}

pin_project! {
    /// Waits for the response.
    pub(crate) struct Answering<F> {
        #[pin]
        kind: Kind<F>,
        header: Option<(HeaderName, HeaderValue)>,
        group: Group,
        token: Token,
        count: Option<Count>,
        is_http2: bool,
        is_connect: bool,
    }
}

pin_project! {
    #[project = KindProject]
    enum Kind<F> {
        Service { #[pin] future: F },
        Health { future: Pin<Box<dyn Future<Output = Response<Text>> + Send>> },
    }
}

impl<F, B, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Reply<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match this.kind.project() {
            KindProject::Service { future } => {
                ready!(future.poll(cx))?.map(|body| Either::Service { body })
            }
            KindProject::Health { future } => {
                ready!(future.as_mut().poll(cx)).map(|body| Either::Health { body })
            }
        };
        if let Some((name, value)) = this.header.take() {
            response.headers_mut().insert(name, value);
        }
        let count = this.count.take();
        if !*this.is_http2 {
            let status = response.status();
            if status == StatusCode::SWITCHING_PROTOCOLS
                || (*this.is_connect && status.is_success())
            {
                if let Some(count) = &count {
                    count.traffic.upgrade(this.group.guard().ok());
                }
            } else if this.token.state() >= State::LameDuck {
                // HTTP/2 has no such header (RFC 9113, section 8.2.2); there GOAWAY says it.
                say_goodbye(&mut response);
            }
        }
        let response = response.map(|body| Reply {
            body,
            _count: count,
        });
        Poll::Ready(Ok(response))
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
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

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
