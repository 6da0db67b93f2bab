//! The HTTP API.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Web;
use super::problem::{Mistake, Problem};
use crate::order::{NewOrder, Order};
use crate::store::{Cancelled, Placed};

const LIMIT: usize = 100;
const USUAL_LIMIT: usize = 20;
/// How long an answer may be waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a waiting request looks.
const LOOK: Duration = Duration::from_millis(200);

/// A part of the list of orders.
#[derive(Serialize)]
pub(super) struct List {
    orders: Vec<Order>,
    /// Where it goes on, if it does.
    next: Option<String>,
}

pub(super) async fn create(
    State(web): State<Web>,
    headers: HeaderMap,
    new: NewOrder,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let order = match web.store.place(&new, key).await? {
        Placed::New(order) => {
            web.wake.notify_one();
            tracing::info!(
                event.action = "order.accepted",
                order.id = order.id,
                "accepted"
            );
            order
        }
        Placed::Before(order) => order,
        Placed::KeyIsTaken => {
            let text = "another order was placed with this Idempotency-Key";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text));
        }
    };
    let location = [(header::LOCATION, format!("/orders/{}", order.id))];
    Ok((StatusCode::CREATED, location, Json(order)).into_response())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let is_fine = |key: &&str| {
        (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = key
        .to_str()
        .ok()
        .filter(is_fine)
        .filter(|_| keys.next().is_none());
    let text = "expected one Idempotency-Key of 1 to 255 visible ASCII characters";
    key.map(Some)
        .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, text))
}

pub(super) async fn show(
    State(web): State<Web>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Order>, Problem> {
    let mut query = Query::new(query.as_deref(), &["wait"]);
    let wait = query.take("wait", "a time such as 5s, at most 20s", |text| {
        humantime::parse_duration(text)
            .ok()
            .filter(|wait| *wait <= LONGEST_WAIT)
    });
    query.finish()?;
    let end = Instant::now() + wait.unwrap_or_default();
    loop {
        let order = find(&web, &id).await?;
        if order.status.is_final() || Instant::now() >= end {
            return Ok(Json(order));
        }
        // A stop is no reason to keep the client, who can ask the next process.
        if web.token.until_stopping(sleep(LOOK)).await.is_none() {
            return Ok(Json(order));
        }
    }
}

async fn find(web: &Web, id: &str) -> Result<Order, Problem> {
    if !is_id(id) {
        return Err(Problem::not_found());
    }
    if let Some(order) = web.cache.get(id).await {
        return Ok(order);
    }
    let order = web.store.order(id).await?.ok_or_else(Problem::not_found)?;
    web.cache.put(&order).await;
    Ok(order)
}

pub(super) async fn list(
    State(web): State<Web>,
    RawQuery(query): RawQuery,
) -> Result<Json<List>, Problem> {
    let mut query = Query::new(query.as_deref(), &["limit", "after"]);
    let limit = query.take("limit", "an integer from 1 to 100", |text| {
        text.parse()
            .ok()
            .filter(|limit| (1..=LIMIT).contains(limit))
    });
    let after = query.take("after", "the id of an order", |text| {
        is_id(text).then(|| text.to_owned())
    });
    query.finish()?;
    let limit = limit.unwrap_or(USUAL_LIMIT);
    let page = web.store.page(limit, after.as_deref()).await?;
    let last = page.orders.last().filter(|_| page.more);
    let next = last.map(|last| format!("/orders?limit={limit}&after={}", last.id));
    Ok(Json(List {
        orders: page.orders,
        next,
    }))
}

pub(super) async fn cancel(
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<Json<Order>, Problem> {
    if !is_id(&id) {
        return Err(Problem::not_found());
    }
    match web.store.cancel(&id).await? {
        Cancelled::Done(order) => Ok(Json(order)),
        Cancelled::TooLate => Err(Problem::new(
            StatusCode::CONFLICT,
            "the order is fulfilled already",
        )),
        Cancelled::Unknown => Err(Problem::not_found()),
    }
}

pub(super) async fn nothing_here(uri: Uri) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        format!("there is nothing at {}", uri.path()),
    )
}

pub(super) async fn not_that_way() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "see the header Allow")
}

fn is_id(text: &str) -> bool {
    // As they are written in the database, in one way only.
    Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
}

/// The parameters of a request, and what is wrong with them.
struct Query {
    values: HashMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Query {
    fn new(text: Option<&str>, known: &[&str]) -> Self {
        let mut mistakes = Vec::new();
        let mut values = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            let is_known = known.contains(&&*name);
            if !is_known
                || values
                    .insert(name.clone().into_owned(), value.into_owned())
                    .is_some()
            {
                let detail = format!("expected each once: {}", known.join(", "));
                mistakes.push(Mistake {
                    pointer: None,
                    parameter: None,
                    detail,
                });
            }
        }
        Self { values, mistakes }
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.values.get(name)?;
        let value = read(text);
        if value.is_none() {
            let detail = format!("expected {expected}");
            self.mistakes.push(Mistake {
                pointer: None,
                parameter: Some(name),
                detail,
            });
        }
        value
    }

    fn finish(self) -> Result<(), Problem> {
        match self.mistakes.is_empty() {
            true => Ok(()),
            false => Err(Problem::mistakes(StatusCode::BAD_REQUEST, self.mistakes)),
        }
    }
}
