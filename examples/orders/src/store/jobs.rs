//! Jobs: one for each order that is to be fulfilled.
//!
//! A job that is taken is hidden until its time is up, and deleted only together with the write that ends it. So
//! whoever took it may die at any moment: somebody takes it again.

use std::time::Duration;

use super::sql::{Tx, Value};
use super::{Error, Store, orders};
use crate::order::Time;

/// A job that was taken.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) order_id: String,
    /// How often it was taken, this time included.
    pub(crate) attempts: i64,
}

/// What became of a fulfilment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fulfilment {
    /// This call fulfilled the order.
    Done,
    /// It was fulfilled or cancelled before.
    NothingToDo,
    /// There is no such order.
    Unknown,
}

impl Store {
    /// Takes up to `limit` jobs, and hides them from everybody else for this time.
    pub(crate) async fn take(
        &self,
        owner: &str,
        limit: usize,
        hidden: Duration,
    ) -> Result<Vec<Job>, Error> {
        let (now, limit) = (Time::now(), i64::try_from(limit).unwrap_or(i64::MAX));
        let sql = "SELECT order_id, attempts FROM jobs WHERE parked_at IS NULL AND ready_at <= ? \
                   ORDER BY ready_at LIMIT ?";
        let values = [now.0.into(), limit.into()];
        // Most of the time there is nothing, and nobody needs to be kept from writing.
        if self.pool.fetch(sql, &values).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.pool.begin().await?;
        let sql = format!("{sql}{}", self.pool.skip_locked());
        let mut jobs = Vec::new();
        for row in tx.fetch(&sql, &values).await? {
            let (order_id, attempts) = (row.text("order_id")?, row.int("attempts")? + 1);
            let sql = "UPDATE jobs SET owner = ?, ready_at = ?, attempts = ? WHERE order_id = ?";
            let until = now.after(hidden).0;
            let values = [
                owner.into(),
                until.into(),
                attempts.into(),
                order_id.as_str().into(),
            ];
            tx.execute(sql, &values).await?;
            jobs.push(Job { order_id, attempts });
        }
        tx.commit().await?;
        Ok(jobs)
    }

    /// Hides a job that this owner took for longer.
    pub(crate) async fn hide(
        &self,
        owner: &str,
        order_id: &str,
        time: Duration,
    ) -> Result<(), Error> {
        let sql = "UPDATE jobs SET owner = NULL, ready_at = ? WHERE order_id = ? AND owner = ?";
        let until = Time::now().after(time).0;
        self.write(sql, &[until.into(), order_id.into(), owner.into()])
            .await
    }

    /// Hands a job back that this owner took and did not finish, as if it had not been taken.
    pub(crate) async fn hand_back(&self, owner: &str, order_id: &str) -> Result<(), Error> {
        let sql = "UPDATE jobs SET owner = NULL, ready_at = ?, attempts = attempts - 1 \
                   WHERE order_id = ? AND owner = ?";
        let now = Time::now().0;
        self.write(sql, &[now.into(), order_id.into(), owner.into()])
            .await
    }

    /// Lays a job aside for good: it is kept for people to look at.
    pub(crate) async fn park(&self, order_id: &str, reason: &str) -> Result<(), Error> {
        let sql = "UPDATE jobs SET owner = NULL, parked_at = ?, parked_for = ? WHERE order_id = ?";
        let now = Time::now().0;
        self.write(sql, &[now.into(), reason.into(), order_id.into()])
            .await
    }

    async fn write(&self, sql: &str, values: &[Value<'_>]) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        tx.execute(sql, values).await?;
        tx.commit().await
    }

    /// Fulfils an order, if nobody has: as often as it is called, and by whomever, it happens once.
    pub(crate) async fn fulfil(&self, order_id: &str, worker: &str) -> Result<Fulfilment, Error> {
        let mut tx = self.pool.begin().await?;
        let now = Time::now().0;
        let sql = "UPDATE orders SET status = 'fulfilled', updated_at = ? WHERE id = ? AND status = 'accepted'";
        let is_ours = tx.execute(sql, &[now.into(), order_id.into()]).await? == 1;
        let Some(order) = orders::read(&mut tx, order_id).await? else {
            return Ok(Fulfilment::Unknown);
        };
        if is_ours {
            let units = order.units();
            let sql = "INSERT INTO fulfilments (order_id, units, worker, fulfilled_at) VALUES (?, ?, ?, ?)";
            let values = [order_id.into(), units.into(), worker.into(), now.into()];
            tx.execute(sql, &values).await?;
        }
        finish(&mut tx, order_id).await?;
        tx.commit().await?;
        Ok(match is_ours {
            true => Fulfilment::Done,
            false => Fulfilment::NothingToDo,
        })
    }
}

async fn finish(tx: &mut Tx, order_id: &str) -> Result<(), Error> {
    let sql = "DELETE FROM jobs WHERE order_id = ?";
    tx.execute(sql, &[order_id.into()]).await.map(drop)
}
