use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tf_http::{DrainLayer, Health, Server};
use tf_shutdown::State;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::support::{REQUEST, hello, life, listener, read_to_end, read_until, start};

#[tokio::test]
async fn a_connection_is_used_again_until_the_service_stops() {
    let service = start(hello());
    let mut stream = service.connect().await;
    for _ in 0..3 {
        stream.write_all(REQUEST).await.unwrap();
        let response = read_until(&mut stream, "hello").await;
        assert!(!response.contains("connection: close"), "{response}");
    }
    let report = service.life.shutdown().await;
    assert_eq!(report.exit_code(), 0);
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn a_request_in_flight_is_answered_with_a_goodbye() {
    let began = std::sync::Arc::new(Notify::new());
    let end = std::sync::Arc::new(Notify::new());
    let (begins, ends) = (began.clone(), end.clone());
    let slow = async move || {
        begins.notify_one();
        ends.notified().await;
        "hello"
    };
    let service = start(Router::new().route("/", get(slow)));
    let mut stream = service.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    began.notified().await;
    service.life.stop("the test wants it");
    let token = service.life.token();
    token.stopping().await;
    end.notify_one();
    let response = read_to_end(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.contains("connection: close"), "{response}");
    assert_eq!(service.life.finished().await.exit_code(), 0);
}

#[tokio::test(flavor = "current_thread")]
async fn connections_in_the_queue_are_served_when_the_service_stops() {
    let service = start(hello());
    // Nothing is awaited on this only thread between connect and stop, so nobody has accepted.
    let mut queued: Vec<_> = (0..50)
        .map(|_| {
            use std::io::Write;
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", service.port)).unwrap();
            stream.write_all(REQUEST).unwrap();
            stream.set_nonblocking(true).unwrap();
            stream
        })
        .collect();
    service.life.stop("the test wants it");
    for stream in queued.drain(..) {
        let mut stream = TcpStream::from_std(stream).unwrap();
        let response = read_to_end(&mut stream).await;
        assert!(response.ends_with("hello"), "{response}");
    }
    assert_eq!(service.life.finished().await.exit_code(), 0);
}

#[tokio::test]
async fn a_first_request_that_is_under_way_when_the_service_stops_is_answered() {
    let service = start(hello());
    let mut stream = service.connect().await;
    service.life.stop("the test wants it");
    service.life.token().stopping().await;
    stream.write_all(REQUEST).await.unwrap();
    let response = read_to_end(&mut stream).await;
    assert!(response.ends_with("hello"), "{response}");
    assert_eq!(service.life.finished().await.exit_code(), 0);
}

#[tokio::test]
async fn half_a_head_and_a_stalled_preface_do_not_hold_the_end() {
    for bytes in [
        &b"GET / HTTP/1.1\r\nho"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HT",
        b"",
    ] {
        let service = start(hello());
        let mut stream = service.connect().await;
        stream.write_all(bytes).await.unwrap();
        let mut other = service.connect().await;
        other.write_all(REQUEST).await.unwrap();
        read_until(&mut other, "hello").await;
        let report = service.life.shutdown().await;
        assert_eq!(report.exit_code(), 0, "{report}");
        assert!(report.total() < Duration::from_secs(5), "{report}");
    }
}

#[tokio::test]
async fn half_a_head_is_given_up_after_its_time() {
    let (life, listener) = (life(), listener());
    let port = listener.port().unwrap();
    let server = Server::new(listener, hello()).header_timeout(Duration::from_millis(50));
    life.spawn_essential("http", server.serve(&life));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nho").await.unwrap();
    assert_eq!(read_to_end(&mut stream).await, "");
    assert_eq!(life.shutdown().await.exit_code(), 0);
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_time_and_a_working_one_is_not() {
    let (life, listener) = (life(), listener());
    let port = listener.port().unwrap();
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "hello"
    };
    let router = Router::new().route("/", get(slow));
    let server = Server::new(listener, router).idle_timeout(Duration::from_millis(100));
    life.spawn_essential("http", server.serve(&life));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    assert!(read_to_end(&mut stream).await.ends_with("hello"));
    assert_eq!(life.shutdown().await.exit_code(), 0);
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let (life, listener) = (life(), listener());
    let port = listener.port().unwrap();
    life.spawn_essential(
        "http",
        Server::new(listener, hello())
            .max_connections(1)
            .serve(&life),
    );
    let mut first = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    first.write_all(REQUEST).await.unwrap();
    read_until(&mut first, "hello").await;
    let mut second = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    second.write_all(REQUEST).await.unwrap();
    drop(first);
    assert!(
        read_until(&mut second, "hello")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert_eq!(life.shutdown().await.exit_code(), 0);
}

#[tokio::test]
async fn health_is_answered_to_the_end_of_the_drain() {
    let (life, listener) = (life(), listener());
    let port = listener.port().unwrap();
    let health = Health::builder(&life).build();
    life.spawn_essential(
        "http",
        Server::new(listener, hello()).health(health).serve(&life),
    );
    let ask = async |path: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let response = read_to_end(&mut stream).await;
        response[9..12].to_owned()
    };
    assert_eq!(
        (ask("/readyz").await, ask("/startupz").await),
        ("503".into(), "503".into())
    );
    life.ready();
    assert_eq!(
        (ask("/readyz").await, ask("/livez").await, ask("/").await),
        ("200".into(), "200".into(), "200".into())
    );
    let work = life.group("work").guard().unwrap();
    life.stop("the test wants it");
    life.reached(State::Draining).await;
    assert_eq!(
        (ask("/readyz").await, ask("/livez").await, ask("/").await),
        ("503".into(), "200".into(), "503".into())
    );
    drop(work);
    assert_eq!(life.finished().await.exit_code(), 0);
}

#[tokio::test]
async fn a_layer_counts_requests_to_the_end_of_their_bodies() {
    let life = life();
    let router: Router = hello().layer(DrainLayer::new(&life).refuse_late(true));
    let ask = async || {
        let request = http::Request::new(axum::body::Body::empty());
        router.clone().oneshot(request).await.unwrap()
    };
    let response = ask().await;
    assert_eq!(life.group("requests").len(), 1);
    life.stop("the test wants it");
    life.reached(State::Draining).await;
    let late = ask().await;
    assert_eq!(late.status(), 503);
    assert_eq!(late.headers()["connection"], "close");
    drop(response);
    assert_eq!(life.finished().await.exit_code(), 0);
}

#[test]
fn handles_go_anywhere() {
    fn is_handle<T: Clone + Send + Sync + 'static>() {}
    is_handle::<Health>();
    is_handle::<DrainLayer>();
    is_handle::<tf_http::Address>();
    is_handle::<tf_http::Peer>();
    fn is_sent<T: Send + Sync + 'static>() {}
    is_sent::<tf_http::Listener>();
    is_sent::<Server<Router>>();
    is_sent::<tf_http::Error>();
}
