//! The accept loop, and its end.

use std::error::Error as StdError;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;
use tf_shutdown::{Group, Guard, Token};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_service::Service;

use crate::accept::{Accepted, Acceptor, Failures, accept_waiting};
use crate::answer::Answer;
use crate::connection::{self, Times};
use crate::error::{Error, Problem};
use crate::late;
use crate::listener::{Listener, Socket};
use crate::peer::Peer;
use crate::server::Server;
use crate::traffic::{Traffic, Wire};

/// Runs a server up to the moment when it takes no more requests.
///
/// The guard keeps the drain from being over before the last one is taken.
pub(crate) async fn run<S, B>(server: Server<S>, group: Group, guard: Guard) -> Result<(), Error>
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
    let Listener {
        socket,
        address,
        is_shared,
        file,
        ..
    } = server.listener;
    let address = address.to_string();
    let refused = |source| Problem::Refused {
        address: address.clone(),
        what: "the runtime cannot use the socket",
        source: Some(source),
    };
    let acceptor = Acceptor::new(socket).map_err(refused)?;
    let token = group.token();
    let health = server.health.clone();
    let welcome = Welcome {
        http: Arc::new(protocol(server.max_header_bytes)),
        answer: Answer {
            service: server.service,
            health: server.health,
            group,
            token: token.clone(),
            traffic: Arc::default(),
            peer: None,
            header: server.header,
        },
        times: server.times,
        tells_peer: server.tells_peer,
        guard,
    };
    let serve = move |accepted, place| welcome.serve(accepted, place);
    let taken = take(acceptor, server.max_connections, &token, serve).await;
    let socket = taken.map_err(refused)?;
    match health.filter(|_| !is_shared) {
        Some(health) => late::answer(socket, file, health, token),
        None => drop((socket, file)),
    }
    tracing::info!(
        event.action = "listener.closed",
        listener.address = address,
        "takes no more requests"
    );
    Ok(())
}

/// Takes connections until the stop, then what is left in the queue of the system.
async fn take(
    acceptor: Acceptor,
    max_connections: usize,
    token: &Token,
    mut serve: impl FnMut(Accepted, Option<OwnedSemaphorePermit>),
) -> io::Result<Socket> {
    let places = Arc::new(Semaphore::new(max_connections));
    let mut failures = Failures::default();
    let mut stopping = pin!(token.stopping());
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (acceptor.accept(&mut failures).await, place)
        };
        tokio::select! {
            biased;
            () = &mut stopping => break,
            (accepted, place) = next => serve(accepted, place),
        }
    }
    let socket = acceptor.into_socket()?;
    while let Some(accepted) = accept_waiting(&socket).await {
        serve(accepted, None);
    }
    Ok(socket)
}

/// What each connection gets.
struct Welcome<S> {
    http: Arc<Builder<TokioExecutor>>,
    answer: Answer<S>,
    times: Times,
    tells_peer: bool,
    guard: Guard,
}

impl<S: Clone> Welcome<S> {
    fn serve<B>(&self, (stream, peer): Accepted, place: Option<OwnedSemaphorePermit>)
    where
        S: Service<
                Request<Incoming>,
                Response = Response<B>,
                Error: Into<Box<dyn StdError + Send + Sync>>,
            > + Send
            + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
    {
        let traffic = Arc::new(Traffic::default());
        let wire = Wire::new(stream, Arc::clone(&traffic), place);
        let answer = Answer {
            traffic,
            peer: peer.filter(|_| self.tells_peer).map(Peer),
            ..self.answer.clone()
        };
        let serving = connection::serve(Arc::clone(&self.http), wire, answer, self.times);
        let group = &self.answer.group;
        group.spawn_with(self.guard.clone(), serving);
    }
}

fn protocol(max_header_bytes: usize) -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    // The timeouts are those of `connection`: hyper's would run while a connection is idle.
    http.http1()
        .header_read_timeout(None)
        .max_buf_size(max_header_bytes);
    let list = u32::try_from(max_header_bytes).unwrap_or(u32::MAX);
    http.http2().max_header_list_size(list);
    http
}
