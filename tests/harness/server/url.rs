//! Writes and takes apart the URLs of servers.

use std::fmt::Write;

/// Encodes all but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").expect("a String takes everything"),
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut decoded = pieces.next()?.as_bytes().to_owned();
    for piece in pieces {
        decoded.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        decoded.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(decoded).ok()
}

/// The parts of a URL that has a host and a port.
pub(super) struct Parts {
    pub(super) login: Option<(String, String)>,
    pub(super) host: String,
    pub(super) port: u16,
}

pub(super) fn parts(url: &str) -> Option<Parts> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (login, address) = match authority.rsplit_once('@') {
        Some((login, address)) => {
            let (user, password) = login.split_once(':')?;
            (Some((decode(user)?, decode(password)?)), address)
        }
        None => (None, authority),
    };
    let (host, port) = address.rsplit_once(':')?;
    Some(Parts {
        login,
        host: host.to_owned(),
        port: port.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{encode, parts};

    #[test]
    fn a_login_survives_its_way_through_a_url() {
        let (user, password) = ("ü#/?@:%", "%25@-._~ ");
        let url = format!("amqp://{}:{}@host:1/%2F", encode(user), encode(password));
        let parts = parts(&url).unwrap();
        assert_eq!(parts.login, Some((user.to_owned(), password.to_owned())));
        assert_eq!((&*parts.host, parts.port), ("host", 1));
    }

    #[test]
    fn a_url_without_a_port_is_refused() {
        assert!(parts("redis://:secret@host/0").is_none());
    }
}
