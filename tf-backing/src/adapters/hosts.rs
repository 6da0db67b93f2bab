//! The hosts of a locator for drivers that take one, by TCP or a socket.

use super::error::{AdapterError, AdapterErrorKind};
use crate::scheme::Form;
use crate::{Host, HostPort, Locator};

/// The only host, or an error that says what to do about `several`.
pub(super) fn one_host<'a>(
    locator: &'a Locator,
    several: &'static str,
) -> Result<HostPort<'a>, AdapterError> {
    if locator.scheme.form == Form::Srv {
        let text = "the driver reads no SRV records; write the scheme without `+srv` and a host";
        return Err(AdapterError::new(AdapterErrorKind::Host, text));
    }
    let mut hosts = locator.hosts();
    match (hosts.next(), hosts.next()) {
        (Some(node), None) => Ok(node),
        _ => Err(AdapterError::new(AdapterErrorKind::SeveralHosts, several)),
    }
}

/// A host of TCP without brackets; the default host is `localhost`.
pub(super) fn tcp_host(host: Host<'_>) -> Result<String, AdapterError> {
    match host {
        Host::Default => Ok("localhost".to_owned()),
        Host::Name(_) | Host::Ipv4(_) | Host::Ipv6 { .. } => Ok(host.to_string()),
        Host::Unix(_) | Host::Abstract(_) => {
            let text = "the driver does not connect to such a socket; write a name or an address";
            Err(AdapterError::new(AdapterErrorKind::Host, text))
        }
    }
}
