//! The accept loop, and its end.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;
use tf_shutdown::{Group, Guard, Token};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::accept::{Accepted, Acceptor, Failures, accept_waiting};
use crate::answer::{Answer, House, Line, Sends, Serves};
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
pub(crate) async fn run<S: Serves<B>, B: Sends>(
    server: Server<S>,
    group: Group,
    guard: Guard,
) -> Result<(), Error> {
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
        service: server.service,
        house: Arc::new(House {
            health: server.health,
            header: server.header,
            group,
            token: token.clone(),
        }),
        times: server.times,
        tells_peer: server.tells_peer,
        guard,
    };
    let serve = move |accepted, place| welcome.serve(accepted, place);
    // Health probes are answered to the end; a shared socket is not ours to close.
    let health = health.filter(|_| !is_shared);
    let closes = health.is_none() && !is_shared;
    let taken = take(acceptor, server.max_connections, &token, closes, serve).await;
    let socket = taken.map_err(refused)?;
    match health {
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

/// How often the last place in the queue is tried to be had.
const PLUGS: u32 = 100;

/// Takes connections until the stop, then what is left in the queue of the system, which ends where the socket is about
/// to be closed.
async fn take(
    acceptor: Acceptor,
    max_connections: usize,
    token: &Token,
    closes: bool,
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
    if closes {
        // Whoever joined the queue between the last look and the close would be reset.
        socket.end_queue();
        for _ in 0..PLUGS {
            while let Some(accepted) = accept_waiting(&socket).await {
                serve(accepted, None);
            }
            if socket.plug() {
                break;
            }
        }
    }
    Ok(socket)
}

/// What each connection gets.
struct Welcome<S> {
    http: Arc<Builder<TokioExecutor>>,
    service: S,
    house: Arc<House>,
    times: Times,
    tells_peer: bool,
    guard: Guard,
}

impl<S> Welcome<S> {
    fn serve<B: Sends>(&self, (stream, peer): Accepted, place: Option<OwnedSemaphorePermit>)
    where
        S: Serves<B>,
    {
        let traffic = Arc::new(Traffic::default());
        let wire = Wire::new(stream, Arc::clone(&traffic), place);
        let line = Line {
            house: Arc::clone(&self.house),
            traffic,
            peer: peer.filter(|_| self.tells_peer).map(Peer),
        };
        let answer = Answer {
            service: self.service.clone(),
            line: Arc::new(line),
        };
        let serving = connection::serve(Arc::clone(&self.http), wire, answer, self.times);
        self.house.group.spawn_with(self.guard.clone(), serving);
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
