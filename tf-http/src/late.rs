//! Answers health probes while the service drains.

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tf_shutdown::{State, Token};

use crate::accept::{Acceptor, Failures};
use crate::answer::say_goodbye;
use crate::body::Text;
use crate::drain::refused;
use crate::health::Health;
use crate::listener::{Socket, SocketFile};
use crate::traffic::{Traffic, Wire};

/// Keeps the socket to the end of the drain. These connections are not waited for.
pub(crate) fn answer(socket: Socket, file: Option<SocketFile>, health: Health, token: Token) {
    tokio::spawn(async move {
        let _file = file;
        let Ok(acceptor) = Acceptor::new(socket) else {
            return;
        };
        let mut end = std::pin::pin!(token.reached(State::Flushing));
        let mut failures = Failures::default();
        loop {
            let accepted = tokio::select! {
                () = &mut end => return,
                accepted = acceptor.accept(&mut failures) => accepted,
            };
            let wire = Wire::new(accepted.0, Arc::new(Traffic::default()), None);
            let (health, end) = (health.clone(), token.reached(State::Flushing));
            tokio::spawn(async move {
                let service = service_fn(move |request| respond(health.clone(), request));
                let serving = http1::Builder::new().serve_connection(TokioIo::new(wire), service);
                tokio::select! {
                    () = end => {}
                    // An error is the peer's doing.
                    _ = serving => {}
                }
            });
        }
    });
}

async fn respond(
    health: Health,
    request: Request<Incoming>,
) -> Result<Response<Text>, std::convert::Infallible> {
    let mut response = health.respond(&request).await.unwrap_or_else(refused);
    say_goodbye(&mut response);
    Ok(response)
}
