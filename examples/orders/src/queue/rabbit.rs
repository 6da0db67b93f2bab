//! RabbitMQ: the queues and how they are reached.

use std::time::Duration;

use lapin::options::{ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use serde::{Deserialize, Serialize};
use tf_backing::Amqp;
use tokio::time::timeout;

/// Orders to be fulfilled.
pub(crate) const ORDERS: &str = "orders.fulfil";
/// Messages that nobody could make sense of, or that came back too often.
pub(crate) const PARKED: &str = "orders.parked";

/// A message that came back so often goes to the parked ones.
const DELIVERY_LIMIT: i32 = 20;
const CONNECT: Duration = Duration::from_secs(5);
const CLOSE: Duration = Duration::from_secs(1);

/// What a message says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) order_id: String,
}

impl Message {
    pub(crate) fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// Why the broker does not do what it is asked; safe to log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("`QUEUE_URL`: {0}")]
    Config(#[from] tf_backing::AdapterError),
    #[error("the broker does not answer")]
    Timeout,
    #[error("the broker: {0}")]
    Broker(lapin::Error),
    #[error("the broker has ended the connection")]
    Ended,
    /// Full, or without a queue.
    #[error("the broker did not take a message")]
    Refused,
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

impl From<lapin::Error> for Error {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(error)
    }
}

/// A connection with one channel, whose publishings are confirmed.
pub(crate) struct Link {
    connection: Connection,
    pub(crate) channel: Channel,
}

impl Link {
    /// Connects, and sees to the queues.
    pub(crate) async fn open(amqp: &Amqp) -> Result<Self, Error> {
        let opened = timeout(CONNECT, Self::try_open(amqp)).await;
        opened.unwrap_or(Err(Error::Timeout))
    }

    async fn try_open(amqp: &Amqp) -> Result<Self, Error> {
        let (uri, properties) = (AMQPUri::try_from(amqp)?, ConnectionProperties::from(amqp));
        let connection = Connection::connect_uri(uri, properties).await?;
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let durable = QueueDeclareOptions::durable();
        channel
            .queue_declare(PARKED.into(), durable, replicated())
            .await?;
        let mut arguments = replicated();
        arguments.insert(
            "x-delivery-limit".into(),
            AMQPValue::LongInt(DELIVERY_LIMIT),
        );
        arguments.insert("x-dead-letter-exchange".into(), text(""));
        arguments.insert("x-dead-letter-routing-key".into(), text(PARKED));
        channel
            .queue_declare(ORDERS.into(), durable, arguments)
            .await?;
        Ok(Self {
            connection,
            channel,
        })
    }

    /// Ends the connection; what was delivered and not settled goes back to the queue.
    pub(crate) async fn close(self) {
        // A connection that is lost has nothing to be closed.
        let _ = timeout(CLOSE, self.connection.close(200, "done".into())).await;
    }
}

/// A queue that survives the loss of a broker of several.
fn replicated() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}
