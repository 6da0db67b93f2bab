//! `worker fulfil`: has accepted orders packed, and writes that they are.

mod broker;
mod table;

use std::sync::Arc;
use std::time::Duration;

use tf_app::Context;
use tf_app::tf_shutdown::{Group, Guard, Stopped, Token};
use tokio::time::sleep;
use uuid::Uuid;

use crate::process::{Failure, begin};
use crate::queue::Queue;
use crate::queue::relay::Relay;
use crate::retry::Backoff;
use crate::settings::Settings;
use crate::store::{Fulfilment, Store};

/// What all orders in hand have in common.
pub(crate) struct Worker {
    store: Store,
    /// Names this process in what it takes and does.
    owner: String,
    time: Duration,
    concurrency: u16,
    jobs: Group,
    token: Token,
}

/// What became of an order in hand.
enum Outcome {
    /// It is fulfilled, or needs not be any more.
    Settled,
    /// The service stops: somebody else is to do it.
    Unfinished,
    /// It did not work this time.
    Failed(String),
    /// It will never work.
    Hopeless(String),
}

/// The process type.
pub(crate) async fn fulfil(cx: Context<Settings>) -> Result<(), Failure> {
    let Some(store) = begin(&cx).await else {
        return Ok(());
    };
    let worker = Arc::new(Worker {
        store: store.clone(),
        owner: owner(),
        time: cx.config().fulfil_time,
        concurrency: cx.config().fulfil_concurrency,
        jobs: cx.lifecycle().group("orders"),
        token: cx.lifecycle().token(),
    });
    match Queue::of(cx.config()) {
        Queue::Table => table::work(&worker).await,
        Queue::Broker(amqp) => {
            // For orders whose web process died before it published them.
            let relay = Relay {
                store,
                amqp: amqp.clone(),
                owner: owner(),
                wake: Arc::default(),
            };
            let stopping = worker.token.stopping();
            tokio::join!(relay.run(stopping), broker::work(&worker, &amqp));
        }
    }
    Ok(())
}

/// A name that no other process has.
pub(crate) fn owner() -> String {
    format!("{}-{}", std::process::id(), Uuid::now_v7())
}

impl Worker {
    /// Counts and names an order in hand until the guard is dropped.
    fn in_hand(&self, order_id: &str) -> Result<Guard, Stopped> {
        let mut guard = self.jobs.guard()?;
        guard.label(format!("order {order_id}"));
        Ok(guard)
    }

    /// Has an order packed and writes it down. A stop ends the former; it is begun again elsewhere.
    async fn handle(&self, order_id: &str) -> Outcome {
        if self.token.until_stopping(sleep(self.time)).await.is_none() {
            return Outcome::Unfinished;
        }
        let mut backoff = Backoff::new();
        loop {
            match self.store.fulfil(order_id, &self.owner).await {
                Ok(Fulfilment::Done) => {
                    tracing::info!(
                        event.action = "order.fulfilled",
                        order.id = order_id,
                        "fulfilled"
                    );
                    return Outcome::Settled;
                }
                Ok(Fulfilment::NothingToDo) => return Outcome::Settled,
                Ok(Fulfilment::Unknown) => {
                    return Outcome::Hopeless("there is no such order".to_owned());
                }
                Err(error) if error.is_passing() => {
                    tracing::warn!(
                        event.action = "order.delayed",
                        order.id = order_id,
                        "{error}"
                    );
                    if backoff.unless_stopping(&self.token).await.is_none() {
                        return Outcome::Unfinished;
                    }
                }
                Err(error) if error.is_lasting() => return Outcome::Hopeless(error.to_string()),
                Err(error) => return Outcome::Failed(error.to_string()),
            }
        }
    }
}

/// Says that an order is laid aside.
fn tell_parked(order_id: Option<&str>, reason: &str) {
    tracing::error!(
        event.action = "order.parked",
        order.id = order_id,
        order.reason = reason,
        "parked"
    );
}
