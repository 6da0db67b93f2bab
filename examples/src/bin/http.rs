//! An HTTP service that loses no request on the way out: `/`, `/slow` (2 s), `/events` (which never ends by itself), and
//! what platforms ask: `/livez`, `/readyz`, `/startupz`. It binds `LISTEN`, or `PORT`, or what its process manager passes.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::{Router, routing::get};
use futures_util::stream::{self, Stream};
use tf_http::{Health, Listener, Server};
use tf_shutdown::{Lifecycle, Options, Signals, Token};
use tokio::time::{interval, sleep};

fn main() -> ExitCode {
    let signals = Signals::install();
    if let Err(error) = tf_logs::init("http") {
        tracing::error!(error = &error as &dyn Error, "logs are not set up");
    }
    let listener = match Listener::from_env("http") {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "not listening: {error}");
            return error.exit_code().into();
        }
    };
    let run = async |life: Lifecycle| {
        let health = Health::builder(&life).build();
        let server = Server::new(listener, router(&life)).health(health);
        life.spawn_essential("http", server.serve(&life));
        life.ready();
        Ok(())
    };
    let report = tf_shutdown::run(signals, Options::from_env(), run);
    report.exit_code().into()
}

fn router(life: &Lifecycle) -> Router {
    let token = life.token();
    Router::new()
        .route("/", get(async || "hello\n"))
        .route("/slow", get(slow))
        .route("/events", get(async move || events(&token)))
}

async fn slow() -> &'static str {
    sleep(Duration::from_secs(2)).await;
    "slow\n"
}

fn events(token: &Token) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let ticks = stream::unfold(interval(Duration::from_secs(1)), async |mut ticks| {
        ticks.tick().await;
        Some((Ok(Event::default().data("tick")), ticks))
    });
    Sse::new(token.until_stopping_stream(ticks))
}
