use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use tf_http::{Health, HealthBuilder, Text};
use tf_shutdown::{Lifecycle, State};
use tokio::sync::Notify;
use tokio::time::{Instant, advance};
use tower::ServiceExt;

use crate::support::life;

const SECOND: Duration = Duration::from_secs(1);

fn running() -> (Lifecycle, HealthBuilder) {
    let life = life();
    life.ready();
    let health = Health::builder(&life);
    (life, health)
}

async fn text(response: Response<Text>) -> String {
    let body = response.into_body().collect().await.expect("it is there");
    String::from_utf8(body.to_bytes().to_vec()).expect("it is text")
}

#[tokio::test(start_paused = true)]
async fn a_service_is_ready_when_all_checks_pass() {
    let (_life, health) = running();
    let health = health
        .check("queue", async || Ok::<_, String>(()))
        .check("database", async || Ok::<_, String>(()))
        .build();
    let response = health.ready().await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = text(response).await;
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["status"], "pass");
    assert_eq!(document["checks"]["database"]["status"], "pass");
    assert_eq!(document["checks"]["queue"]["took_ms"], 0);
}

#[tokio::test(start_paused = true)]
async fn the_reason_of_a_failure_is_not_told() {
    let (_life, health) = running();
    let health = health
        .check("database", async || Err::<(), _>("marker at db.internal"))
        .build();
    let response = health.ready().await;
    assert_eq!(response.status(), 503);
    let text = text(response).await;
    assert!(text.contains(r#""status":"fail""#), "{text}");
    assert!(
        !text.contains("marker") && !text.contains("internal"),
        "{text}"
    );
    assert!(!format!("{health:?}").contains("marker"));
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_has_failed_after_its_time() {
    let (_life, health) = running();
    let health = health
        .check("database", pending::<Result<(), String>>)
        .timeout(2 * SECOND)
        .build();
    let began = Instant::now();
    let response = health.ready().await;
    assert_eq!(response.status(), 503);
    assert_eq!(began.elapsed(), 2 * SECOND);
    assert!(text(response).await.contains("timeout"));
}

#[tokio::test(start_paused = true)]
async fn checks_run_at_the_same_time() {
    let (_life, health) = running();
    let slow = || async {
        tokio::time::sleep(SECOND / 2).await;
        Ok::<_, String>(())
    };
    let health = health.check("database", slow).check("queue", slow).build();
    let began = Instant::now();
    assert_eq!(health.ready().await.status(), 200);
    assert_eq!(began.elapsed(), SECOND / 2);
}

async fn panics_at_once() -> Result<(), String> {
    panic!("this message makes no sense")
}

#[tokio::test(start_paused = true)]
async fn a_check_that_panics_has_failed() {
    let (_life, health) = running();
    let health = health
        .check("inside", panics_at_once)
        .check("before", || -> std::future::Ready<Result<(), String>> {
            panic!("this message makes no sense")
        })
        .build();
    for _ in 0..2 {
        let response = health.ready().await;
        assert_eq!(response.status(), 503);
        assert_eq!(text(response).await.matches("panic").count(), 2);
    }
}

/// A check that counts its runs and ends each when it is told to.
struct Counted {
    runs: Arc<AtomicU32>,
    end: Arc<Notify>,
    health: Health,
    _life: Lifecycle,
}

fn counted(cache: Duration) -> Counted {
    let (life, health) = running();
    let (runs, end) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
    let (counts, ends) = (Arc::clone(&runs), Arc::clone(&end));
    let check = move || {
        counts.fetch_add(1, Ordering::Relaxed);
        let end = Arc::clone(&ends);
        async move {
            end.notified().await;
            Ok::<_, String>(())
        }
    };
    let health = health
        .check("database", check)
        .cache(cache)
        .timeout(60 * SECOND);
    Counted {
        runs,
        end,
        health: health.build(),
        _life: life,
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_at_once_cause_one_run() {
    for cache in [SECOND, Duration::ZERO] {
        let counted = counted(cache);
        let asked: Vec<_> = (0..100)
            .map(|_| {
                let health = counted.health.clone();
                tokio::spawn(async move { health.ready().await.status() })
            })
            .collect();
        // The clock moves only when everybody waits.
        tokio::time::sleep(SECOND).await;
        counted.end.notify_one();
        for asked in asked {
            assert_eq!(asked.await.unwrap(), 200);
        }
        assert_eq!(counted.runs.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_is_used_again_until_it_is_old() {
    let counted = counted(SECOND);
    let mut runs = Vec::new();
    for _ in 0..4 {
        counted.end.notify_one();
        assert_eq!(counted.health.ready().await.status(), 200);
        runs.push(counted.runs.load(Ordering::Relaxed));
        advance(SECOND * 6 / 10).await;
    }
    assert_eq!(runs, [1, 1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_does_not_wait_leaves_the_run_to_the_next() {
    let counted = counted(SECOND);
    let impatient = tokio::time::timeout(SECOND, counted.health.ready()).await;
    assert!(impatient.is_err());
    counted.end.notify_one();
    assert_eq!(counted.health.ready().await.status(), 200);
    assert_eq!(counted.runs.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stops_is_alive_and_not_ready_and_asks_nobody() {
    let counted = counted(Duration::ZERO);
    let work = counted._life.group("work").guard().unwrap();
    counted._life.stop("the test wants it");
    counted._life.reached(State::Draining).await;
    assert_eq!(counted.health.ready().await.status(), 503);
    assert_eq!(counted.health.live().status(), 200);
    assert_eq!(counted.health.started().status(), 200);
    assert_eq!(counted.runs.load(Ordering::Relaxed), 0);
    drop(work);
}

#[tokio::test(start_paused = true)]
async fn as_a_service_it_knows_three_paths_and_two_methods() {
    let (_life, health) = running();
    let health = health.build();
    let ask = async |method: Method, path: &str| {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(()).expect("it is a request");
        let answer = health.clone().oneshot(request).await;
        answer.expect("it cannot fail").status().as_u16()
    };
    assert_eq!(ask(Method::GET, "/livez").await, 200);
    assert_eq!(ask(Method::HEAD, "/readyz").await, 200);
    assert_eq!(ask(Method::GET, "/startupz?verbose").await, 200);
    assert_eq!(ask(Method::POST, "/readyz").await, 405);
    assert_eq!(ask(Method::GET, "/").await, 404);
}
