//! The options of a locator on their way to a driver.

use super::error::{AdapterError, AdapterErrorKind, Name};
use crate::Locator;
use crate::kind::Kind;
use crate::known::{self, Class};
use crate::parse;

/// What pools and callers decide: no driver's connection has a place for it.
const CALLERS: [&str; 29] = [
    "conn_ttl",
    "connect-timeout",
    "connect_timeout",
    "connection_limit",
    "connection_timeout",
    "connecttimeout",
    "idle_timeout",
    "keep_alive",
    "keepalive",
    "max_connections",
    "max_idle",
    "max_lifetime",
    "min_connections",
    "pool",
    "pool_max",
    "pool_min",
    "pool_size",
    "pool_timeout",
    "read_timeout",
    "retries",
    "retry",
    "retry_on_timeout",
    "socket_connect_timeout",
    "socket_keepalive",
    "socket_timeout",
    "tcp_keepalive_time_ms",
    "timeout",
    "timeout_ms",
    "write_timeout",
];

/// One option that is not a switch of encryption, which [`Locator::tls`] has.
pub(super) struct Item<'a> {
    kind: Kind,
    place: usize,
    /// In lower case.
    pub(super) name: String,
    pub(super) value: &'a str,
}

pub(super) fn items(locator: &Locator) -> impl Iterator<Item = Item<'_>> {
    let kind = locator.kind();
    let all = locator.options().raw().enumerate();
    all.filter(move |(_, (name, _))| !parse::is_switch(kind, name))
        .map(move |(n, (name, value))| Item {
            kind,
            place: n + 1,
            name: name.to_ascii_lowercase(),
            value: value.unwrap_or_default(),
        })
}

impl Item<'_> {
    /// Whether the pool or the caller decides this.
    pub(super) fn is_callers(&self) -> bool {
        CALLERS.contains(&self.name.as_str())
    }

    /// Whether the option is on this crate's lists.
    pub(super) fn is_known(&self) -> bool {
        known::class(self.kind, &self.name) != Class::Unknown
    }

    /// Reads a number that fits.
    #[cfg(any(
        feature = "lapin-4",
        feature = "sqlx-0-9-mysql",
        feature = "sqlx-0-9-postgres",
        feature = "sqlx-0-9-sqlite"
    ))]
    pub(super) fn number<T: std::str::FromStr>(&self) -> Result<T, AdapterError> {
        let plain = self.value.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.value.parse().ok().filter(|_| plain);
        number.ok_or_else(|| self.expected("expected a number in the driver's range"))
    }

    /// Accepts the values that ask for what the driver does in any case.
    #[cfg(any(feature = "sqlx-0-9-mysql", feature = "sqlx-0-9-postgres"))]
    pub(super) fn only(&self, values: &[&str]) -> Result<(), AdapterError> {
        match values.iter().any(|v| v.eq_ignore_ascii_case(self.value)) {
            true => Ok(()),
            false => Err(self.expected("the driver cannot do what this value asks for")),
        }
    }

    pub(super) fn expected(&self, text: &'static str) -> AdapterError {
        AdapterError::option(AdapterErrorKind::OptionValue, self.told(), text)
    }

    pub(super) fn refused(&self) -> AdapterError {
        let text = "the driver has no place for it; remove it from the URL";
        AdapterError::option(AdapterErrorKind::Option, self.told(), text)
    }

    fn told(&self) -> Name {
        match self.is_known() {
            true => Name::Known(self.name.as_str().into()),
            false => Name::Place(self.place),
        }
    }
}
