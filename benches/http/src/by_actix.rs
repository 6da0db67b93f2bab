//! actix-web, which has handlers and a runtime of its own.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use bench_support::HELLO;

use crate::app::block;
use crate::servers::{DEADLINE, say};

/// As many workers as the runtime of the others has.
const WORKERS: usize = 2;

/// Serves until a signal, which actix-web handles itself.
pub fn main() {
    rt::System::new().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
        say(listener
            .local_addr()
            .expect("a listener has an address")
            .port());
        let app = || {
            App::new()
                .route("/", web::get().to(async || HELLO))
                .route("/slow/{millis}", web::get().to(slow))
                .route("/block", web::get().to(blocked))
                .route("/echo", web::get().to(echo))
        };
        HttpServer::new(app)
            .workers(WORKERS)
            .shutdown_timeout(DEADLINE.as_secs())
            .listen_auto_h2c(listener)
            .expect("actix-web takes the socket")
            .run()
            .await
            .expect("actix-web serves");
    });
}

async fn slow(millis: web::Path<u64>) -> &'static str {
    rt::time::sleep(Duration::from_millis(*millis)).await;
    HELLO
}

async fn blocked() -> &'static str {
    block();
    HELLO
}

/// The bytes behind the head of the request go back as the body of the response.
async fn echo(bytes: web::Payload) -> HttpResponse {
    HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
        .upgrade("websocket")
        .streaming(bytes)
}
