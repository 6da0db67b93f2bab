//! PostgreSQL through sqlx 0.9.

use secrecy::ExposeSecret;
use sqlx_postgres::{PgConnectOptions, PgSslMode};

use super::error::{AdapterError, AdapterErrorKind};
use super::hosts::{one_host, tcp_host};
use super::options::{Item, items};
use super::settings::{is_setting, settings};
use crate::{Host, Locator, Postgres, Tls, TlsVerify};

impl TryFrom<&Postgres> for PgConnectOptions {
    type Error = AdapterError;

    /// Carries every part over, or says which one sqlx has no place for.
    fn try_from(view: &Postgres) -> Result<Self, AdapterError> {
        let locator = view.locator();
        let node = one_host(locator, "sqlx connects to one host; name one of them")?;
        // Not `new`: it would look up `.pgpass` before it knows the host.
        let mut options = Self::new_without_pgpass().ssl_mode(ssl_mode(node.host, locator.tls())?);
        options = match node.host {
            Host::Unix(folder) => options.socket(folder),
            host => options.host(&tcp_host(host)?),
        };
        if let Some(port) = node.port.or_else(|| locator.default_port()) {
            options = options.port(port);
        }
        if let Some(user) = locator.username().filter(|user| !user.is_empty()) {
            options = options.username(user);
        }
        if let Some(password) = locator.password() {
            options = options.password(password.expose_secret());
        }
        if let Some(database) = view.database() {
            options = options.database(database);
        }
        for item in items(locator) {
            options = set(options, locator, &item)?;
        }
        Ok(options)
    }
}

fn ssl_mode(host: Host<'_>, tls: Tls) -> Result<PgSslMode, AdapterError> {
    let is_socket = matches!(host, Host::Unix(_));
    Ok(match tls {
        Tls::Off => PgSslMode::Disable,
        // PostgreSQL has no TLS on sockets, and sqlx would ask for it.
        Tls::Opportunistic if is_socket => PgSslMode::Disable,
        // Also for `allow`, which sqlx never encrypts.
        Tls::Opportunistic => PgSslMode::Prefer,
        Tls::On { verify } if !is_socket => match verify {
            TlsVerify::None => PgSslMode::Require,
            TlsVerify::Ca => PgSslMode::VerifyCa,
            TlsVerify::Full => PgSslMode::VerifyFull,
        },
        Tls::On { .. } | Tls::StartTls { .. } => {
            let text = "PostgreSQL has no TLS on a Unix socket; write `sslmode=disable`";
            return Err(AdapterError::new(AdapterErrorKind::Tls, text));
        }
    })
}

fn set(
    options: PgConnectOptions,
    locator: &Locator,
    item: &Item<'_>,
) -> Result<PgConnectOptions, AdapterError> {
    let value = item.value;
    Ok(match item.name.as_str() {
        "hostaddr" if value.is_empty() => options,
        "hostaddr" => options.host(address(locator, item)?),
        "application_name" => options.application_name(value),
        "fallback_application_name" if options.get_application_name().is_none() => {
            options.application_name(value)
        }
        "sslrootcert" if value == "system" => options,
        "sslrootcert" => options.ssl_root_cert(value),
        "sslcert" => options.ssl_client_cert(value),
        "sslkey" => options.ssl_client_key(value),
        "statement-cache-capacity" => options.statement_cache_capacity(item.number()?),
        "options" => options.options(settings(item)?),
        "extra_float_digits" => {
            let digits = value.parse::<i8>().ok();
            let error = || item.expected("expected a number from -15 to 3");
            options.extra_float_digits(digits.ok_or_else(error)?)
        }
        "statement_timeout" | "lock_timeout" | "search_path" => {
            options.options([(&item.name, value)])
        }
        name if is_as_sqlx_does(name, item)? || item.is_callers() => options,
        _ if item.is_known() || !is_setting(&item.name) => return Err(item.refused()),
        // Whatever is not a word of libpq is a parameter of the server, as in pgx and asyncpg.
        _ => options.options([(&item.name, value)]),
    })
}

/// The address to connect to, unless the certificate must have the name.
fn address<'a>(locator: &Locator, item: &Item<'a>) -> Result<&'a str, AdapterError> {
    let has_name = locator
        .hosts()
        .any(|node| matches!(node.host, Host::Name(_)));
    match has_name && locator.tls() == Tls::FULL {
        true => Err(item.expected("sqlx verifies the host it connects to; drop one of the two")),
        false => Ok(item.value),
    }
}

/// Whether the option asks for what sqlx does in any case; an error if it asks for more.
fn is_as_sqlx_does(name: &str, item: &Item<'_>) -> Result<bool, AdapterError> {
    let values: &[&str] = match name {
        // How long a dead connection lives, and Kerberos, which sqlx never uses.
        "fallback_application_name"
        | "gssdelegation"
        | "gsslib"
        | "keepalives"
        | "keepalives_count"
        | "keepalives_idle"
        | "keepalives_interval"
        | "krbsrvname"
        | "load_balance_hosts"
        | "tcp_user_timeout" => return Ok(true),
        "channel_binding" | "gssencmode" => &["disable", "prefer"],
        "client_encoding" => &["auto", "UTF8", "UTF-8"],
        "datestyle" => &["ISO", "ISO, MDY"],
        "replication" => &["false", "no", "off", "0"],
        "requiressl" | "sslcompression" => &["0"],
        "sslnegotiation" => &["postgres"],
        "sslsni" => &["1"],
        "target_session_attrs" => &["any"],
        "timezone" => &["UTC"],
        _ => return Ok(false),
    };
    item.only(values).map(|()| true)
}
