//! Brings jobs from the table to the broker.
//!
//! A job stays in the table until its order is fulfilled. A message that the broker loses is published again after a
//! while, and one that comes twice does no harm.

use std::time::Duration;

use futures_util::future::{FutureExt, join_all};
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Confirmation};
use tf_backing::Amqp;
use tokio::time::{sleep, timeout};

use super::Wake;
use super::rabbit::{Error, Link, Message, ORDERS};
use crate::retry::Backoff;
use crate::store::{Job, Store};

/// How many messages are on their way at the same time.
const BATCH: usize = 64;
/// How long the broker may take to confirm a batch.
const CONFIRM: Duration = Duration::from_secs(5);
/// Who takes jobs and dies leaves them to others after that time.
const HIDDEN: Duration = Duration::from_secs(10);
/// When to look for jobs that other processes left.
const SWEEP: Duration = Duration::from_secs(1);
/// After so many publishings, with an hour between the last ones, the broker has it or nobody takes it.
const PUBLISHINGS: i64 = 48;

/// A publisher that is fed by the table of jobs.
pub(crate) struct Relay {
    pub(crate) store: Store,
    pub(crate) amqp: Amqp,
    pub(crate) owner: String,
    pub(crate) wake: Wake,
}

impl Relay {
    /// Publishes until this is over, and then once more, if the broker is there.
    pub(crate) async fn run(self, over: impl Future<Output = ()>) {
        let over = over.shared();
        let mut backoff = Backoff::new();
        loop {
            match self.connected(over.clone(), &mut backoff).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(event.action = "relay.failed", "{error}"),
            }
            tokio::select! {
                () = over.clone() => return,
                () = backoff.wait() => {}
            }
        }
    }

    async fn connected(
        &self,
        over: impl Future<Output = ()> + Clone,
        backoff: &mut Backoff,
    ) -> Result<(), Error> {
        let link = Link::open(&self.amqp).await?;
        let result = self.feed(&link, over, backoff).await;
        link.close().await;
        result
    }

    async fn feed(
        &self,
        link: &Link,
        over: impl Future<Output = ()> + Clone,
        backoff: &mut Backoff,
    ) -> Result<(), Error> {
        loop {
            let found = self.publish_some(link).await?;
            backoff.reset();
            tokio::select! {
                biased;
                () = over.clone() => break,
                () = std::future::ready(()), if found > 0 => {}
                () = self.wake.notified() => {}
                () = sleep(SWEEP) => {}
            }
        }
        // What came last. More is left to other processes: it may be theirs, and need not end.
        self.publish_some(link).await.map(drop)
    }

    /// Publishes a batch, and says how many jobs it found.
    async fn publish_some(&self, link: &Link) -> Result<usize, Error> {
        let jobs = self.store.take(&self.owner, BATCH, HIDDEN).await?;
        let sent = jobs.iter().map(|job| publish(link, job));
        let sent = timeout(CONFIRM, join_all(sent)).await;
        let results = sent.unwrap_or_else(|_| jobs.iter().map(|_| Err(Error::Timeout)).collect());
        let mut failed = None;
        for (job, result) in jobs.iter().zip(results) {
            match result {
                Ok(()) => self.published(job).await?,
                Err(error) => {
                    self.store.hand_back(&self.owner, &job.order_id).await?;
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(jobs.len()), Err)
    }

    async fn published(&self, job: &Job) -> Result<(), Error> {
        let id = job.order_id.as_str();
        if job.attempts >= PUBLISHINGS {
            tracing::error!(
                event.action = "order.parked",
                order.id = id,
                "published too often"
            );
            self.store.park(id, "published too often").await?;
        } else {
            self.store
                .hide(&self.owner, id, again_after(job.attempts))
                .await?;
        }
        Ok(())
    }
}

/// When a message that was not dealt with is published again: after a minute, then two, at most an hour.
fn again_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(6);
    Duration::from_secs(60 << doublings).min(Duration::from_secs(3600))
}

async fn publish(link: &Link, job: &Job) -> Result<(), Error> {
    const PERSISTENT: u8 = 2;
    let order_id = job.order_id.clone();
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(order_id.as_str().into());
    let body = Message { order_id }.to_json();
    let mandatory = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let confirm = link.channel.basic_publish(
        "".into(),
        ORDERS.into(),
        mandatory,
        body.as_bytes(),
        properties,
    );
    match confirm.await?.await? {
        Confirmation::Ack(None) => Ok(()),
        _ => Err(Error::Refused),
    }
}
