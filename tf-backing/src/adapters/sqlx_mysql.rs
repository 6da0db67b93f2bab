//! MySQL and MariaDB through sqlx 0.9.

use secrecy::ExposeSecret;
use sqlx_mysql::{MySqlConnectOptions, MySqlSslMode};

use super::error::{AdapterError, AdapterErrorKind};
use super::hosts::{one_host, tcp_host};
use super::options::{Item, items};
use crate::{Host, MySql, Tls, TlsVerify};

impl TryFrom<&MySql> for MySqlConnectOptions {
    type Error = AdapterError;

    /// Carries every part over, or says which one sqlx has no place for.
    fn try_from(view: &MySql) -> Result<Self, AdapterError> {
        let locator = view.locator();
        if locator.scheme().starts_with("mysqlx") {
            let text = "sqlx does not speak the X Protocol; write `mysql` and the classic port";
            return Err(AdapterError::new(AdapterErrorKind::Scheme, text));
        }
        let node = one_host(locator, "sqlx connects to one host; name one of them")?;
        let mut options = Self::new().ssl_mode(ssl_mode(locator.tls())?);
        options = match node.host {
            Host::Unix(path) => options.socket(path),
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
            options = set(options, &item)?;
        }
        Ok(options)
    }
}

fn ssl_mode(tls: Tls) -> Result<MySqlSslMode, AdapterError> {
    Ok(match tls {
        Tls::Off => MySqlSslMode::Disabled,
        Tls::Opportunistic => MySqlSslMode::Preferred,
        Tls::On { verify } => match verify {
            TlsVerify::None => MySqlSslMode::Required,
            TlsVerify::Ca => MySqlSslMode::VerifyCa,
            TlsVerify::Full => MySqlSslMode::VerifyIdentity,
        },
        Tls::StartTls { .. } => {
            let text = "MySQL has no such mode of encryption";
            return Err(AdapterError::new(AdapterErrorKind::Tls, text));
        }
    })
}

fn set(options: MySqlConnectOptions, item: &Item<'_>) -> Result<MySqlConnectOptions, AdapterError> {
    let value = item.value;
    Ok(match item.name.as_str() {
        "ssl-ca" | "sslca" => options.ssl_ca(value),
        "ssl-cert" | "sslcert" => options.ssl_client_cert(value),
        "ssl-key" | "sslkey" => options.ssl_client_key(value),
        "charset" => options.charset(word(item, b"_")?),
        "collation" => options.collation(word(item, b"_")?),
        "timezone" | "time-zone" => options.timezone(word(item, b"_/+-:")?.to_owned()),
        "statement-cache-capacity" | "stmt_cache_size" => {
            options.statement_cache_capacity(item.number()?)
        }
        // The driver never does these.
        "local-infile" => item.only(&["0", "false", "off"]).map(|()| options)?,
        "compression-algorithms" => item.only(&["uncompressed"]).map(|()| options)?,
        _ if item.is_callers() => options,
        _ => return Err(item.refused()),
    })
}

/// A value without quotes and blanks: the driver writes it into a statement as it is.
fn word<'a>(item: &Item<'a>, signs: &[u8]) -> Result<&'a str, AdapterError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || signs.contains(&byte);
    match !item.value.is_empty() && item.value.bytes().all(plain) {
        true => Ok(item.value),
        false => Err(item.expected("expected one word of letters, digits and `_`")),
    }
}
