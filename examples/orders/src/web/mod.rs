//! `web`: the HTTP API and a page.

mod body;
mod log;
mod page;
mod problem;
mod routes;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tf_app::Context;
use tf_app::tf_shutdown::Token;
use tokio::sync::oneshot;
use tokio::time::timeout;

use self::problem::Problem;
use crate::cache::Cache;
use crate::process::{Failure, begin};
use crate::queue::relay::Relay;
use crate::queue::{Queue, Wake};
use crate::settings::Settings;
use crate::store::Store;
use crate::worker::owner;

/// How long an answer may take; longer than the longest wait that a client may ask for.
const ANSWER: Duration = Duration::from_secs(30);

/// What the handlers share.
#[derive(Clone)]
struct Web {
    store: Store,
    cache: Cache,
    wake: Wake,
    token: Token,
}

/// The process type.
pub(crate) async fn web(cx: Context<Settings>) -> Result<(), Failure> {
    let Some(store) = begin(&cx).await else {
        return Ok(());
    };
    let web = Web {
        store: store.clone(),
        cache: Cache::new(cx.config().cache_url.as_ref())?,
        wake: Wake::default(),
        token: cx.lifecycle().token(),
    };
    let wake = Wake::clone(&web.wake);
    let server = cx.server(routes(web))?;
    let (served, over) = oneshot::channel::<()>();
    let serve = async {
        let result = server.serve(cx.lifecycle()).await;
        drop(served);
        result
    };
    let relay = async {
        if let Queue::Broker(amqp) = Queue::of(cx.config()) {
            let relay = Relay {
                store,
                amqp,
                owner: owner(),
                wake,
            };
            relay.run(async { drop(over.await) }).await;
        }
    };
    let (result, ()) = tokio::join!(serve, relay);
    Ok(result?)
}

fn routes(web: Web) -> Router {
    Router::new()
        .route("/orders", post(routes::create).get(routes::list))
        .route("/orders/{id}", get(routes::show))
        .route("/orders/{id}/cancel", post(routes::cancel))
        .merge(page::routes())
        .fallback(routes::nothing_here)
        .method_not_allowed_fallback(routes::not_that_way)
        .layer(DefaultBodyLimit::max(body::BYTES))
        .layer(from_fn(in_time))
        .layer(from_fn(log::log))
        .with_state(web)
}

async fn in_time(request: Request, next: Next) -> Response {
    let answer = timeout(ANSWER, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let text = "there was no answer in time";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, text).into_response()
    })
}
