//! Orders, as the service keeps and shows them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize, Serializer};

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) items: Vec<Item>,
    pub(crate) status: Status,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl Order {
    /// How many pieces go into the parcel.
    pub(crate) fn units(&self) -> i64 {
        let quantities = self.items.iter().map(|item| item.quantity);
        quantities.fold(0, i64::saturating_add)
    }
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) quantity: i64,
}

/// What a customer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewOrder {
    pub(crate) customer: String,
    pub(crate) items: Vec<Item>,
}

impl NewOrder {
    /// Whether this order came from the same request.
    pub(crate) fn is_same(&self, order: &Order) -> bool {
        self.customer == order.customer && self.items == order.items
    }
}

/// Where an order stands; the last two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Accepted,
    Fulfilled,
    Cancelled,
}

impl Status {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "accepted" => Some(Self::Accepted),
            "fulfilled" => Some(Self::Fulfilled),
            "cancelled" => Some(Self::Cancelled),
            _ => None,
        }
    }

    pub(crate) fn is_final(self) -> bool {
        self != Self::Accepted
    }
}

/// A point in time: milliseconds since 1970 in a database, RFC 3339 in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) i64);

impl Time {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since.map_or(0, millis))
    }

    pub(crate) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(millis(time)))
    }

    pub(crate) fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(millis(time)))
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let since = Duration::from_millis(u64::try_from(self.0).unwrap_or(0));
        let text = humantime::format_rfc3339_millis(UNIX_EPOCH + since);
        serializer.collect_str(&text)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = humantime::parse_rfc3339(&text).map_err(serde::de::Error::custom)?;
        let since = time.duration_since(UNIX_EPOCH);
        Ok(Self(since.map_or(0, millis)))
    }
}
