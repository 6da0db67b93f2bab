//! What brings orders to the workers: the table of jobs itself, or a broker that a relay feeds from it.

pub(crate) mod rabbit;
pub(crate) mod relay;

use std::sync::Arc;

use tf_backing::Amqp;
use tokio::sync::Notify;

use crate::settings::Settings;

/// How orders come to the workers.
#[derive(Clone, Debug)]
pub(crate) enum Queue {
    /// Workers look into the table of jobs.
    Table,
    /// A broker pushes to them; the table of jobs is its outbox.
    Broker(Amqp),
}

impl Queue {
    pub(crate) fn of(settings: &Settings) -> Self {
        // The configuration takes the database's own URL or a broker's.
        match Amqp::try_from(settings.queue_url.clone()) {
            Ok(amqp) => Self::Broker(amqp),
            Err(_) => Self::Table,
        }
    }
}

/// Tells the relay of this process that there is something to do.
pub(crate) type Wake = Arc<Notify>;
