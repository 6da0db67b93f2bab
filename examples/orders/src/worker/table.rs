//! The table of jobs as the queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Outcome, Worker, tell_parked};
use crate::retry::Backoff;
use crate::store::{Error, Job};

/// When to look again where there was nothing.
const POLL: Duration = Duration::from_millis(200);
/// Who takes an order and dies leaves it to others after that time, beside the time that it takes.
const HIDDEN: Duration = Duration::from_secs(30);
/// How long an order that failed waits, the longer the more often.
const AGAIN: Duration = Duration::from_secs(2);
/// An order that failed so often, or was left by so many that died, is laid aside.
const ATTEMPTS: i64 = 5;

/// Takes jobs until the service stops, and ends when none is in hand.
pub(super) async fn work(worker: &Arc<Worker>) {
    let (mut jobs, mut backoff) = (JoinSet::new(), Backoff::new());
    loop {
        match take(worker, &mut jobs).await {
            Ok(0) => {}
            Ok(_) => backoff.reset(),
            Err(error) => {
                tracing::warn!(event.action = "queue.failed", "{error}");
                if backoff.unless_stopping(&worker.token).await.is_none() {
                    break;
                }
                continue;
            }
        }
        tokio::select! {
            () = worker.token.stopping() => break,
            Some(_) = jobs.join_next() => {}
            () = sleep(POLL) => {}
        }
    }
    while jobs.join_next().await.is_some() {}
}

/// Takes as many jobs as there is room for, and says how many.
async fn take(worker: &Arc<Worker>, jobs: &mut JoinSet<()>) -> Result<usize, Error> {
    let room = usize::from(worker.concurrency).saturating_sub(jobs.len());
    if room == 0 {
        return Ok(0);
    }
    let taken = worker
        .store
        .take(&worker.owner, room, worker.time + HIDDEN)
        .await?;
    let count = taken.len();
    for job in taken {
        let worker = Arc::clone(worker);
        jobs.spawn(async move {
            let id = job.order_id.clone();
            if let Err(error) = settle(&worker, job).await {
                // It shows up again by itself.
                tracing::warn!(event.action = "queue.failed", order.id = id, "{error}");
            }
        });
    }
    Ok(count)
}

async fn settle(worker: &Worker, job: Job) -> Result<(), Error> {
    let (id, store) = (job.order_id.as_str(), &worker.store);
    let Ok(_guard) = worker.in_hand(id) else {
        return store.hand_back(&worker.owner, id).await;
    };
    let outcome = match job.attempts > ATTEMPTS {
        true => Outcome::Hopeless(format!("tried {ATTEMPTS} times")),
        false => worker.handle(id).await,
    };
    match outcome {
        Outcome::Settled => Ok(()),
        Outcome::Unfinished => store.hand_back(&worker.owner, id).await,
        Outcome::Failed(reason) => {
            tracing::warn!(
                event.action = "order.failed",
                order.id = id,
                order.reason = reason,
                "failed"
            );
            let times = u32::try_from(job.attempts).unwrap_or(1);
            store.hide(&worker.owner, id, AGAIN * times).await
        }
        Outcome::Hopeless(reason) => {
            tell_parked(Some(id), &reason);
            store.park(id, &reason).await
        }
    }
}
