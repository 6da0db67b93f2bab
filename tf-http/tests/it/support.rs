//! A service in this process, and clients that see every byte.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tf_http::{Listener, Server};
use tf_shutdown::{Lifecycle, Options, Reason, Signal};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What any wait takes at most.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
pub(crate) const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

pub(crate) struct Service {
    pub(crate) life: Lifecycle,
    pub(crate) port: u16,
}

pub(crate) fn life() -> Lifecycle {
    Lifecycle::new(Options::for_tests().budget())
}

/// A lifecycle that serves on for a while before it stops.
pub(crate) fn life_with_pre_stop(time: Duration) -> Lifecycle {
    Lifecycle::new(Options::for_tests().pre_stop(time).budget())
}

pub(crate) fn listener() -> Listener {
    Listener::from_vars("http", [("LISTEN", "127.0.0.1:0")]).expect("a port is free")
}

pub(crate) fn start(router: Router) -> Service {
    start_with(life(), router, |server| server)
}

pub(crate) fn start_with(
    life: Lifecycle,
    router: Router,
    adjust: impl FnOnce(Server<Router>) -> Server<Router>,
) -> Service {
    let listener = listener();
    let port = listener.port().expect("it is TCP");
    let server = adjust(Server::new(listener, router));
    life.spawn_essential("http", server.serve(&life));
    life.ready();
    Service { life, port }
}

impl Service {
    pub(crate) async fn connect(&self) -> TcpStream {
        let connected = TcpStream::connect(("127.0.0.1", self.port)).await;
        connected.expect("the service listens")
    }

    /// A connection that has sent this.
    pub(crate) async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("the service reads");
        stream
    }

    /// Asks for the stop as a process manager does, so that the time before it is kept.
    pub(crate) fn terminate(&self) {
        self.life.stop(Reason::Signal {
            signal: Signal::Term,
            origin: None,
        });
    }

    /// Stops it; all must be well.
    pub(crate) async fn end(self) {
        let report = timeout(LIMIT, self.life.shutdown()).await;
        let report = report.expect("the stop ends");
        assert_eq!(report.exit_code(), 0, "{report}");
    }
}

pub(crate) fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

/// Reads up to the end of a response that ends with this text.
pub(crate) async fn read_until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut text = Vec::new();
    let read = async {
        while !text.ends_with(end.as_bytes()) {
            text.push(stream.read_u8().await.expect("the response goes on"));
        }
    };
    timeout(LIMIT, read).await.expect("the response arrives");
    String::from_utf8(text).expect("it is text")
}

pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = timeout(LIMIT, stream.read_to_end(&mut bytes)).await;
    read.expect("the connection is closed in time")
        .expect("the connection ends well");
    String::from_utf8(bytes).expect("it is text")
}
