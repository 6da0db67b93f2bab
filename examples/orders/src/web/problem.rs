//! Answers that say what is wrong, as RFC 9457 has them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::store::Error;

/// What is wrong with a request, or with the service.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Mistake>,
    #[serde(skip)]
    retry_after: Option<u32>,
}

/// One of several mistakes.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// Where it is: a JSON pointer into the body, or the name of a parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<&'static str>,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    pub(crate) fn mistakes(status: StatusCode, errors: Vec<Mistake>) -> Self {
        let detail = format!("{} to be mended", errors.len());
        Self {
            errors,
            ..Self::new(status, detail)
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such order")
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if error.is_passing() {
            tracing::warn!(event.action = "database.failed", "{error}");
            let text = "the database is not available; try again";
            return Self {
                retry_after: Some(1),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
            };
        }
        tracing::error!(event.action = "database.failed", "{error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
