//! The variables that every service of the kit reads.

use std::time::Duration;

use tf_backing::{Kind, Locator};
use tf_config::{Config, Loaded};
use tf_http::Address;
use tf_logs::{Filter, Format, Stream};
use tf_shutdown::Timeout;

/// The standard variables, read and documented together with the service's own.
///
/// None of them is required.
#[derive(Clone, Config)]
#[config(debug)]
#[non_exhaustive]
pub struct Standard {
    /// Port that `web` listens on, at every address; 0 lets the system choose.
    #[config(default = 5000)]
    pub port: u16,
    /// Where `web` listens, instead of the port: `host:port`, the path of a Unix socket, or `fd:0`.
    #[config(from_str, expected = "an address", example = "127.0.0.1:8080")]
    pub listen: Option<Address>,
    /// Which events are logged: a level, or levels by module.
    #[config(
        from_str,
        expected = "a list of levels",
        default = "info",
        example = "info,sqlx=warn"
    )]
    pub log_level: Filter,
    /// As `LOG_LEVEL`, which it overrides.
    #[config(from_str, expected = "a list of levels", example = "debug")]
    pub rust_log: Option<Filter>,
    /// How log lines look; `auto` is readable on a terminal, JSON elsewhere.
    #[config(
        from_str,
        expected = "one of `auto`, `json`, `pretty`",
        default = "auto"
    )]
    pub log_format: Format,
    /// Where log lines go; by default `stdout`, for tasks `stderr`.
    #[config(from_str, expected = "one of `stdout`, `stderr`")]
    pub log_stream: Option<Stream>,
    /// Names the release in log lines, in `version` and in the audit.
    #[config(example = "v42")]
    pub release_id: Option<String>,
    /// How long a stop may take in all; by default what the platform allows.
    #[config(from_str, expected = "a time", example = "25s")]
    pub shutdown_timeout: Option<Timeout>,
    /// How long a stopping service goes on as before, while balancers take it out; a part of the whole.
    #[config(from_str, expected = "a time", example = "3s")]
    pub shutdown_pre_stop: Option<Timeout>,
    /// How long a start waits for backing services.
    #[config(default = "30s", range = "0s"..="1h")]
    pub backing_wait: Duration,
    /// Whether destructive tasks must be confirmed: `on` or `off`.
    #[config(default = "on")]
    pub admin_protect: Protect,
    /// The database whose locks keep a task from running twice at the same time.
    #[config(redacted, validate = can_lock, example = "postgres://app:pass@db:5432/orders")]
    pub admin_lock_url: Option<Locator>,
}

/// Whether destructive tasks must be confirmed.
#[derive(Clone, Copy, Config, Debug, PartialEq, Eq)]
pub enum Protect {
    /// They must.
    On,
    /// They need not.
    Off,
}

impl Protect {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

impl Standard {
    /// Every variable of it.
    const NAMES: [&str; 12] = [
        "ADMIN_LOCK_URL",
        "ADMIN_PROTECT",
        "BACKING_WAIT",
        "LISTEN",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "LOG_STREAM",
        "PORT",
        "RELEASE_ID",
        "RUST_LOG",
        "SHUTDOWN_PRE_STOP",
        "SHUTDOWN_TIMEOUT",
    ];

    /// Whether a variable of this name is read here, or the one that names its file.
    pub(crate) fn has(name: &str) -> bool {
        let plain = name.strip_suffix("_FILE").unwrap_or(name);
        Self::NAMES.contains(&plain)
    }

    /// Tells web, workers and tasks of one deploy by the same text, although platforms give each of them other ports and
    /// times: it is of the service's own variables.
    pub(crate) fn fingerprint<S>(loaded: &Loaded<(Self, S)>) -> String {
        let is_own = |name: &str| !Self::has(name);
        format!("{:016x}", loaded.fingerprint_of(is_own))
    }

    /// The filter in force.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        self.rust_log.as_ref().unwrap_or(&self.log_level)
    }

    /// The address in force.
    #[must_use]
    pub fn address(&self) -> Address {
        let listen = self.listen.clone();
        listen.unwrap_or_else(|| Address::any(self.port))
    }
}

fn can_lock(locator: &Locator) -> Result<(), &'static str> {
    match locator.kind() {
        Kind::Postgres if cfg!(feature = "lock-postgres") => Ok(()),
        Kind::MySql if cfg!(feature = "lock-mysql") => Ok(()),
        Kind::Postgres | Kind::MySql => Err(
            "this program was built without locks of this database: see the features `lock-postgres` and \
             `lock-mysql` of tf-app",
        ),
        _ => Err("expected the URL of a PostgreSQL or a MySQL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_fields() {
        let reference = Standard::reference();
        let names = reference.variables().iter().map(tf_config::Variable::name);
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        assert_eq!(names, Standard::NAMES);
    }
}
