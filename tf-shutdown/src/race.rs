//! Waits for whichever comes first.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::time::{Instant, timeout_at};

/// Which of three came first.
pub(crate) enum Three<T> {
    First(T),
    Second,
    Third,
}

/// Waits for the first of three; when several are there, the first in order.
pub(crate) async fn three<F: Future>(
    mut first: Pin<&mut F>,
    second: impl Future<Output = ()>,
    third: impl Future<Output = ()>,
) -> Three<F::Output> {
    let mut second = pin!(second);
    let mut third = pin!(third);
    poll_fn(|cx| {
        if let Poll::Ready(output) = first.as_mut().poll(cx) {
            return Poll::Ready(Three::First(output));
        }
        if second.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Three::Second);
        }
        third.as_mut().poll(cx).map(|()| Three::Third)
    })
    .await
}

/// Waits until a time at most; `None` when the future did not end.
pub(crate) async fn until<F: Future>(end: Instant, future: F) -> Option<F::Output> {
    timeout_at(end, future).await.ok()
}
