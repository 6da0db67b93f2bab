//! One event for each request.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

pub(super) async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status();
    let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    macro_rules! event {
        ($level:ident) => {
            tracing::$level!(
                event.action = "http.request",
                event.duration = took,
                http.request.method = %method,
                http.response.status_code = status.as_u16(),
                url.path = path,
                "{method} {path} {}",
                status.as_u16()
            )
        };
    }
    match status.is_server_error() {
        true => event!(error),
        false => event!(info),
    }
    response
}
