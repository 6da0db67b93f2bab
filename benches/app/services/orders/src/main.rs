//! `GET /orders` of the example `orders`, on axum, envy, tracing-subscriber, `tokio::signal` and sqlx.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant, UNIX_EPOCH};

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Json, Router, routing::get};
use serde::{Deserialize, Serialize, Serializer};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteRow};
use sqlx::{Executor, Row};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

#[derive(Deserialize)]
struct Settings {
    listen: SocketAddr,
    database_url: String,
}

#[derive(Serialize)]
struct List {
    orders: Vec<Order>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Order {
    id: String,
    customer: String,
    items: Vec<Item>,
    status: String,
    #[serde(serialize_with = "time")]
    created_at: i64,
    #[serde(serialize_with = "time")]
    updated_at: i64,
}

#[derive(Deserialize, Serialize)]
struct Item {
    sku: String,
    quantity: i64,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default = "usual_limit")]
    limit: usize,
    /// No id begins with a tilde, which comes after all that they begin with.
    #[serde(default = "tilde")]
    after: String,
}

fn usual_limit() -> usize {
    20
}

fn tilde() -> String {
    "~".to_owned()
}

fn time<S: Serializer>(millis: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let since = Duration::from_millis(u64::try_from(*millis).unwrap_or(0));
    serializer.collect_str(&humantime::format_rfc3339_millis(UNIX_EPOCH + since))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings: Settings = envy::from_env()?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .init();
    let options: SqliteConnectOptions = settings.database_url.parse()?;
    let options = options.journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePool::connect_with(options).await?;
    pool.execute("SELECT id FROM orders LIMIT 1").await?;
    let listener = TcpListener::bind(settings.listen).await?;
    info!(address = %listener.local_addr()?, "listening");
    let router = Router::new()
        .route("/orders", get(list))
        .layer(from_fn(log))
        .route("/livez", get(async || "ok"))
        .with_state(pool.clone());
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = ctrl_c() => {}
        }
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await?;
    pool.close().await;
    Ok(())
}

async fn list(
    State(pool): State<SqlitePool>,
    Query(page): Query<Page>,
) -> Result<Json<List>, StatusCode> {
    let failed = |error: Box<dyn Error>| {
        error!(error = %error, "the list is not to be had");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let sql = "SELECT id, customer, items, status, created_at, updated_at FROM orders \
               WHERE id < ? ORDER BY id DESC LIMIT ?";
    let wanted = i64::try_from(page.limit.saturating_add(1)).unwrap_or(i64::MAX);
    let rows = sqlx::query(sql).bind(&page.after).bind(wanted);
    let rows = rows.fetch_all(&pool).await;
    let rows = rows.map_err(|error| failed(error.into()))?;
    let orders: Result<Vec<Order>, _> = rows.iter().take(page.limit).map(order).collect();
    let orders = orders.map_err(failed)?;
    let last = orders.last().filter(|_| rows.len() > page.limit);
    let next = last.map(|last| format!("/orders?limit={}&after={}", page.limit, last.id));
    Ok(Json(List { orders, next }))
}

fn order(row: &SqliteRow) -> Result<Order, Box<dyn Error>> {
    Ok(Order {
        id: row.try_get("id")?,
        customer: row.try_get("customer")?,
        items: serde_json::from_str(row.try_get("items")?)?,
        status: row.try_get("status")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    info!(
        event.action = "http.request",
        event.duration = took,
        http.request.method = %method,
        http.response.status_code = response.status().as_u16(),
        url.path = path,
        "{method} {path} {}",
        response.status().as_u16()
    );
    response
}
