//! Waiting on a paused clock, against fakes that come, go and change.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tf_backing::{Locator, Outcome, ProbeOptions, Reason, Wait, WaitErrorKind, WaitReport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::probe::{fake, greets};

const INFO: &[u8] = b"INFO {\"version\":\"2.9.10\"}\r\n";
const CLOSED: &[u8] = b"INFO {\"version\":\"2.9.10\",\"auth_required\":true}\r\n";

fn nats(port: u16) -> Locator {
    format!("nats://127.0.0.1:{port}")
        .parse()
        .expect("the URL is right")
}

/// Greets the n-th connection with what `script` says, or hangs up; counts the connections.
async fn changing(script: fn(usize) -> Option<&'static [u8]>) -> (u16, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let port = fake(move |mut stream| {
        let n = counter.fetch_add(1, Ordering::Relaxed);
        async move {
            if let Some(bytes) = script(n) {
                let _ = stream.write_all(bytes).await;
                let _ = stream.read(&mut [0; 64]).await;
            }
        }
    })
    .await;
    (port, count)
}

/// Without other words, each attempt is one connection.
fn curt() -> ProbeOptions {
    ProbeOptions::new().identify(false)
}

#[tokio::test(start_paused = true)]
async fn every_change_is_told_once() {
    let (port, _) = changing(|n| match n {
        0..6 => None,
        6..9 => Some(CLOSED),
        _ => Some(INFO),
    })
    .await;
    let locator = nats(port);
    let mut lines = Vec::new();
    let report = Wait::for_all([&locator])
        .require_ready()
        .consecutive(3)
        .probe_options(curt())
        .on_change(|change| {
            let now = change.endpoint().outcome();
            lines.push((change.before(), now, change.to_string()));
        })
        .run()
        .await
        .unwrap();
    assert!(report.services()[0].is_ready());
    let steps: Vec<_> = lines
        .iter()
        .map(|(before, now, _)| (*before, *now))
        .collect();
    let closed = Outcome::NotReady(Reason::Closed);
    assert_eq!(
        steps,
        [
            (None, closed),
            (Some(closed), Outcome::Reachable),
            (Some(Outcome::Reachable), Outcome::Ready),
        ]
    );
    let line = &lines[2].2;
    assert!(
        line.starts_with(&format!(
            "nats://127.0.0.1:{port}: 127.0.0.1:{port} is ready (2.9.10) after "
        )),
        "{line}"
    );
    assert!(line.ends_with("; was reachable"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn successes_must_follow_each_other() {
    let (port, count) = changing(|n| (n != 1).then_some(INFO)).await;
    let locator = nats(port);
    let wait = Wait::for_all([&locator])
        .consecutive(2)
        .probe_options(curt());
    wait.run().await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn failures_are_asked_again_ever_more_rarely() {
    let (port, count) = changing(|_| None).await;
    let locator = nats(port);
    let started = Instant::now();
    let error = Wait::for_all([&locator])
        .timeout(Duration::from_secs(60))
        .probe_options(curt())
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Timeout);
    assert_eq!(started.elapsed().as_secs(), 60);
    let asked = count.load(Ordering::Relaxed);
    assert!((30..70).contains(&asked), "{asked}");
    let text = error.to_string();
    assert!(
        text.contains(&format!(
            "nats://127.0.0.1:{port}: 127.0.0.1:{port} is not ready"
        )),
        "{text}"
    );
    assert_eq!(error.reports().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_heal_ends_the_wait() {
    let (wrong, asked) = changing(|_| Some(b"SSH-2.0-x\r\n")).await;
    let (locator, patient) = (nats(wrong), nats(greets(INFO).await));
    let error = Wait::for_all([&locator, &patient]).run().await.unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Hopeless);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    assert_eq!(error.missing().collect::<Vec<_>>(), [locator.identity()]);
    assert!(error.to_string().contains("looks like SSH"), "{error}");

    let port = greets(b"-WRONGPASS invalid username-password pair\r\n").await;
    let redis: Locator = format!("redis://:Xhunter2X@127.0.0.1:{port}")
        .parse()
        .unwrap();
    let started = Instant::now();
    let wait = Wait::for_all([&redis]);
    assert!(!format!("{wait:?}").contains("hunter2"));
    let error = wait.run().await.unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Hopeless);
    assert!(started.elapsed() < Duration::from_millis(50));
    assert!(
        error.to_string().contains("refuses the credentials"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"));

    let bucket: Locator = "s3://bucket".parse().unwrap();
    let error = Wait::for_all([&bucket]).run().await.unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Hopeless);
}

#[tokio::test(start_paused = true)]
async fn two_wrong_answers_during_a_restart_are_forgiven() {
    let (port, _) = changing(|n| {
        Some(if n < 2 {
            b"HTTP/1.1 503 x\r\n\r\n"
        } else {
            INFO
        })
    })
    .await;
    let locator = nats(port);
    Wait::for_all([&locator]).run().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn reachable_is_enough_unless_ready_is_required() {
    let locator = nats(greets(CLOSED).await);
    let report = Wait::for_all([&locator]).run().await.unwrap();
    assert_eq!(report.services()[0].best(), Outcome::Reachable);
    let error = Wait::for_all([&locator])
        .require_ready()
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn one_host_is_enough_unless_all_are_wanted() {
    let (ready, wrong) = (greets(INFO).await, greets(b"SSH-2.0-x\r\n").await);
    let both: Locator = format!("nats://127.0.0.1:{wrong},127.0.0.1:{ready}")
        .parse()
        .unwrap();
    Wait::for_all([&both]).any_of_hosts().run().await.unwrap();
    let error = Wait::for_all([&both])
        .all_of_hosts()
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Hopeless);
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_the_wait_at_once() {
    let (port, _) = changing(|_| None).await;
    let locator = nats(port);
    let started = Instant::now();
    let error = Wait::for_all([&locator])
        .cancel_on(sleep(Duration::from_secs(7)))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Cancelled);
    assert_eq!(started.elapsed().as_secs(), 7);
    let ready = nats(greets(INFO).await);
    Wait::for_all([&ready])
        .cancel_on(pending::<()>())
        .run()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_shorter_than_a_probe_still_says_what_it_saw() {
    let port = fake(|mut stream| async move {
        let _ = stream.read(&mut [0; 64]).await;
        pending::<()>().await;
    })
    .await;
    let locator = nats(port);
    let wait = Wait::for_all([&locator]).timeout(Duration::from_secs(1));
    let error = wait.run().await.unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Timeout);
    assert!(
        error.to_string().contains("is not answering in time"),
        "{error}"
    );
    assert_eq!(error.took().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_to_wait_for_is_there() {
    let report = Wait::for_all([]).run().await.unwrap();
    assert_eq!(report.services(), []);
}

#[test]
fn a_wait_may_move_between_threads() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_both<T: Send + Sync>() {}
    let locator = nats(4222);
    let wait = Wait::for_all([&locator])
        .on_change(|_| {})
        .cancel_on(pending::<()>())
        .run();
    assert_send(&wait);
    let options = ProbeOptions::new();
    assert_send(&tf_backing::probe(&locator, &options));
    assert_both::<(ProbeOptions, WaitReport, WaitErrorKind)>();
}
