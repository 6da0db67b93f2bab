//! The cache: it remembers orders that will not change any more, and its absence fails nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, ConnectionInfo, RedisError};
use tf_backing::{AdapterError, Redis};

use crate::order::Order;

/// Slower than that, the database is faster.
const PATIENCE: Duration = Duration::from_millis(100);
const SECONDS_KEPT: u64 = 600;
/// How often the log says that the cache fails.
const COMPLAINT: Duration = Duration::from_secs(30);

/// A cache, or nothing in its place; clones share the connection.
#[derive(Clone, Default)]
pub(crate) struct Cache {
    connection: Option<ConnectionManager>,
    complained: Arc<Mutex<Option<Instant>>>,
}

/// Why a cache cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("`CACHE_URL`: {0}")]
    Config(#[from] AdapterError),
    #[error("`CACHE_URL`: {0}")]
    Driver(RedisError),
}

impl Cache {
    /// Connects when it is first used, and again whenever it has to.
    pub(crate) fn new(redis: Option<&Redis>) -> Result<Self, Error> {
        let Some(redis) = redis else {
            return Ok(Self::default());
        };
        let client = Client::open(ConnectionInfo::try_from(redis)?).map_err(Error::Driver)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config);
        Ok(Self {
            connection: Some(connection.map_err(Error::Driver)?),
            ..Self::default()
        })
    }

    pub(crate) async fn get(&self, id: &str) -> Option<Order> {
        let mut connection = self.connection.clone()?;
        let found: Result<Option<String>, _> = connection.get(key(id)).await;
        let text = self.usable(found)??;
        serde_json::from_str(&text).ok()
    }

    /// Remembers an order, if it is final: what never changes is never out of date.
    pub(crate) async fn put(&self, order: &Order) {
        let Some(mut connection) = self.connection.clone().filter(|_| order.status.is_final())
        else {
            return;
        };
        let text = serde_json::json!(order).to_string();
        let put: Result<(), _> = connection.set_ex(key(&order.id), text, SECONDS_KEPT).await;
        self.usable(put);
    }

    /// Forgets orders that were deleted.
    pub(crate) async fn forget(&self, ids: &[String]) {
        let Some(mut connection) = self.connection.clone().filter(|_| !ids.is_empty()) else {
            return;
        };
        let keys: Vec<_> = ids.iter().map(|id| key(id)).collect();
        let forgotten: Result<(), _> = connection.del(keys).await;
        self.usable(forgotten);
    }

    fn usable<T>(&self, result: Result<T, RedisError>) -> Option<T> {
        result.map_err(|error| self.complain(&error)).ok()
    }

    fn complain(&self, error: &RedisError) {
        let mut last = self
            .complained
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() > COMPLAINT) {
            *last = Some(Instant::now());
            tracing::warn!(
                event.action = "cache.failed",
                "the cache does not help: {error}"
            );
        }
    }
}

fn key(id: &str) -> String {
    format!("order:{id}")
}
