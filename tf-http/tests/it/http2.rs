use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use http::{Request, Version};
use http_body_util::BodyExt;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::{LIMIT, Service, hello, life, life_with_pre_stop, start, start_with};

/// A connection; its task ends when the connection is closed.
async fn connect(service: &Service) -> (SendRequest<Body>, JoinHandle<()>) {
    let stream = service.connect().await;
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("it speaks HTTP/2");
    let closed = tokio::spawn(async {
        connection.await.expect("the connection ends well");
    });
    (sender, closed)
}

fn request() -> Request<Body> {
    let request = Request::builder().version(Version::HTTP_2);
    request
        .uri("http://a/")
        .body(Body::empty())
        .expect("it is a request")
}

async fn text(sender: &mut SendRequest<Body>) -> String {
    let response = sender.send_request(request()).await.expect("a response");
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("connection"));
    let body = response.into_body().collect().await.expect("a body");
    String::from_utf8(body.to_bytes().to_vec()).expect("it is text")
}

/// Answers once there is a permit for it.
fn gate() -> (Arc<Semaphore>, Arc<Semaphore>, Router) {
    let (began, open) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begins, opens) = (Arc::clone(&began), Arc::clone(&open));
    let slow = async move || {
        begins.add_permits(1);
        opens.acquire().await.expect("it stays open").forget();
        "hello"
    };
    (began, open, Router::new().route("/", get(slow)))
}

async fn all_have_begun(began: &Semaphore, count: u32) {
    let begun = timeout(LIMIT, began.acquire_many(count)).await;
    drop(begun.expect("all begin").expect("it stays open"));
}

#[tokio::test]
async fn all_streams_are_answered_when_the_service_stops() {
    const STREAMS: u32 = 100;
    let (began, open, router) = gate();
    let service = start(router);
    let (sender, closed) = connect(&service).await;
    let asked = (0..STREAMS).map(|_| {
        let mut sender = sender.clone();
        tokio::spawn(async move { text(&mut sender).await })
    });
    let asked: Vec<_> = asked.collect();
    all_have_begun(&began, STREAMS).await;
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    open.add_permits(STREAMS as usize);
    for answer in asked {
        assert_eq!(answer.await.unwrap(), "hello");
    }
    timeout(LIMIT, closed).await.unwrap().unwrap();
    service.end().await;
}

#[tokio::test]
async fn a_lame_duck_sends_the_client_elsewhere_without_a_loss() {
    let (began, open, router) = gate();
    let life = life_with_pre_stop(Duration::from_secs(3));
    let service = start_with(life, router, |server| server);
    let (mut sender, closed) = connect(&service).await;
    let mut first = sender.clone();
    let first = tokio::spawn(async move { text(&mut first).await });
    all_have_begun(&began, 1).await;
    service.terminate();
    service.life.token().lame_duck().await;
    // The next request is answered, and wakes the connection, which says GOAWAY.
    let second = tokio::spawn(async move { text(&mut sender).await });
    all_have_begun(&began, 2).await;
    open.add_permits(2);
    assert_eq!(first.await.unwrap(), "hello");
    assert_eq!(second.await.unwrap(), "hello");
    timeout(LIMIT, closed).await.unwrap().unwrap();
    assert!(!service.life.token().is_stopping());
    service.end().await;
}

#[tokio::test]
async fn an_idle_connection_is_told_to_go_when_the_service_stops() {
    let service = start(hello());
    let (mut sender, closed) = connect(&service).await;
    assert_eq!(text(&mut sender).await, "hello");
    let report = service.life.shutdown().await;
    assert!(report.total() < Duration::from_secs(4), "{report}");
    timeout(LIMIT, closed).await.unwrap().unwrap();
    drop(sender);
}

/// A client that reads only when it is told to, and then slowly.
async fn slow_wire(service: &Service, mut far: DuplexStream, go: Arc<Semaphore>) {
    let (mut read, mut write) = service.connect().await.into_split();
    let (mut from_client, mut to_client) = tokio::io::split(&mut far);
    let up = async { tokio::io::copy(&mut from_client, &mut write).await };
    let down = async {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let count = read.read(&mut bytes).await?;
            if count == 0 {
                return Ok::<_, std::io::Error>(());
            }
            go.acquire().await.expect("it stays open").forget();
            to_client.write_all(&bytes[..count]).await?;
        }
    };
    tokio::select! {
        _ = up => {}
        _ = down => {}
    }
}

#[tokio::test]
async fn a_large_response_over_a_slow_wire_is_sent_whole() {
    const SIZE: usize = 4 << 20;
    let body = Bytes::from(vec![b'x'; SIZE]);
    let service = Arc::new(start(Router::new().route("/", get(async move || body))));
    let (near, far) = duplex(1024);
    let go = Arc::new(Semaphore::new(0));
    let (wired, paced) = (Arc::clone(&service), Arc::clone(&go));
    let wire = tokio::spawn(async move { slow_wire(&wired, far, paced).await });
    // The preface, the settings and the head of the response.
    go.add_permits(8);
    let (mut sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(near))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request()).await.unwrap();
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    // The whole body has been handed to HTTP/2, which waits for room in the window of the client.
    let pace = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            go.add_permits(1);
        }
    });
    let received = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(received.len(), SIZE);
    drop(sender);
    let report = service.life.finished().await;
    assert_eq!(report.exit_code(), 0, "{report}");
    pace.abort();
    drop((connection, wire));
}

#[tokio::test]
async fn streams_that_are_left_at_the_deadline_are_dropped() {
    struct Dropped(Arc<Semaphore>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.add_permits(1);
        }
    }
    let (began, dropped) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begins, drops) = (Arc::clone(&began), Arc::clone(&dropped));
    let stuck = async move || {
        let _dropped = Dropped(drops);
        begins.add_permits(1);
        std::future::pending::<()>().await;
    };
    let options = tf_shutdown::Options::for_tests().total(Duration::from_millis(500));
    let life = tf_shutdown::Lifecycle::new(options.budget());
    let service = start_with(life, Router::new().route("/", get(stuck)), |server| server);
    let (mut sender, _closed) = connect(&service).await;
    let asked = tokio::spawn(async move { sender.send_request(request()).await.is_err() });
    all_have_begun(&began, 1).await;
    assert_eq!(service.life.shutdown().await.exit_code(), 124);
    assert!(timeout(LIMIT, asked).await.unwrap().unwrap());
    all_have_begun(&dropped, 1).await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_connection_serves_on() {
    let service = start_with(life(), hello(), |server| server.max_header_bytes(8 * 1024));
    let (mut sender, _closed) = connect(&service).await;
    let mut large = request();
    let cookie = "x".repeat(12 * 1024);
    large
        .headers_mut()
        .insert("cookie", cookie.parse().expect("it is a value"));
    if let Ok(response) = sender.send_request(large).await {
        assert_eq!(response.status(), 431);
    }
    assert_eq!(text(&mut sender).await, "hello");
    service.end().await;
}
