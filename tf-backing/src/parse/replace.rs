//! The parts that options replace, as libpq and the Redis clients do.

use zeroize::Zeroizing;

use super::scan::Raw;
use super::{hosts, path};
use crate::error::{ParseError, Part, Problem};
use crate::host::{Node, Nodes, Place};
use crate::kind::Kind;
use crate::locator::{Locator, Span};
use crate::warning::Warning;

/// A part that an option replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Username,
    Password,
    Resource,
    Hosts,
    Ports,
    Socket,
}

/// The value of a replacing option and where it stands.
pub(super) type Replacement = (Target, Zeroizing<String>, usize);

pub(super) fn target(kind: Kind, name: &str) -> Option<Target> {
    Some(match (kind, name) {
        (Kind::Postgres, "user") | (Kind::Redis, "username") => Target::Username,
        (Kind::Postgres | Kind::Redis, "password") => Target::Password,
        (Kind::Postgres, "dbname") | (Kind::Redis, "db" | "database") => Target::Resource,
        (Kind::Postgres, "host") => Target::Hosts,
        (Kind::Postgres, "port") => Target::Ports,
        (Kind::MySql, name) if name.eq_ignore_ascii_case("socket") => Target::Socket,
        _ => return None,
    })
}

/// Whether the option `name` would replace a part that the locator has.
pub(crate) fn is_part_written(locator: &Locator, name: &str) -> bool {
    match target(locator.scheme.kind, name) {
        None => false,
        Some(Target::Username) => locator.username.is_some(),
        Some(Target::Password) => locator.password.is_some(),
        Some(Target::Resource) => locator
            .resource()
            .is_some_and(|resource| !resource.is_empty()),
        Some(Target::Hosts | Target::Socket) => is_host_written(locator),
        Some(Target::Ports) => locator.nodes.as_slice().iter().any(|node| node.port != 0),
    }
}

/// Puts the values of replacing options in place, the last of each.
pub(super) fn replace(
    locator: &mut Locator,
    replacements: &[Replacement],
) -> Result<(), ParseError> {
    let last = |target| replacements.iter().rfind(|(of, ..)| *of == target);
    let mut was_written = false;
    let start = locator.text.len();
    if let Some((_, user, _)) = last(Target::Username) {
        was_written |= locator.username.is_some();
        locator.text.push_str(user);
        locator.username = Some(Span::since(&locator.text, start));
    }
    if let Some((_, password, _)) = last(Target::Password) {
        was_written |= locator.password.is_some();
        locator.password = Some(password.as_str().into());
        // As in `:password@`, where the user is empty and not absent.
        locator.username.get_or_insert(Span::EMPTY);
        locator
            .warnings
            .retain(|warning| *warning != Warning::UserWithoutPassword);
    }
    if let Some((_, resource, at)) = last(Target::Resource) {
        was_written |= locator
            .resource()
            .is_some_and(|resource| !resource.is_empty());
        path::check(locator.scheme.kind.rules().path, resource, *at)?;
        let start = locator.text.len();
        locator.text.push_str(resource);
        locator.resource = Some(Span::since(&locator.text, start));
    }
    if let Some((_, path, at)) = last(Target::Socket) {
        was_written |= is_host_written(locator);
        let place = append_host(locator, path, *at)?;
        locator.nodes = Nodes::One(Node { place, port: 0 });
    }
    if let Some((_, list, at)) = last(Target::Hosts) {
        was_written |= is_host_written(locator);
        replace_hosts(locator, list, *at)?;
    }
    if let Some((_, list, at)) = last(Target::Ports) {
        was_written |= locator.nodes.as_slice().iter().any(|node| node.port != 0);
        replace_ports(locator, list, *at)?;
    }
    if was_written {
        locator.warnings.push(Warning::ReplacedPart);
    }
    Ok(())
}

fn is_host_written(locator: &Locator) -> bool {
    locator
        .nodes
        .as_slice()
        .iter()
        .any(|node| !matches!(node.place, Place::Default))
}

/// Appends a decoded host of an option; an IPv6 address stands there without brackets.
fn append_host(locator: &mut Locator, host: &str, at: usize) -> Result<Place, ParseError> {
    if host.is_empty() {
        return Ok(Place::Default);
    }
    if let Ok(address) = host.parse() {
        return Ok(Place::Ipv4(address));
    }
    let (address, zone) = host.split_once('%').unwrap_or((host, ""));
    let start = locator.text.len();
    if let Ok(address) = address.parse() {
        locator.text.push_str(zone);
        return Ok(Place::Ipv6(address, Span::since(&locator.text, start)));
    }
    locator.text.push_str(host);
    hosts::place(locator, start, at)
}

/// Replaces the hosts; ports that are written already stay.
fn replace_hosts(locator: &mut Locator, list: &str, at: usize) -> Result<(), ParseError> {
    let mut nodes = Vec::new();
    for host in list.split(',') {
        let place = append_host(locator, host, at)?;
        nodes.push(Node { place, port: 0 });
    }
    let ports: Vec<u16> = locator
        .nodes
        .as_slice()
        .iter()
        .map(|node| node.port)
        .collect();
    locator.nodes = Nodes::Many(nodes);
    set_ports(locator, &ports, at)
}

fn replace_ports(locator: &mut Locator, list: &str, at: usize) -> Result<(), ParseError> {
    let mut ports = Vec::new();
    for digits in list.split(',') {
        // The position of the option stands for that of the port, which may be escaped.
        let raw = Raw { text: digits, at };
        ports.push(hosts::port(raw, Raw::default())?);
    }
    set_ports(locator, &ports, at)
}

/// Gives each host its port, or one port to all.
fn set_ports(locator: &mut Locator, ports: &[u16], at: usize) -> Result<(), ParseError> {
    let nodes = locator.nodes.as_mut_slice();
    if ports.len() != 1 && ports.len() != nodes.len() {
        return Err(count_error(at));
    }
    for (node, port) in nodes.iter_mut().zip(ports.iter().cycle()) {
        node.port = *port;
    }
    Ok(())
}

/// PostgreSQL's `hostaddr` names as many addresses as there are hosts.
pub(super) fn spread_addresses(locator: &mut Locator, at: usize) -> Result<(), ParseError> {
    let Some(list) = locator.options().last("hostaddr") else {
        return Ok(());
    };
    let count = list.split(',').count();
    let nodes = locator.nodes.as_slice();
    match nodes {
        _ if nodes.len() == count => Ok(()),
        [node] if matches!(node.place, Place::Default) => {
            let node = *node;
            locator.nodes = Nodes::Many(vec![node; count]);
            Ok(())
        }
        _ => Err(count_error(at)),
    }
}

fn count_error(at: usize) -> ParseError {
    let hint = "write one for each host, or one for all";
    ParseError::new(Problem::PortCount, Part::Option, at, hint)
}
