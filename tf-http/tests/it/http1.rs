use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::routing::{get, post};
use axum::{Router, body::Body};
use futures_util::stream;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, Semaphore};

use crate::support::{
    REQUEST, Service, hello, life, life_with_pre_stop, read_to_end, read_until, start, start_with,
};

const CLOSE: &str = "connection: close";

/// Answers `slow` with as many bytes as there are permits.
fn trickle(bytes: &Arc<Semaphore>) -> Router {
    let bytes = Arc::clone(bytes);
    let body = async move || {
        let parts = stream::unfold(bytes, async |bytes| {
            bytes.acquire().await.ok()?.forget();
            Some((Ok::<_, std::io::Error>("x"), bytes))
        });
        Body::from_stream(parts)
    };
    Router::new().route("/", get(body))
}

fn echo() -> Router {
    Router::new().route("/", post(async |body: Bytes| body))
}

#[tokio::test]
async fn a_lame_duck_answers_and_says_goodbye() {
    let life = life_with_pre_stop(Duration::from_secs(2));
    let service = start_with(life, hello(), |server| server);
    let mut busy = service.send(REQUEST).await;
    assert!(!read_until(&mut busy, "hello").await.contains(CLOSE));
    service.terminate();
    service.life.token().lame_duck().await;
    busy.write_all(REQUEST).await.unwrap();
    assert!(read_to_end(&mut busy).await.contains(CLOSE));
    // It still takes connections, whose first response is the last.
    let mut fresh = service.send(REQUEST).await;
    assert!(!service.life.token().is_stopping());
    assert!(read_to_end(&mut fresh).await.contains(CLOSE));
    service.end().await;
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_their_order() {
    let router = Router::new()
        .route("/a", get(async || "first"))
        .route("/b", get(async || "second"));
    let service = start(router);
    let request = |path| format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
    let both = request("/a") + &request("/b");
    let mut stream = service.send(both.as_bytes()).await;
    let text = read_until(&mut stream, "second").await;
    assert_eq!(text.matches("HTTP/1.1 200").count(), 2, "{text}");
    assert!(text.find("first") < text.find("second"), "{text}");
    service.end().await;
}

#[tokio::test]
async fn a_body_is_asked_for_where_the_client_waits_for_that() {
    let service = start(echo());
    let head = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
    let mut stream = service.send(head).await;
    let interim = read_until(&mut stream, "\r\n\r\n").await;
    assert!(interim.starts_with("HTTP/1.1 100"), "{interim}");
    stream.write_all(b"body").await.unwrap();
    assert!(read_until(&mut stream, "body").await.contains(" 200 "));
    service.end().await;
}

#[tokio::test]
async fn a_body_that_arrives_during_the_stop_is_waited_for() {
    let service = start(echo());
    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\n123";
    let mut stream = service.send(head).await;
    served_once(&service).await;
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    stream.write_all(b"45").await.unwrap();
    tokio::task::yield_now().await;
    stream.write_all(b"6").await.unwrap();
    let response = read_to_end(&mut stream).await;
    assert!(response.ends_with("123456"), "{response}");
    assert!(response.contains(CLOSE), "{response}");
    service.end().await;
}

/// Returns when the service has taken every connection that came before.
async fn served_once(service: &Service) {
    let mut other = service
        .send(b"GET /other HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    read_to_end(&mut other).await;
}

#[tokio::test]
async fn a_response_that_is_sent_during_the_stop_is_sent_whole() {
    let bytes = Arc::new(Semaphore::new(1));
    let service = start(trickle(&bytes));
    let mut stream = service.send(REQUEST).await;
    let head = read_until(&mut stream, "x\r\n").await;
    assert!(!head.contains(CLOSE), "{head}");
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    bytes.add_permits(3);
    let more = read_until(&mut stream, "x\r\n1\r\nx\r\n1\r\nx\r\n").await;
    bytes.close();
    let rest = more + &read_until(&mut stream, "0\r\n\r\n").await;
    assert_eq!(rest.matches('x').count(), 3, "{rest}");
    // Nobody told the client that this response is the last, so it may send another request.
    stream.write_all(REQUEST).await.unwrap();
    assert!(read_to_end(&mut stream).await.contains(CLOSE));
    service.end().await;
}

#[tokio::test]
async fn a_second_head_that_is_half_there_when_the_service_stops_is_waited_for() {
    let service = start(hello());
    let mut stream = service.send(REQUEST).await;
    read_until(&mut stream, "hello").await;
    let (half, rest) = REQUEST.split_at(20);
    stream.write_all(half).await.unwrap();
    served_once(&service).await;
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    served_by_the_queue(&service).await;
    stream.write_all(rest).await.unwrap();
    assert!(read_to_end(&mut stream).await.ends_with("hello"));
    service.end().await;
}

/// Returns when the connections have heard of the stop.
async fn served_by_the_queue(service: &Service) {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!service.life.group("http").is_empty());
}

#[tokio::test]
async fn an_idle_connection_may_begin_a_request_just_after_the_stop() {
    let service = start(hello());
    let mut stream = service.send(REQUEST).await;
    read_until(&mut stream, "hello").await;
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    served_by_the_queue(&service).await;
    stream.write_all(REQUEST).await.unwrap();
    let response = read_to_end(&mut stream).await;
    assert!(
        response.contains(CLOSE) && response.ends_with("hello"),
        "{response}"
    );
    service.end().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_gets_431() {
    let service = start_with(life(), hello(), |server| server.max_header_bytes(8 * 1024));
    let large = "x".repeat(9 * 1024);
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\ncookie: {large}\r\n\r\n");
    let mut stream = service.send(head.as_bytes()).await;
    let response = read_until(&mut stream, "\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 431"), "{response}");
    let small = format!(
        "GET / HTTP/1.1\r\nhost: a\r\ncookie: {}\r\n\r\n",
        "x".repeat(4096)
    );
    let mut stream = service.send(small.as_bytes()).await;
    assert!(read_until(&mut stream, "hello").await.contains(" 200 "));
    service.end().await;
}

#[tokio::test]
async fn work_that_is_left_at_the_deadline_is_dropped() {
    struct Dropped(Arc<Notify>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let options = tf_shutdown::Options::for_tests().total(Duration::from_millis(500));
    let life = tf_shutdown::Lifecycle::new(options.budget());
    let (began, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, drops) = (Arc::clone(&began), Arc::clone(&dropped));
    let stuck = async move || {
        let _dropped = Dropped(drops);
        begins.notify_one();
        std::future::pending::<()>().await;
    };
    let service = start_with(life, Router::new().route("/", get(stuck)), |server| server);
    let _stream = service.send(REQUEST).await;
    began.notified().await;
    let report = service.life.shutdown().await;
    assert_eq!(report.exit_code(), 124, "{report}");
    assert_eq!(report.stragglers()[0].group(), "http");
    tokio::time::timeout(crate::support::LIMIT, dropped.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_panic_costs_one_connection() {
    let router = hello().route(
        "/panic",
        get(async || {
            if true {
                panic!("this message makes no sense");
            }
        }),
    );
    let service = start(router);
    let mut stream = service
        .send(b"GET /panic HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert_eq!(read_to_end(&mut stream).await, "");
    let mut stream = service.send(REQUEST).await;
    read_until(&mut stream, "hello").await;
    service.end().await;
}

#[tokio::test]
async fn a_client_that_is_refused_half_way_through_its_upload_reads_why() {
    let refuse = async || (http::StatusCode::PAYLOAD_TOO_LARGE, "too much");
    let service = start(Router::new().route("/", post(refuse)));
    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 50000000\r\n\r\n";
    let mut stream = service.send(head).await;
    let part = vec![b'x'; 1_000_000];
    for _ in 0..5 {
        stream.write_all(&part).await.unwrap();
    }
    let response = read_to_end(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 413"), "{response}");
    assert!(response.ends_with("too much"), "{response}");
    service.end().await;
}
