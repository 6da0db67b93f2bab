//! Long-running process types.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tf_app::{App, Context, Env, Io};
use tf_backing::Locator;
use tf_http::Server;
use tf_shutdown::State;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{Failure, GOOD, Settings, actions, app, free_port, good, run, run_app};

async fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("it answers");
    answer
}

/// Serves until `look` has looked, which gets the port.
fn served<F>(look: impl FnOnce(Context<Settings>, u16) -> F + Send + 'static) -> App<Settings>
where
    F: Future<Output = ()> + Send + 'static,
{
    let web = async move |cx: Context<Settings>| {
        let listener = cx.listener()?;
        let port = listener.port().expect("it is TCP");
        let server = Server::new(listener, axum::Router::new()).health(cx.health());
        let looking = look(cx.clone(), port);
        let life = cx.lifecycle().clone();
        tokio::spawn(async move {
            life.reached(State::Running).await;
            looking.await;
            life.stop("seen enough");
        });
        Ok::<_, Failure>(server.serve(cx.lifecycle()).await?)
    };
    App::new(tf_app::build!().named("shop")).web(web)
}

/// The same, of no use without its database.
fn served_with_database<F>(
    look: impl FnOnce(Context<Settings>, u16) -> F + Send + 'static,
) -> App<Settings>
where
    F: Future<Output = ()> + Send + 'static,
{
    served(look).backing_if_set(|settings| [("database", settings.database_url.as_ref())])
}

#[test]
fn web_is_ready_once_it_can_serve() {
    let app = served(async |cx, port| {
        assert_eq!(cx.lifecycle().state(), State::Running);
        let answer = get(port, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(cx.listener().is_err() && cx.server(()).is_err());
    });
    let report = run_app(app, &[], &GOOD);
    assert_eq!(report.code(), 0, "{report:?}");
}

/// The smallest service with a protocol: it greets as a mail relay does.
struct Greeter {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Greeter {
    fn start() -> Self {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = server.local_addr().expect("it is bound");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for mut stream in server.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                // Whoever asks may be gone already.
                let _ = stream.write_all(b"220 hello\r\n");
            }
        });
        Self {
            address,
            stop,
            thread,
        }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(std::net::TcpStream::connect(self.address).expect("it listens"));
        self.thread.join().expect("it has not panicked");
    }
}

#[test]
fn a_backing_service_that_goes_away_is_seen_by_the_readiness() {
    let greeter = Greeter::start();
    let url = format!("smtp://{}", greeter.address);
    let app = served_with_database(async move |cx, port| {
        assert_eq!(cx.backing("database").map(Locator::scheme), Some("smtp"));
        assert!(cx.backing("queue").is_none());
        let answer = get(port, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("database"), "{answer}");
        greeter.stop();
        // The last result is used again for a second.
        let changed = async {
            loop {
                let answer = get(port, "/readyz").await;
                if answer.starts_with("HTTP/1.1 503") {
                    return answer;
                }
            }
        };
        let limit = Duration::from_secs(20);
        let answer = tokio::time::timeout(limit, changed).await.unwrap();
        assert!(answer.contains("\"database\""), "{answer}");
    });
    let report = run_app(app, &[], &good(&[("DATABASE_URL", &url)]));
    assert_eq!(report.code(), 0, "{report:?}");
}

#[test]
fn a_backing_service_that_is_optional_holds_up_nothing() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let vars = good(&[("DATABASE_URL", &url)]);
    let app = || {
        let look = async |cx: Context<Settings>, port| {
            assert_eq!(cx.backing("cache").map(Locator::scheme), Some("redis"));
            let answer = get(port, "/readyz").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        };
        served(look).backing_optional(|settings| [("cache", settings.database_url.as_ref())])
    };
    let report = run_app(app(), &[], &vars);
    assert_eq!(report.code(), 0, "{report:?}");
    let report = run_app(app(), &["backing", "check"], &vars);
    assert_eq!(report.code(), 0, "{report:?}");
    for part in ["cache", "refusing connections", "(optional)"] {
        assert!(report.stdout().contains(part), "{report:?}");
    }
}

#[test]
fn a_backing_service_that_is_down_is_waited_for_as_configured_then_69() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    for words in [&["web"][..], &["worker", "tick"], &["admin", "hello"]] {
        let began = Instant::now();
        let report = run(
            words,
            &good(&[("DATABASE_URL", &url), ("BACKING_WAIT", "1500ms")]),
        );
        assert_eq!(report.code(), 69, "{words:?}: {report:?}");
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(1500), "{words:?}: {took:?}");
        assert!(
            report.stderr().contains("refusing connections"),
            "{report:?}"
        );
        let logs = [report.stdout(), report.stderr()].concat();
        assert!(
            actions(&logs).contains(&"backing.unavailable".to_owned()),
            "{report:?}"
        );
        assert!(
            !actions(&logs).contains(&"lifecycle.ready".to_owned()),
            "{report:?}"
        );
    }
}

#[test]
fn a_start_that_is_hopeless_does_not_end_within_a_second() {
    // A mail relay is not what speaks PostgreSQL, which no waiting mends.
    let greeter = Greeter::start();
    let url = format!("postgres://app@{}/shop", greeter.address);
    let began = Instant::now();
    let report = run(&["worker", "tick"], &good(&[("DATABASE_URL", &url)]));
    assert_eq!(report.code(), 69, "{report:?}");
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    greeter.stop();
}

#[test]
fn a_stop_during_the_wait_for_backing_services_is_no_failure() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let io = Io::captured().stop_when(tokio::task::yield_now());
    let env = Env::from_vars(good(&[("DATABASE_URL", &url), ("BACKING_WAIT", "1h")]));
    let report = app().run_in(["web"], env, io);
    assert_eq!(report.code(), 0, "{report:?}");
    assert!(!actions(report.stdout()).contains(&"listener.bound".to_owned()));
}

#[test]
fn a_stop_drops_a_process_that_is_not_ready() {
    let app = App::<Settings>::new(tf_app::build!()).web(async |cx: Context<Settings>| {
        cx.lifecycle().stop("before it is ready");
        std::future::pending::<Result<(), Failure>>().await
    });
    let began = Instant::now();
    let report = run_app(app, &[], &good(&[("SHUTDOWN_TIMEOUT", "20s")]));
    assert_eq!(report.code(), 0, "{report:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_stop_waits_for_a_process_that_is_ready() {
    let app =
        App::<Settings>::new(tf_app::build!()).worker("slow", async |cx: Context<Settings>| {
            cx.lifecycle().stop("while it works");
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            tracing::info!("finished its work");
            Ok::<_, Failure>(())
        });
    let report = run_app(app, &["worker", "slow"], &GOOD);
    assert_eq!(report.code(), 0, "{report:?}");
    assert!(report.stdout().contains("finished its work"), "{report:?}");
}

#[test]
fn a_port_that_is_taken_is_69_and_said_on_both_streams() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let report = run(&["web"], &good(&[("LISTEN", &address)]));
    assert_eq!(report.code(), 69, "{report:?}");
    assert!(report.stderr().contains(&address), "{report:?}");
    assert!(actions(report.stdout()).contains(&"listener.failed".to_owned()));
}

#[test]
fn each_end_of_a_worker_has_its_code() {
    for (name, code) in [("tick", 0), ("done", 0), ("broken", 1), ("panics", 101)] {
        let report = run(&["worker", name], &GOOD);
        assert_eq!(report.code(), code, "{name}: {report:?}");
    }
    let report = run(&["worker", "broken"], &GOOD);
    assert!(report.stdout().contains("the belt is torn"), "{report:?}");
}
