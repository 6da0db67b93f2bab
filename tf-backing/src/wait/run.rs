//! Runs the probes of all services side by side.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::error::{WaitError, WaitErrorKind};
use super::watch::{Next, Watch};
use super::{Wait, WaitReport};
use crate::locator::Locator;
use crate::probe::{LONGEST, ProbeOptions, Report, probe};

/// The next report of one service; `None` once it is there.
type Slot<'a> = Option<Pin<Box<dyn Future<Output = Report> + Send + 'a>>>;

/// What happens next.
enum Event {
    Report(usize, Report),
    Over,
    Cancelled,
}

pub(super) async fn run(wait: Wait<'_>) -> Result<WaitReport, WaitError> {
    let started = Instant::now();
    let deadline = started + wait.timeout.min(LONGEST);
    let mut tell = wait.on_change.unwrap_or_else(|| Box::new(|_| {}));
    let mut cancel = wait.cancel.unwrap_or_else(|| Box::pin(pending()));
    let mut over = std::pin::pin!(sleep_until(deadline));
    let ask = |locator, delay| ask(locator, delay, wait.options.clone(), deadline);
    let mut watches: Vec<_> = (wait.locators.iter())
        .map(|locator| Watch::new(locator, wait.goal))
        .collect();
    let mut slots: Vec<Slot<'_>> = (wait.locators.iter())
        .map(|locator| Some(ask(locator, Duration::ZERO)))
        .collect();
    let failure = loop {
        if slots.iter().all(Option::is_none) {
            let services = watches.into_iter().filter_map(Watch::into_report);
            return Ok(WaitReport {
                services: services.collect(),
                took: started.elapsed(),
            });
        }
        let event = poll_fn(|context| {
            if cancel.as_mut().poll(context).is_ready() {
                return Poll::Ready(Event::Cancelled);
            }
            // The reports that come with the deadline still count.
            if let Poll::Ready((n, report)) = poll_slots(&mut slots, context) {
                return Poll::Ready(Event::Report(n, report));
            }
            over.as_mut().poll(context).map(|()| Event::Over)
        });
        match event.await {
            Event::Cancelled => break WaitErrorKind::Cancelled,
            Event::Over => break WaitErrorKind::Timeout,
            Event::Report(n, report) => {
                slots[n] = match watches[n].take(report, started.elapsed(), &mut tell) {
                    Next::There => None,
                    Next::Hopeless => break WaitErrorKind::Hopeless,
                    Next::Again(delay) => Some(ask(watches[n].locator, delay)),
                };
            }
        }
    };
    let services = watches.into_iter().zip(&slots);
    Err(WaitError {
        kind: failure,
        services: services
            .map(|(watch, slot)| watch.into_seen(slot.is_none()))
            .collect(),
        took: started.elapsed(),
    })
}

/// Probes after a delay, no longer than until the deadline.
fn ask(
    locator: &Locator,
    delay: Duration,
    options: ProbeOptions,
    deadline: Instant,
) -> Pin<Box<dyn Future<Output = Report> + Send + '_>> {
    Box::pin(async move {
        sleep(delay).await;
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = options.timeout.min(left);
        probe(locator, &options.timeout(timeout)).await
    })
}

fn poll_slots(slots: &mut [Slot<'_>], context: &mut Context<'_>) -> Poll<(usize, Report)> {
    for (n, slot) in slots.iter_mut().enumerate() {
        let Some(future) = slot else { continue };
        if let Poll::Ready(report) = future.as_mut().poll(context) {
            return Poll::Ready((n, report));
        }
    }
    Poll::Pending
}
