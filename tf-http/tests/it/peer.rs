use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::routing::get;
use axum::{Extension, Router};
use http::Request;
use tf_http::{Address, Listener, Peer, Server};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tower::ServiceBuilder;

use crate::support::{REQUEST, life, read_until, start, start_with};

fn whoami() -> Router {
    let whoami = async |peer: Option<Extension<Peer>>| match peer {
        Some(Extension(peer)) => format!("{}!", peer.address()),
        None => "nobody!".to_owned(),
    };
    Router::new().route("/", get(whoami))
}

#[tokio::test]
async fn a_request_knows_its_peer_only_where_that_was_asked_for() {
    let asked = start_with(life(), whoami(), |server| server.peer(true));
    let mut stream = asked.send(REQUEST).await;
    let local = stream.local_addr().unwrap();
    assert!(
        read_until(&mut stream, "!")
            .await
            .ends_with(&format!("\n{local}!"))
    );
    asked.end().await;

    let not_asked = start(whoami());
    let mut stream = not_asked.send(REQUEST).await;
    assert!(read_until(&mut stream, "!").await.ends_with("nobody!"));
    not_asked.end().await;
}

#[tokio::test]
async fn an_ipv4_peer_is_one_on_a_socket_of_both_families() {
    let life = life();
    let listener = Listener::from_vars("http", [("PORT", "0")]).unwrap();
    let port = listener.port().unwrap();
    life.spawn_essential(
        "http",
        Server::new(listener, whoami()).peer(true).serve(&life),
    );
    life.ready();
    let service = crate::support::Service { life, port };
    let mut stream = service.send(REQUEST).await;
    assert!(read_until(&mut stream, "!").await.contains("\n127.0.0.1:"));
    service.end().await;
}

#[tokio::test]
async fn the_extension_can_be_the_one_that_axum_extracts() {
    let whoami = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("{peer}!");
    let as_connect_info = ServiceBuilder::new().map_request(|mut request: Request<_>| {
        if let Some(peer) = request.extensions().get::<Peer>().copied() {
            request.extensions_mut().insert(ConnectInfo(peer.address()));
        }
        request
    });
    let router = Router::new().route("/", get(whoami)).layer(as_connect_info);
    let service = start_with(life(), router, |server| server.peer(true));
    let mut stream = service.send(REQUEST).await;
    let local = stream.local_addr().unwrap();
    assert!(
        read_until(&mut stream, "!")
            .await
            .ends_with(&format!("\n{local}!"))
    );
    service.end().await;
}

#[tokio::test]
async fn a_unix_socket_serves_and_has_no_peer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let life = life();
    let listener = Listener::bind(&Address::unix(&path)).unwrap();
    life.spawn_essential(
        "http",
        Server::new(listener, whoami()).peer(true).serve(&life),
    );
    life.ready();
    let mut stream = UnixStream::connect(&path).await.unwrap();
    for _ in 0..2 {
        stream.write_all(REQUEST).await.unwrap();
        assert!(read_until(&mut stream, "!").await.ends_with("nobody!"));
    }
    assert_eq!(life.shutdown().await.exit_code(), 0);
    assert!(!path.exists());
}
