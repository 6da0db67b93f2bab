//! RabbitMQ as the queue.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use tf_backing::Amqp;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Outcome, Worker, tell_parked};
use crate::queue::rabbit::{Error, Link, Message, ORDERS};
use crate::retry::Backoff;

/// How long an order that failed stays in hand before the broker delivers it again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long the broker may take to say that it delivers no more.
const CANCEL: Duration = Duration::from_secs(1);

/// Takes deliveries until the service stops; connects again where the connection is lost.
pub(super) async fn work(worker: &Arc<Worker>, amqp: &Amqp) {
    let mut backoff = Backoff::new();
    while !worker.token.is_stopping() {
        match consume(worker, amqp, &mut backoff).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(event.action = "queue.failed", "{error}"),
        }
        if backoff.unless_stopping(&worker.token).await.is_none() {
            return;
        }
    }
}

async fn consume(worker: &Arc<Worker>, amqp: &Amqp, backoff: &mut Backoff) -> Result<(), Error> {
    let Some(link) = worker.token.until_stopping(Link::open(amqp)).await else {
        return Ok(());
    };
    let link = link?;
    let result = take(worker, &link.channel, backoff).await;
    link.close().await;
    result
}

async fn take(worker: &Arc<Worker>, channel: &Channel, backoff: &mut Backoff) -> Result<(), Error> {
    // As many as are in hand: what waits here could be done elsewhere.
    channel
        .basic_qos(worker.concurrency, BasicQosOptions::default())
        .await?;
    let (tag, options) = (worker.owner.as_str(), BasicConsumeOptions::default());
    let consumer = channel.basic_consume(ORDERS.into(), tag.into(), options, FieldTable::default());
    let mut consumer = consumer.await?;
    backoff.reset();
    let mut orders = JoinSet::new();
    loop {
        tokio::select! {
            () = worker.token.stopping() => break,
            Some(_) = orders.join_next() => {}
            delivery = consumer.next() => {
                let delivery = delivery.ok_or(Error::Ended)??;
                let worker = Arc::clone(worker);
                orders.spawn(async move {
                    if let Err(error) = settle(&worker, delivery).await {
                        // The broker delivers it again.
                        tracing::warn!(event.action = "queue.failed", "{error}");
                    }
                });
            }
        }
    }
    let cancel = channel.basic_cancel(tag.into(), BasicCancelOptions::default());
    timeout(CANCEL, cancel)
        .await
        .map_err(|_| Error::Timeout)??;
    hand_back(&mut consumer).await?;
    while orders.join_next().await.is_some() {}
    Ok(())
}

/// Gives back what came before the broker knew that nothing more is wanted.
async fn hand_back(consumer: &mut Consumer) -> Result<(), Error> {
    while let Ok(Some(delivery)) = timeout(CANCEL, consumer.next()).await {
        delivery?.nack(again()).await?;
    }
    Ok(())
}

async fn settle(worker: &Worker, delivery: Delivery) -> Result<(), Error> {
    let Ok(message) = serde_json::from_slice::<Message>(&delivery.data) else {
        tell_parked(None, "not a message of ours");
        delivery.nack(never()).await?;
        return Ok(());
    };
    let id = message.order_id.as_str();
    let Ok(_guard) = worker.in_hand(id) else {
        delivery.nack(again()).await?;
        return Ok(());
    };
    match worker.handle(id).await {
        Outcome::Settled => delivery.ack(BasicAckOptions::default()).await?,
        Outcome::Unfinished => delivery.nack(again()).await?,
        Outcome::Failed(reason) => {
            tracing::warn!(
                event.action = "order.failed",
                order.id = id,
                order.reason = reason,
                "failed"
            );
            let _ = worker.token.until_stopping(sleep(AGAIN)).await;
            delivery.nack(again()).await?
        }
        Outcome::Hopeless(reason) => {
            tell_parked(Some(id), &reason);
            worker.store.park(id, &reason).await?;
            delivery.nack(never()).await?
        }
    };
    Ok(())
}

/// Back to the queue.
fn again() -> BasicNackOptions {
    BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    }
}

/// To the parked ones.
fn never() -> BasicNackOptions {
    BasicNackOptions {
        requeue: false,
        ..BasicNackOptions::default()
    }
}
