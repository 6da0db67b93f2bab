//! tf-app, with a process type `web` and nothing else.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use axum::{Router, routing::get};
use tf_app::{App, Context};
use tf_backing::Locator;
use tf_config::Config;
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
    App::<Settings>::new(tf_app::build!()).web(web).run()
}

async fn web(cx: Context<Settings>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let settings = cx.config();
    info!(
        region = settings.region,
        database = settings.database_url.identity(),
        pool_size = settings.pool_size,
        request_limit = settings.request_limit,
        "configured"
    );
    let (greeting, log_requests) = (Arc::new(settings.greeting.clone()), settings.log_requests);
    let hello = async move || {
        if log_requests {
            info!(
                http.request.method = "GET",
                url.path = "/",
                http.response.status_code = 200,
                http.response.body.bytes = greeting.len(),
                "answered"
            );
        }
        greeting.to_string()
    };
    let router = Router::new().route("/", get(hello));
    Ok(cx.server(router)?.serve(cx.lifecycle()).await?)
}
