//! What all servers but actix-web's serve: one axum router.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::{Response, StatusCode, header};
use axum::routing::get;
use bench_support::{Allocations, HELLO};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tf_shutdown::Token;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the protocol behind an upgrade says to its peer when the service stops.
pub const GOODBYE: &[u8] = b"bye\n";

/// The routes; the token is there where the server has one that tells handlers of the stop.
pub fn router(token: Option<Token>) -> Router {
    let echo = move |request| echo(request, token.clone());
    Router::new()
        .route("/", get(async || HELLO))
        .route("/slow/{millis}", get(slow))
        .route("/block", get(async || block()))
        .route("/echo", get(echo))
        .route("/heap", get(async || Allocations::held().to_string()))
}

async fn slow(Path(millis): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    HELLO
}

/// A handler that takes its worker with it.
pub fn block() {
    std::thread::sleep(Duration::from_secs(3_600));
}

/// Changes the protocol to one that sends back what it gets.
async fn echo(mut request: Request, token: Option<Token>) -> Response<Body> {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(talk(upgrade, token));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let upgrade = header::HeaderValue::from_static("upgrade");
    response.headers_mut().insert(header::CONNECTION, upgrade);
    let protocol = header::HeaderValue::from_static("websocket");
    response.headers_mut().insert(header::UPGRADE, protocol);
    response
}

/// Ends when the peer does.
async fn talk(upgrade: OnUpgrade, token: Option<Token>) {
    let Ok(stream) = upgrade.await else { return };
    let mut stream = TokioIo::new(stream);
    let mut stopping = std::pin::pin!(async {
        match token {
            Some(token) => token.stopping().await,
            None => std::future::pending().await,
        }
    });
    let mut is_told = false;
    let mut buffer = [0; 256];
    loop {
        let read = tokio::select! {
            () = &mut stopping, if !is_told => {
                is_told = true;
                Ok(None)
            }
            read = stream.read(&mut buffer) => read.map(Some),
        };
        let bytes = match read {
            Ok(None) => GOODBYE,
            Ok(Some(1..)) if buffer.starts_with(GOODBYE) => return,
            Ok(Some(count @ 1..)) => &buffer[..count],
            Ok(Some(0)) | Err(_) => return,
        };
        if stream.write_all(bytes).await.is_err() {
            return;
        }
    }
}
