//! Redis and Valkey through redis 1.

use ::redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use secrecy::ExposeSecret;

use super::error::{AdapterError, AdapterErrorKind};
use super::hosts::{one_host, tcp_host};
use super::options::items;
use crate::{Host, HostPort, Locator, Redis, RedisTopology, Tls, TlsVerify};

impl TryFrom<&Redis> for ConnectionInfo {
    type Error = AdapterError;

    /// Carries every part of a lone server over, or says which one the driver has no place for.
    fn try_from(view: &Redis) -> Result<Self, AdapterError> {
        let several = "one `ConnectionInfo` is one server; take a `Vec<ConnectionInfo>`";
        if view.topology() != RedisTopology::Standalone {
            return Err(AdapterError::new(AdapterErrorKind::SeveralHosts, several));
        }
        let node = one_host(view.locator(), several)?;
        connection(view.locator(), node, view.try_into()?)
    }
}

impl TryFrom<&Redis> for Vec<ConnectionInfo> {
    type Error = AdapterError;

    /// Gives one for each host: the nodes of a cluster, or sentinels with the sentinels' login.
    fn try_from(view: &Redis) -> Result<Self, AdapterError> {
        let locator = view.locator();
        let server = RedisConnectionInfo::try_from(view)?;
        let settings = match view.topology() {
            RedisTopology::Sentinel => sentinel(locator),
            _ => server,
        };
        locator
            .hosts()
            .map(|node| connection(locator, node, settings.clone()))
            .collect()
    }
}

impl TryFrom<&Redis> for RedisConnectionInfo {
    type Error = AdapterError;

    /// Gives login, database and protocol, for the server that sentinels name.
    fn try_from(view: &Redis) -> Result<Self, AdapterError> {
        use ::redis::ProtocolVersion::{RESP2, RESP3};
        let locator = view.locator();
        let mut settings = Self::default().set_db(view.database().into());
        if let Some(user) = locator.username().filter(|user| !user.is_empty()) {
            settings = settings.set_username(user);
        }
        if let Some(password) = locator.password() {
            settings = settings.set_password(password.expose_secret());
        }
        let has_sentinels = view.topology() == RedisTopology::Sentinel;
        for item in items(locator) {
            settings = match (item.name.as_str(), item.value) {
                ("protocol", "2" | "resp2") => settings.set_protocol(RESP2),
                ("protocol", "3" | "resp3") => settings.set_protocol(RESP3),
                ("protocol", _) => return Err(item.expected("expected 2 or 3")),
                // The caller gives the name to the driver; the login is in the sentinels' settings.
                ("mastername" | "sentinelmasterid" | "sentinelservicename", _) if has_sentinels => {
                    settings
                }
                ("sentinelusername" | "sentinelpassword", _) if has_sentinels => settings,
                _ if item.is_callers() => settings,
                _ => return Err(item.refused()),
            };
        }
        Ok(settings)
    }
}

/// The login of the sentinels, which is not the server's.
fn sentinel(locator: &Locator) -> RedisConnectionInfo {
    let mut settings = RedisConnectionInfo::default();
    for item in items(locator) {
        settings = match item.name.as_str() {
            "sentinelusername" => settings.set_username(item.value),
            "sentinelpassword" => settings.set_password(item.value),
            _ => settings,
        };
    }
    settings
}

fn connection(
    locator: &Locator,
    node: HostPort<'_>,
    settings: RedisConnectionInfo,
) -> Result<ConnectionInfo, AdapterError> {
    let address = address(node, locator.default_port().unwrap_or(6379), locator.tls())?;
    if !address.is_supported() {
        let text = "the driver is built without it; enable one of its `tls` features";
        return Err(AdapterError::new(AdapterErrorKind::Tls, text));
    }
    let impossible = |_| AdapterError::new(AdapterErrorKind::Host, "the driver refuses it");
    let connection = address.into_connection_info().map_err(impossible)?;
    Ok(connection.set_redis_settings(settings))
}

fn address(node: HostPort<'_>, port: u16, tls: Tls) -> Result<ConnectionAddr, AdapterError> {
    let port = node.port.unwrap_or(port);
    let insecure = match (node.host, tls) {
        (Host::Unix(path), Tls::Off) => return Ok(ConnectionAddr::Unix(path.to_owned())),
        (host, Tls::Off) => return Ok(ConnectionAddr::Tcp(tcp_host(host)?, port)),
        (_, Tls::On { verify }) if verify != TlsVerify::Ca => verify == TlsVerify::None,
        _ => {
            let text = "the driver verifies all or nothing; drop `ssl_check_hostname`";
            return Err(AdapterError::new(AdapterErrorKind::Tls, text));
        }
    };
    Ok(ConnectionAddr::TcpTls {
        host: tcp_host(node.host)?,
        port,
        insecure,
        tls_params: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<(String, u16, bool)> {
        let redis: Redis = url.parse().ok()?;
        let node = redis.locator().hosts().next()?;
        match address(node, 6379, redis.locator().tls()).ok()? {
            ConnectionAddr::TcpTls {
                host,
                port,
                insecure,
                ..
            } => Some((host, port, insecure)),
            _ => None,
        }
    }

    #[test]
    fn tls_is_verified_in_full_or_not_at_all() {
        assert_eq!(of("rediss://[::1]"), Some(("::1".to_owned(), 6379, false)));
        let insecure = Some(("h".to_owned(), 1, true));
        assert_eq!(of("rediss://h:1#insecure"), insecure);
        assert_eq!(of("rediss://h:1?ssl_cert_reqs=none"), insecure);
        assert_eq!(of("rediss://h:1?ssl_check_hostname=false"), None);
    }
}
