//! tf-config, tf-backing, tf-logs, tf-shutdown and tf-http, put together by hand.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use axum::{Router, routing::get};
use tf_backing::Locator;
use tf_config::Config;
use tf_http::{Health, Listener, Server};
use tf_shutdown::{Lifecycle, Options, Signals};
use tracing::info;

#[derive(Config)]
struct Settings {
    /// How to greet.
    greeting: String,
    /// Where it runs.
    region: String,
    /// Primary database.
    #[config(redacted, example = "postgres://app:pass@db:5432/app")]
    database_url: Locator,
    /// Connections to the database.
    #[config(default = 10)]
    pool_size: u32,
    /// Requests of one client.
    #[config(default = 1_000)]
    request_limit: u64,
    /// Whether each request is an event.
    #[config(default = false)]
    log_requests: bool,
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    let signals = Signals::install();
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(78);
        }
    };
    if let Err(error) = tf_logs::init("service-floor") {
        eprintln!("{error}");
        return ExitCode::from(78);
    }
    let listener = match Listener::from_env("http") {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "not listening");
            return error.exit_code().into();
        }
    };
    let run = async |life: Lifecycle| {
        let health = Health::builder(&life).build();
        let server = Server::new(listener, router(settings)).health(health);
        life.spawn_essential("http", server.serve(&life));
        life.ready();
        Ok(())
    };
    let report = tf_shutdown::run(signals, Options::from_env(), run);
    report.exit_code().into()
}

fn router(settings: Settings) -> Router {
    info!(
        region = settings.region,
        database = settings.database_url.identity(),
        pool_size = settings.pool_size,
        request_limit = settings.request_limit,
        "configured"
    );
    let settings = Arc::new(settings);
    let hello = async move || {
        if settings.log_requests {
            info!(
                http.request.method = "GET",
                url.path = "/",
                http.response.status_code = 200,
                http.response.body.bytes = settings.greeting.len(),
                "answered"
            );
        }
        settings.greeting.clone()
    };
    Router::new().route("/", get(hello))
}
