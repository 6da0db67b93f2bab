//! The servers, each the whole `main` of a child, wired as its own documentation does it.

use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{ExitCode, Termination};
use std::time::Duration;

use axum_server::Handle;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tf_http::Listener;
use tf_shutdown::{Options, Signals};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app;
use crate::by_actix;

/// How long a server that has an option for it may take to end.
pub const DEADLINE: Duration = Duration::from_secs(5);

const LOOPBACK: &str = "127.0.0.1:0";

/// Serves until a signal ends it.
pub fn main(contestant: &str) -> ExitCode {
    match contestant {
        "tf-http" => return by_tf_http(),
        "hyper" => block_on(by_hyper(&Builder::new(TokioExecutor::new()), false)),
        "hyper-timer" => block_on(by_hyper(&with_timeouts(), false)),
        "hyper-nodelay" => block_on(by_hyper(&Builder::new(TokioExecutor::new()), true)),
        "hyper-graceful" => block_on(by_graceful()),
        "axum" => block_on(by_axum()),
        "axum-server" => block_on(by_axum_server()),
        "actix-web" => by_actix::main(),
        _ => panic!("no contestant is called {contestant}"),
    }
    ExitCode::SUCCESS
}

/// As `#[tokio::main]`.
fn block_on(main: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime starts").block_on(main);
}

/// Tells the runner where to connect.
pub fn say(port: u16) {
    writeln!(std::io::stdout(), "127.0.0.1:{port}").expect("the runner reads stdout");
}

fn by_tf_http() -> ExitCode {
    let signals = Signals::install();
    let options = Options::from_env().total(DEADLINE);
    let report = tf_shutdown::run(signals, options, |life| async move {
        let listener = Listener::bind(&LOOPBACK.parse()?)?;
        say(listener.port().unwrap_or_default());
        let app = app::router(Some(life.token()));
        life.spawn_essential("http", tf_http::serve(listener, app, &life));
        life.ready();
        Ok(())
    });
    report.report()
}

async fn bind() -> TcpListener {
    let listener = TcpListener::bind(LOOPBACK).await;
    let listener = listener.expect("the loopback has a free port");
    say(listener
        .local_addr()
        .expect("a listener has an address")
        .port());
    listener
}

async fn stop() {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// What hyper alone needs, so that half a request head does not hold a connection for ever.
fn with_timeouts() -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    let timer = TokioTimer::new();
    let head = Duration::from_secs(10);
    http.http1()
        .timer(timer.clone())
        .header_read_timeout(Some(head));
    http.http2().timer(timer);
    http
}

/// The floor: a connection gets a task, and the process ends without looking back.
async fn by_hyper(http: &Builder<TokioExecutor>, no_delay: bool) {
    let listener = bind().await;
    let app = TowerToHyperService::new(app::router(None));
    let accepting = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            if no_delay {
                stream.set_nodelay(true).expect("TCP has this option");
            }
            let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), app.clone());
            let connection = connection.into_owned();
            tokio::spawn(async move {
                // An error is the peer's doing.
                let _ = connection.await;
            });
        }
    };
    tokio::select! {
        () = stop() => {}
        () = accepting => {}
    }
}

async fn by_graceful() {
    let listener = bind().await;
    let app = TowerToHyperService::new(app::router(None));
    let http = Builder::new(TokioExecutor::new());
    let graceful = GracefulShutdown::new();
    let mut stopping = std::pin::pin!(stop());
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let connection =
                    http.serve_connection_with_upgrades(TokioIo::new(Box::pin(stream)), app.clone());
                let connection = graceful.watch(connection.into_owned());
                tokio::spawn(async move {
                    let _ = connection.await;
                });
            }
            () = &mut stopping => {
                drop(listener);
                break;
            }
        }
    }
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DEADLINE) => {}
    }
}

async fn by_axum() {
    let listener = bind().await;
    let serving = axum::serve(listener, app::router(None)).with_graceful_shutdown(stop());
    serving.await.expect("axum serves");
}

async fn by_axum_server() {
    let listener = std::net::TcpListener::bind(LOOPBACK).expect("the loopback has a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let handle = Handle::<SocketAddr>::new();
    let own = handle.clone();
    tokio::spawn(async move {
        stop().await;
        own.graceful_shutdown(Some(DEADLINE));
    });
    say(address.port());
    axum_server::from_tcp(listener)
        .expect("axum-server takes the socket")
        .handle(handle)
        .serve(app::router(None).into_make_service())
        .await
        .expect("axum-server serves");
}
