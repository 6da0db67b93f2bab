//! The list of hosts with their ports.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::scan::Raw;
use crate::error::{ParseError, Part, Problem};
use crate::escape::{self, Decoding};
use crate::host::{Node, Nodes, Place};
use crate::kind::Kind;
use crate::locator::{Locator, Span};
use crate::scheme::Form;

/// Reads what stands between the user information and the path.
pub(super) fn read(locator: &mut Locator, raw: Raw<'_>) -> Result<(), ParseError> {
    if locator.scheme.kind == Kind::MySql {
        if let Some(list) = mysql_list(raw) {
            return read_list(locator, list);
        }
    }
    if raw.text.bytes().any(|byte| byte == b',') {
        return read_list(locator, raw);
    }
    locator.nodes = Nodes::One(read_one(locator, raw)?);
    check_srv(locator, raw)
}

/// Reads hosts between commas.
fn read_list(locator: &mut Locator, raw: Raw<'_>) -> Result<(), ParseError> {
    let comma = raw.at + raw.text.find(',').unwrap_or(0);
    if locator.scheme.form == Form::Srv {
        let hint = "DNS names the hosts; for a list write the scheme without `+srv`";
        return Err(ParseError::new(
            Problem::TooManyHosts,
            Part::Host,
            comma,
            hint,
        ));
    }
    let cluster = matches!(locator.scheme.form, Form::Sentinel | Form::Cluster);
    if !locator.scheme.kind.rules().many_hosts && !cluster {
        let hint = match locator.scheme.kind {
            Kind::Redis => "a list needs `redis-sentinel` or `redis-cluster`",
            _ => "this kind of service takes one; write %2C for a literal `,`",
        };
        return Err(ParseError::new(
            Problem::TooManyHosts,
            Part::Host,
            comma,
            hint,
        ));
    }
    let mut nodes = Vec::new();
    for piece in pieces(raw) {
        nodes.push(prioritised(locator, piece)?);
    }
    // MySQL asks for the highest priority first; without priorities the order stays.
    nodes.sort_by_key(|(_, priority)| std::cmp::Reverse(*priority));
    locator.nodes = Nodes::Many(nodes.into_iter().map(|(node, _)| node).collect());
    Ok(())
}

/// The inside of `[a,b]`, MySQL's form of a list.
fn mysql_list(raw: Raw<'_>) -> Option<Raw<'_>> {
    let inside = raw.text.strip_prefix('[')?.strip_suffix(']')?;
    (inside.contains([',', '(']) && inside.parse::<Ipv6Addr>().is_err())
        .then(|| raw.slice(1, 1 + inside.len()))
}

/// Splits at commas outside brackets and groups.
fn pieces(raw: Raw<'_>) -> impl Iterator<Item = Raw<'_>> {
    let mut rest = Some(raw);
    std::iter::from_fn(move || {
        let list = rest.take()?;
        let mut depth = 0usize;
        let comma = list.text.bytes().position(|byte| {
            match byte {
                b'[' | b'(' => depth += 1,
                b']' | b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            byte == b',' && depth == 0
        });
        match comma {
            Some(i) => {
                rest = Some(list.slice(i + 1, list.text.len()));
                Some(list.slice(0, i))
            }
            None => Some(list),
        }
    })
}

/// Reads one host of a list, for MySQL also `(address=a:3306,priority=100)`.
fn prioritised(locator: &mut Locator, raw: Raw<'_>) -> Result<(Node, u8), ParseError> {
    let group = raw
        .text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let (Kind::MySql, Some(group)) = (locator.scheme.kind, group) else {
        return Ok((read_one(locator, raw)?, 0));
    };
    if group.starts_with('/') {
        return Ok((read_one(locator, raw)?, 0));
    }
    let mut address = None;
    let mut priority = 0;
    for pair in pieces(raw.slice(1, 1 + group.len())) {
        match pair.split_once(b'=') {
            Some((name, value)) if name.text.eq_ignore_ascii_case("address") => {
                address = Some(value);
            }
            Some((name, value)) if name.text.eq_ignore_ascii_case("priority") => {
                priority = value
                    .text
                    .parse()
                    .ok()
                    .filter(|n| *n <= 100)
                    .ok_or_else(|| {
                        let hint = "a priority is a number from 0 to 100";
                        ParseError::new(Problem::HostCharacter, Part::Host, value.at, hint)
                    })?;
            }
            _ => return Err(host_error(Problem::HostCharacter, pair.at)),
        }
    }
    match address {
        Some(address) => Ok((read_one(locator, address)?, priority)),
        None => Err(host_error(Problem::MissingHost, raw.at)),
    }
}

/// Reads `host`, `host:port` or `[address]:port`.
pub(super) fn read_one(locator: &mut Locator, raw: Raw<'_>) -> Result<Node, ParseError> {
    if raw.text.starts_with('[') {
        return bracketed(locator, raw);
    }
    if locator.scheme.kind == Kind::MySql && raw.text.starts_with("(/") && raw.text.ends_with(')') {
        let path = raw.slice(1, raw.text.len() - 1);
        let place = name(locator, path)?;
        return Ok(Node { place, port: 0 });
    }
    let (host, port) = match raw.split_once(b':') {
        Some((host, digits)) => (host, port(digits, raw)?),
        None => (raw, 0),
    };
    if host.text.is_empty() {
        if locator.scheme.kind.rules().host_needed || locator.scheme.form == Form::Srv {
            return Err(ParseError::new(
                Problem::MissingHost,
                Part::Host,
                host.at,
                "write it after `://` or `@`",
            ));
        }
        return Ok(Node {
            place: Place::Default,
            port,
        });
    }
    let place = name(locator, host)?;
    Ok(Node { place, port })
}

/// Reads a name, an IPv4 address or an escaped socket.
fn name(locator: &mut Locator, raw: Raw<'_>) -> Result<Place, ParseError> {
    if raw.text.as_bytes()[0].is_ascii_digit() {
        if let Ok(address) = raw.text.parse::<Ipv4Addr>() {
            return Ok(Place::Ipv4(address));
        }
    }
    let start = locator.text.len();
    if is_name(raw.text) {
        locator.text.push_str(raw.text);
        return Ok(Place::Name(Span::since(&locator.text, start)));
    }
    escape::decode_into(
        &mut locator.text,
        raw.text,
        raw.at,
        Part::Host,
        Decoding::default(),
    )?;
    place(locator, start, raw.at)
}

/// Judges the decoded host that stands at the end of the locator's text.
pub(super) fn place(locator: &Locator, start: usize, at: usize) -> Result<Place, ParseError> {
    let kind = locator.scheme.kind;
    let decoded = &locator.text[start..];
    let span = Span::since(&locator.text, start);
    let socket = decoded.starts_with('/') || (kind == Kind::MongoDb && decoded.contains('/'));
    if socket || decoded.starts_with('@') {
        if !kind.rules().sockets {
            return Err(host_error(Problem::SocketHost, at));
        }
        if locator.scheme.form == Form::Srv {
            return Err(ParseError::new(
                Problem::SrvName,
                Part::Host,
                at,
                "write a DNS name",
            ));
        }
        return Ok(match socket {
            true => Place::Unix(span),
            false => Place::Abstract(Span::since(&locator.text, start + 1)),
        });
    }
    match is_name(decoded) {
        true => Ok(Place::Name(span)),
        false => Err(host_error(Problem::HostCharacter, at)),
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| HOST[usize::from(byte)])
}

/// The bytes of a host name.
const HOST: [bool; 256] = {
    let mut host = [true; 256];
    let mut byte = 0;
    while byte < 0x80 {
        let ascii = byte as u8;
        host[byte] = ascii.is_ascii_alphanumeric() || matches!(ascii, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    host
};

fn bracketed(locator: &mut Locator, raw: Raw<'_>) -> Result<Node, ParseError> {
    let error = || host_error(Problem::Brackets, raw.at);
    let (inside, after) = raw
        .slice(1, raw.text.len())
        .split_once(b']')
        .ok_or_else(error)?;
    let port = match after.text.strip_prefix(':') {
        Some(_) => port(after.slice(1, after.text.len()), raw)?,
        None if after.text.is_empty() => 0,
        None => return Err(error()),
    };
    let (address, zone) = inside.text.split_once('%').unwrap_or((inside.text, ""));
    let has_zone = address.len() < inside.text.len();
    // RFC 6874 writes the `%` of a zone as `%25`; people write it as it is.
    let zone = zone
        .strip_prefix("25")
        .filter(|zone| !zone.is_empty())
        .unwrap_or(zone);
    let is_zone = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let address: Ipv6Addr = address.parse().map_err(|_| error())?;
    if has_zone && (zone.is_empty() || !zone.bytes().all(is_zone)) {
        return Err(error());
    }
    let start = locator.text.len();
    locator.text.push_str(zone);
    let zone = Span::since(&locator.text, start);
    Ok(Node {
        place: Place::Ipv6(address, zone),
        port,
    })
}

/// Reads a port; nothing after the colon is the default port.
pub(super) fn port(digits: Raw<'_>, host: Raw<'_>) -> Result<u16, ParseError> {
    if digits.text.is_empty() {
        return Ok(0);
    }
    let plain = |byte: u8| byte.is_ascii_digit();
    match digits.text.parse() {
        Ok(port) if !digits.text.starts_with('0') && digits.text.bytes().all(plain) => Ok(port),
        _ if host.text.parse::<Ipv6Addr>().is_ok() => Err(ParseError::new(
            Problem::Brackets,
            Part::Host,
            host.at,
            "write an IPv6 address in brackets",
        )),
        _ => Err(ParseError::new(
            Problem::Port,
            Part::Port,
            digits.at,
            "expected a number from 1 to 65535; a database stands after `/`, not after `:`",
        )),
    }
}

/// SRV locators have one DNS name and no port.
fn check_srv(locator: &Locator, raw: Raw<'_>) -> Result<(), ParseError> {
    let [node] = locator.nodes.as_slice() else {
        return Ok(());
    };
    if locator.scheme.form != Form::Srv {
        return Ok(());
    }
    if raw.text.contains(':') && !raw.text.starts_with('[') {
        let hint = "remove it, or write the scheme without `+srv`";
        return Err(ParseError::new(Problem::SrvPort, Part::Port, raw.at, hint));
    }
    match node.place {
        Place::Name(_) => Ok(()),
        _ => Err(ParseError::new(
            Problem::SrvName,
            Part::Host,
            raw.at,
            "write a DNS name",
        )),
    }
}

fn host_error(problem: Problem, at: usize) -> ParseError {
    let hint = match problem {
        Problem::HostCharacter => "expected a DNS name, an address or an escaped socket path",
        Problem::Brackets => "such as `[::1]:5432`",
        Problem::MissingHost => "write `address=` and a host",
        _ => "write a name or an address",
    };
    ParseError::new(problem, Part::Host, at, hint)
}
