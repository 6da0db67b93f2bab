//! What has no end of its own: server-sent events and websockets.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::{SinkExt, StreamExt, stream};
use tf_shutdown::{Lifecycle, Token};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, protocol::frame::coding::CloseCode};

use crate::support::{LIMIT, REQUEST, Service, hello, life, read_to_end, read_until, start_with};

fn events(life: &Lifecycle) -> Router {
    let token = life.token();
    let events = async move || {
        let once = stream::iter([Ok::<_, Infallible>(Event::default().data("tick"))]);
        let events = once.chain(stream::pending());
        Sse::new(token.until_stopping_stream(events))
    };
    Router::new().route("/", get(events))
}

#[tokio::test]
async fn a_stream_of_events_ends_well_when_the_service_stops() {
    let life = life();
    let router = events(&life);
    let service = start_with(life, router, |server| server);
    let mut stream = service.send(REQUEST).await;
    read_until(&mut stream, "data: tick\n\n\r\n").await;
    service.life.stop("the test wants it");
    let rest = read_to_end(&mut stream).await;
    // The last chunk: the client sees a whole response, not a connection that broke.
    assert_eq!(rest, "0\r\n\r\n");
    service.end().await;
}

/// Echoes until the service stops, then says so and waits for the goodbye of the client.
async fn echo(mut socket: WebSocket, token: Token) {
    while let Some(Some(Ok(message))) = token.until_stopping(socket.recv()).await {
        if matches!(message, Message::Text(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
    let goodbye = CloseFrame {
        code: close_code::AWAY,
        reason: "the service stops".into(),
    };
    if socket.send(Message::Close(Some(goodbye))).await.is_ok() {
        let peer = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _ = timeout(Duration::from_secs(5), peer).await;
    }
}

fn websockets(life: &Lifecycle) -> Router {
    let token = life.token();
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(move |socket| echo(socket, token))
    };
    hello().route("/echo", get(upgrade))
}

async fn connect(service: &Service) -> WebSocketStream<TcpStream> {
    let stream = service.connect().await;
    let connected = tokio_tungstenite::client_async("ws://a/echo", stream).await;
    connected.expect("it speaks the websocket protocol").0
}

async fn said(socket: &mut WebSocketStream<TcpStream>, text: &str) -> String {
    let message = tungstenite::Message::text(text);
    socket.send(message).await.expect("the service reads");
    let answer = timeout(LIMIT, socket.next()).await.expect("it answers");
    let answer = answer.expect("it is open").expect("it is a message");
    answer.into_text().expect("it is text").to_string()
}

#[tokio::test]
async fn a_websocket_is_told_that_the_service_goes_away() {
    let life = life();
    let router = websockets(&life);
    let service = start_with(life, router, |server| server);
    let mut socket = connect(&service).await;
    assert_eq!(said(&mut socket, "hello").await, "hello");
    service.life.stop("the test wants it");
    let last = timeout(LIMIT, socket.next()).await.unwrap();
    let Some(Ok(tungstenite::Message::Close(Some(frame)))) = last else {
        panic!("{last:?}");
    };
    assert_eq!(frame.code, CloseCode::Away);
    // The client's library answers by itself; then the server closes the connection.
    assert!(timeout(LIMIT, socket.next()).await.unwrap().is_none());
    let report = service.life.finished().await;
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(report.total() < Duration::from_secs(4), "{report}");
}

#[tokio::test]
async fn a_websocket_is_counted_until_it_is_closed() {
    let life = life();
    let router = websockets(&life);
    let service = start_with(life, router, |server| server);
    let group = service.life.group("http");
    let others = group.len();
    let mut socket = connect(&service).await;
    said(&mut socket, "hello").await;
    assert_eq!(group.len(), others + 1);
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    drop(socket);
    timeout(LIMIT, async {
        while group.len() > others {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it is not counted any more");
    service.end().await;
}

#[tokio::test]
async fn a_websocket_takes_a_place_among_the_connections() {
    let life = life();
    let router = websockets(&life);
    let service = start_with(life, router, |server| server.max_connections(1));
    let mut socket = connect(&service).await;
    said(&mut socket, "hello").await;
    let mut waiting = service.send(REQUEST).await;
    // The service is at work, and nobody answers the second connection.
    for _ in 0..10 {
        said(&mut socket, "hello").await;
    }
    assert!(waiting.try_read(&mut [0; 1]).is_err());
    drop(socket);
    read_until(&mut waiting, "hello").await;
    service.end().await;
}
