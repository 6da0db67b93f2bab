//! Orders: placed, shown, cancelled, pruned.

use uuid::Uuid;

use super::sql::{Row, Tx, Value};
use super::{Error, Store};
use crate::order::{NewOrder, Order, Status, Time};

const COLUMNS: &str = "SELECT id, customer, items, status, created_at, updated_at FROM orders";

/// What became of a request for an order.
pub(crate) enum Placed {
    /// It is accepted.
    New(Order),
    /// The key belongs to this order, which came from the same request.
    Before(Order),
    /// The key belongs to another request.
    KeyIsTaken,
}

/// What became of a cancellation.
pub(crate) enum Cancelled {
    Done(Order),
    TooLate,
    Unknown,
}

/// A part of the list, newest first.
pub(crate) struct Page {
    pub(crate) orders: Vec<Order>,
    /// Whether there are older ones.
    pub(crate) more: bool,
}

impl Store {
    /// Accepts an order, together with the job of fulfilling it: both or neither.
    pub(crate) async fn place(&self, new: &NewOrder, key: Option<&str>) -> Result<Placed, Error> {
        if let Some(found) = self.placed_with(new, key).await? {
            return Ok(found);
        }
        match self.insert(new, key).await {
            Ok(order) => Ok(Placed::New(order)),
            // Another request with the same key was faster.
            Err(error) if error.is_duplicate() => {
                let found = self.placed_with(new, key).await?;
                found.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn placed_with(
        &self,
        new: &NewOrder,
        key: Option<&str>,
    ) -> Result<Option<Placed>, Error> {
        let Some(key) = key else { return Ok(None) };
        let sql = format!("{COLUMNS} WHERE idempotency_key = ?");
        let found = self.pool.fetch(&sql, &[key.into()]).await?;
        let Some(order) = found.first().map(order).transpose()? else {
            return Ok(None);
        };
        Ok(Some(match new.is_same(&order) {
            true => Placed::Before(order),
            false => Placed::KeyIsTaken,
        }))
    }

    async fn insert(&self, new: &NewOrder, key: Option<&str>) -> Result<Order, Error> {
        let now = Time::now();
        let order = Order {
            id: Uuid::now_v7().to_string(),
            customer: new.customer.clone(),
            items: new.items.clone(),
            status: Status::Accepted,
            created_at: now,
            updated_at: now,
        };
        let id = order.id.as_str();
        let items = serde_json::to_string(&order.items)
            .map_err(|error| Error::Damaged(id.to_owned(), error.to_string()))?;
        let mut tx = self.pool.begin().await?;
        let sql = "INSERT INTO orders (id, customer, items, status, created_at, updated_at, idempotency_key) \
                   VALUES (?, ?, ?, 'accepted', ?, ?, ?)";
        let values: [Value<'_>; 6] = [
            id.into(),
            order.customer.as_str().into(),
            items.as_str().into(),
            now.0.into(),
            now.0.into(),
            key.into(),
        ];
        tx.execute(sql, &values).await?;
        let sql = "INSERT INTO jobs (order_id, ready_at) VALUES (?, ?)";
        tx.execute(sql, &[id.into(), now.0.into()]).await?;
        tx.commit().await?;
        Ok(order)
    }

    pub(crate) async fn order(&self, id: &str) -> Result<Option<Order>, Error> {
        let sql = format!("{COLUMNS} WHERE id = ?");
        let found = self.pool.fetch(&sql, &[id.into()]).await?;
        found.first().map(order).transpose()
    }

    /// Lists up to `limit` orders that are older than the one with the id `after`.
    pub(crate) async fn page(&self, limit: usize, after: Option<&str>) -> Result<Page, Error> {
        // Ids are of digits and the letters up to f; so it is in the order of every collation.
        let after = after.unwrap_or("z");
        let sql = format!("{COLUMNS} WHERE id < ? ORDER BY id DESC LIMIT ?");
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let rows = self
            .pool
            .fetch(&sql, &[after.into(), wanted.into()])
            .await?;
        let more = rows.len() > limit;
        let orders: Result<_, _> = rows.iter().take(limit).map(order).collect();
        Ok(Page {
            orders: orders?,
            more,
        })
    }

    /// Cancels an order that is not fulfilled; once more does no harm.
    pub(crate) async fn cancel(&self, id: &str) -> Result<Cancelled, Error> {
        let mut tx = self.pool.begin().await?;
        let sql = "UPDATE orders SET status = 'cancelled', updated_at = ? WHERE id = ? AND status = 'accepted'";
        tx.execute(sql, &[Time::now().0.into(), id.into()]).await?;
        let Some(order) = read(&mut tx, id).await? else {
            return Ok(Cancelled::Unknown);
        };
        if order.status != Status::Cancelled {
            return Ok(Cancelled::TooLate);
        }
        tx.execute("DELETE FROM jobs WHERE order_id = ?", &[id.into()])
            .await?;
        tx.commit().await?;
        Ok(Cancelled::Done(order))
    }

    /// Names orders that were final before this time, oldest first.
    pub(crate) async fn final_before(&self, time: Time, limit: i64) -> Result<Vec<String>, Error> {
        let sql = "SELECT id FROM orders WHERE status <> 'accepted' AND updated_at < ? ORDER BY updated_at LIMIT ?";
        let rows = self.pool.fetch(sql, &[time.0.into(), limit.into()]).await?;
        rows.iter().map(|row| row.text("id")).collect()
    }

    /// Deletes final orders and all that belongs to them.
    pub(crate) async fn delete(&self, ids: &[String]) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        for id in ids {
            let id = [id.as_str().into()];
            tx.execute("DELETE FROM fulfilments WHERE order_id = ?", &id)
                .await?;
            tx.execute("DELETE FROM jobs WHERE order_id = ?", &id)
                .await?;
            tx.execute(
                "DELETE FROM orders WHERE id = ? AND status <> 'accepted'",
                &id,
            )
            .await?;
        }
        tx.commit().await
    }
}

pub(super) async fn read(tx: &mut Tx, id: &str) -> Result<Option<Order>, Error> {
    let sql = format!("{COLUMNS} WHERE id = ?");
    let found = tx.fetch(&sql, &[id.into()]).await?;
    found.first().map(order).transpose()
}

fn order(row: &Row) -> Result<Order, Error> {
    let id = row.text("id")?;
    let (items, status) = (row.text("items")?, row.text("status")?);
    let damaged = |text: String| Error::Damaged(id.clone(), text);
    Ok(Order {
        customer: row.text("customer")?,
        items: serde_json::from_str(&items).map_err(|error| damaged(error.to_string()))?,
        status: Status::parse(&status).ok_or_else(|| damaged("no such status".to_owned()))?,
        created_at: Time(row.int("created_at")?),
        updated_at: Time(row.int("updated_at")?),
        id,
    })
}
