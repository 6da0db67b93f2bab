//! The same with more help: a command line by clap, configuration by figment.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::{Router, routing::get};
use clap::{Parser, Subcommand};
use figment::{Figment, providers::Env};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

/// Greets.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves HTTP.
    Web,
}

#[derive(Deserialize)]
struct Settings {
    listen: SocketAddr,
    greeting: String,
    region: String,
    database_url: String,
    #[serde(default = "pool_size")]
    pool_size: u32,
    #[serde(default = "request_limit")]
    request_limit: u64,
    #[serde(default)]
    log_requests: bool,
}

fn pool_size() -> u32 {
    10
}

fn request_limit() -> u64 {
    1_000
}

fn main() -> Result<(), Box<dyn Error>> {
    let Command::Web = Arguments::parse().command.unwrap_or(Command::Web);
    let settings = Figment::new().merge(Env::raw()).extract()?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .init();
    serve(settings)
}

#[tokio::main]
async fn serve(settings: Settings) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(settings.listen).await?;
    info!(
        address = %listener.local_addr()?,
        region = settings.region,
        has_database = !settings.database_url.is_empty(),
        pool_size = settings.pool_size,
        request_limit = settings.request_limit,
        "listening"
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
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = ctrl_c() => {}
        }
    };
    axum::serve(listener, Router::new().route("/", get(hello)))
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}
