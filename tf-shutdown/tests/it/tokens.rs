//! Tokens: what they tell, and how few wakes they cost.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use futures_core::Stream;
use tf_shutdown::{Group, Guard, HookHandle, Lifecycle, Reached, Report, State, TaskHandle, Token};
use tokio::time::sleep;

use crate::support::{DRAIN, Wakes, life, millis, poll, secs, settle};

#[test]
fn handles_are_cheap_to_share() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send + Sync + 'static>() {}
    shared::<Lifecycle>();
    shared::<Token>();
    shared::<Group>();
    shared::<Guard>();
    shared::<Report>();
    sent::<Reached>();
    sent::<HookHandle>();
    sent::<TaskHandle<()>>();
    assert_eq!(size_of::<Token>(), size_of::<usize>());
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_woken_once_and_not_before_its_time() {
    let life = life();
    let (wakes, waker) = Wakes::new();
    let mut stopping = pin!(life.token().stopping());
    assert!(poll(stopping.as_mut(), &waker).is_pending());
    life.ready();
    settle().await;
    assert_eq!(wakes.count(), 0);

    life.stop("now");
    settle().await;
    assert_eq!(wakes.count(), 1);
    assert!(poll(stopping.as_mut(), &waker).is_ready());
    assert!(poll(stopping.as_mut(), &waker).is_ready());
    assert_eq!(wakes.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_polled_again_by_the_same_task_stays_registered() {
    let life = life();
    let (wakes, waker) = Wakes::new();
    let mut stopping = pin!(life.token().stopping());
    for _ in 0..100 {
        assert!(poll(stopping.as_mut(), &waker).is_pending());
    }
    let _ = life.shutdown().await;
    assert_eq!(wakes.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_moves_to_another_task_wakes_that_one_only() {
    let life = life();
    let (first, first_waker) = Wakes::new();
    let (second, second_waker) = Wakes::new();
    let mut stopping = Box::pin(life.token().stopping());
    assert!(poll(stopping.as_mut(), &first_waker).is_pending());
    assert!(poll(stopping.as_mut(), &second_waker).is_pending());
    drop(first_waker);
    let _ = life.shutdown().await;
    assert_eq!((first.count(), second.count()), (0, 1));
    assert!(poll(stopping.as_mut(), &second_waker).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_is_not_woken() {
    let life = life();
    let (wakes, waker) = Wakes::new();
    let mut stopping = Box::pin(life.token().stopping());
    assert!(poll(stopping.as_mut(), &waker).is_pending());
    drop(stopping);
    let _ = life.shutdown().await;
    assert_eq!(wakes.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_made_before_the_stop_and_first_polled_after_it_is_ready() {
    let life = life();
    let mut stopping = pin!(life.token().stopping());
    let mut aborting = pin!(life.token().aborting());
    let _ = life.shutdown().await;
    let (wakes, waker) = Wakes::new();
    assert!(poll(stopping.as_mut(), &waker).is_ready());
    assert!(poll(aborting.as_mut(), &waker).is_pending());
    assert_eq!(wakes.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn aborting_is_reached_only_when_the_time_is_up() {
    let life = life();
    let token = life.token();
    let guard = life.group("foreign").guard().unwrap();
    let foreign = tokio::spawn({
        let token = token.clone();
        async move {
            token.aborting().await;
            drop(guard);
            token.state()
        }
    });
    let report = life.shutdown().await;
    assert_eq!(foreign.await.unwrap(), State::Draining);
    assert!(token.is_aborting());
    assert_eq!(report.total(), DRAIN);
}

#[tokio::test(start_paused = true)]
async fn reason_and_deadline_are_there_from_the_request_on() {
    let life = life();
    let token = life.token();
    assert_eq!((token.reason(), token.deadline()), (None, None));
    assert_eq!(token.remaining(), None);
    let _guard = life.group("http").guard().unwrap();
    life.stop("enough");
    assert_eq!(token.reason(), Some("enough".into()));
    assert_eq!(token.remaining(), Some(DRAIN));
    sleep(secs(3)).await;
    assert_eq!(token.remaining(), Some(DRAIN - secs(3)));
    assert!(token.deadline().unwrap() > Instant::now());
    sleep(DRAIN).await;
    assert_eq!(token.remaining(), Some(secs(0)));
}

#[tokio::test(start_paused = true)]
async fn until_stopping_gives_the_result_or_nothing() {
    let life = life();
    let token = life.token();
    let quick = token.until_stopping(sleep(secs(1))).await;
    assert_eq!(quick, Some(()));
    let slow = token.until_stopping(std::future::pending::<()>());
    life.stop("enough");
    assert_eq!(slow.await, None);
    assert_eq!(token.until_stopping(async { 1 }).await, None);
}

/// Counts for ever, without ever having to wait.
struct Counter(u32);

impl Stream for Counter {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0 += 1;
        Poll::Ready(Some(self.0))
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_at_the_stop() {
    let life = life();
    let mut stream = pin!(life.token().until_stopping_stream(Counter(0)));
    let mut next = async || std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await;
    assert_eq!(next().await, Some(1));
    assert_eq!(next().await, Some(2));
    let _ = life.shutdown().await;
    assert_eq!(next().await, None);
    assert_eq!(next().await, None);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_waits_on_many_tasks_all_end() {
    let life = life();
    let group = life.group("connections");
    for _ in 0..5_000 {
        let token = life.token();
        group.spawn(async move { token.stopping().await });
    }
    settle().await;
    assert_eq!(group.len(), 5_000);
    let report = life.shutdown().await;
    assert_eq!(report.total(), millis(0));
    assert!(report.stragglers().is_empty());
}

#[cfg(feature = "tokio-util")]
#[tokio::test(start_paused = true)]
async fn a_cancellation_token_is_cancelled_by_the_stop_and_does_not_cause_one() {
    let life = life();
    let early = life.token().cancellation_token();
    assert!(!early.is_cancelled());
    let _ = life.shutdown().await;
    assert!(early.is_cancelled());
    assert!(life.token().cancellation_token().is_cancelled());

    let other = crate::support::life();
    other.token().cancellation_token().cancel();
    settle().await;
    assert_eq!(other.state(), State::Starting);
    assert!(!other.token().is_stopping());
}
