//! The body of a new order: bounded, and read to the end of its mistakes.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::problem::{Mistake, Problem};
use crate::order::{Item, NewOrder};

/// How many bytes a body has at most.
pub(super) const BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(5);

const CUSTOMER: usize = 200;
const ITEMS: usize = 100;
const SKU: usize = 64;
const QUANTITY: i64 = 10_000;

impl<S: Send + Sync> FromRequest<S> for NewOrder {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            let text = "expected a body of type application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        let body = timeout(ARRIVAL, Bytes::from_request(request, state)).await;
        let Ok(body) = body else {
            let text = format!("the body did not arrive within {} s", ARRIVAL.as_secs());
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, text));
        };
        let body =
            body.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        let value: Value = serde_json::from_slice(&body).map_err(|error| {
            let text = format!("the body is not JSON: {error}");
            Problem::new(StatusCode::BAD_REQUEST, text)
        })?;
        read(&value)
            .map_err(|mistakes| Problem::mistakes(StatusCode::UNPROCESSABLE_ENTITY, mistakes))
    }
}

fn is_json(request: &Request) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE);
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Reads an order, or names all that is wrong with it.
fn read(value: &Value) -> Result<NewOrder, Vec<Mistake>> {
    let mut found = Mistakes::default();
    let empty = Map::new();
    let fields = found
        .object(value, "", &["customer", "items"])
        .unwrap_or(&empty);
    let customer = found.text(fields, "", "customer", CUSTOMER);
    let items = match fields.get("items") {
        Some(Value::Array(items)) if (1..=ITEMS).contains(&items.len()) => items.as_slice(),
        _ => {
            if value.is_object() {
                found.add("/items", format!("expected a list of 1 to {ITEMS} items"));
            }
            &[]
        }
    };
    let items = items
        .iter()
        .enumerate()
        .filter_map(|(n, item)| found.item(item, n))
        .collect();
    match (customer, found.0.is_empty()) {
        (Some(customer), true) => Ok(NewOrder { customer, items }),
        _ => Err(found.0),
    }
}

#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        let (pointer, detail) = (Some(pointer.into()), detail.into());
        self.0.push(Mistake {
            pointer,
            parameter: None,
            detail,
        });
    }

    fn object<'a>(
        &mut self,
        value: &'a Value,
        at: &str,
        known: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let Some(fields) = value.as_object() else {
            self.add(at, "expected an object");
            return None;
        };
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            self.add(
                format!("{at}/{escaped}"),
                format!("not known; there are {}", known.join(", ")),
            );
        }
        Some(fields)
    }

    fn item(&mut self, value: &Value, n: usize) -> Option<Item> {
        let at = format!("/items/{n}");
        let fields = self.object(value, &at, &["sku", "quantity"])?;
        let sku = self.text(fields, &at, "sku", SKU);
        let quantity = fields.get("quantity").and_then(Value::as_i64);
        let quantity = quantity.filter(|quantity| (1..=QUANTITY).contains(quantity));
        if quantity.is_none() {
            self.add(
                format!("{at}/quantity"),
                format!("expected an integer from 1 to {QUANTITY}"),
            );
        }
        Some(Item {
            sku: sku?,
            quantity: quantity?,
        })
    }

    fn text(
        &mut self,
        fields: &Map<String, Value>,
        at: &str,
        name: &str,
        longest: usize,
    ) -> Option<String> {
        let text = fields.get(name).and_then(Value::as_str);
        let is_fine = |text: &&str| {
            (1..=longest).contains(&text.chars().count())
                && !text.trim().is_empty()
                && !text.chars().any(char::is_control)
        };
        let text = text.filter(is_fine);
        if text.is_none() {
            let detail = format!(
                "expected a text of 1 to {longest} characters, not only blanks, without control characters"
            );
            // Of what is no object at all, this was said already.
            if !(fields.is_empty() && at.is_empty() && !self.0.is_empty()) {
                self.add(format!("{at}/{name}"), detail);
            }
        }
        text.map(str::to_owned)
    }
}
