//! The framework of a company: what all of its services have in common, as one function.
//!
//! A service names its configuration and its routes; [`service`] adds the house's own variables, log fields, audit,
//! response header, `/about`, a line per request, and a task that says where it runs.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Json, Router, routing::get};
use serde_json::json;
use tf_app::tf_admin::{AuditError, AuditEvent, AuditSink, Cx, Danger, Task, TaskError};
use tf_app::{Build, Extension};

// All that a service of the house needs to name.
pub use axum;
pub use tf_app::tf_config::{self, Config};
pub use tf_app::{App, build};

/// What each service of the house is configured with, beside its own.
#[derive(Config)]
#[config(crate = tf_config, prefix = "HOUSE", debug)]
pub struct House {
    /// Region that this deploy serves.
    #[config(default = "eu-1")]
    pub region: String,
}

/// What a process or a task of a service with the configuration `S` is given.
pub type Context<S> = tf_app::Context<(House, S)>;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Makes a service of a team; the caller may add workers and tasks, and runs it.
pub fn service<S: Config + Send + Sync + 'static>(
    build: Build,
    team: &'static str,
    routes: fn(&Context<S>) -> Router,
) -> App<(House, S)> {
    let house = Extension::new()
        .log_field("labels.team", team)
        .redact(["authorization", "iban"])
        .audit(Ledger);
    let place = Task::new("house:place", "Say where this release runs").danger(Danger::ReadOnly);
    App::new(build)
        .extend(house)
        .release_header("x-house-release")
        .web(async move |cx| serve(cx, routes).await)
        .tasks(|tasks| tasks.add(place.run(tell_place)))
}

async fn serve<S>(cx: Context<S>, routes: fn(&Context<S>) -> Router) -> Result<(), Failure>
where
    S: Send + Sync + 'static,
{
    let about = about(&cx);
    let router = routes(&cx)
        .route("/about", get(async move || Json(about)))
        .layer(from_fn(log));
    Ok(cx.server(router)?.serve(cx.lifecycle()).await?)
}

async fn tell_place<S: Send + Sync + 'static>(
    cx: Cx<Context<S>>,
    _: tf_app::tf_admin::NoArgs,
) -> Result<(), TaskError> {
    Ok(cx.output(&about(cx.state()))?)
}

fn about<S>(cx: &Context<S>) -> serde_json::Value {
    json!({
        "service": cx.build().name(),
        "version": cx.build().version(),
        "release": cx.release().id(),
        "region": cx.config().0.region,
    })
}

async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    tracing::info!(
        http.request.method = %method,
        url.path = path,
        http.response.status_code = response.status().as_u16(),
        event.duration = began.elapsed().as_nanos() as u64,
        "request"
    );
    response
}

/// Where the house keeps its audit: a category of its own in the log.
#[derive(Debug)]
struct Ledger;

impl AuditSink for Ledger {
    fn record<'a>(
        &'a self,
        event: &'a AuditEvent,
    ) -> Pin<Box<dyn Future<Output = Result<(), AuditError>> + Send + 'a>> {
        let outcome = event.end.as_ref().map(|end| end.outcome.as_str());
        tracing::info!(
            event.action = event.action.as_str(),
            event.category = "ledger",
            admin.task = event.run.task,
            admin.actor = event.run.actor,
            admin.outcome = outcome,
            "entered in the ledger"
        );
        Box::pin(async { Ok(()) })
    }
}
