//! Which socket the environment means.

use std::ffi::OsString;
use std::os::fd::OwnedFd;

use super::Listener;
use super::address::{Address, DEFAULT_PORT, Place};
use crate::error::{Error, Problem};
use crate::process::{self, Passed};

pub(super) fn from_process(name: &str) -> Result<Listener, Error> {
    match passed(name)? {
        Some(listener) => Ok(listener),
        None => open(&address(&process::variable).map_err(Error::new)?),
    }
}

pub(super) fn from_process_or(name: &str, address: &Address) -> Result<Listener, Error> {
    passed(name)?.map_or_else(|| open(address), Ok)
}

fn passed(name: &str) -> Result<Option<Listener>, Problem> {
    let socket = process::passed_sockets(|sockets| pick(name, sockets))?;
    let what = format!("the passed socket `{name}`");
    socket
        .map(|socket| Listener::inherit(socket, &what))
        .transpose()
}

fn open(address: &Address) -> Result<Listener, Error> {
    match address.0 {
        Place::Standard => {
            let no_socket = |_| Problem::NoListener {
                what: "descriptor 0".to_owned(),
            };
            let socket = process::standard_input().map_err(no_socket)?;
            Ok(Listener::inherit(socket, "descriptor 0")?)
        }
        _ => Listener::bind(address),
    }
}

pub(super) fn from_vars(_name: &str, vars: Vec<(OsString, OsString)>) -> Result<Listener, Error> {
    let lookup = |name: &str| {
        let found = vars.iter().rev().find(|(found, _)| found == name);
        found.map(|(_, text)| text.clone())
    };
    Listener::bind(&address(&lookup).map_err(Error::new)?)
}

/// Takes the socket with this name, or the only one.
fn pick(name: &str, sockets: &mut Vec<Passed>) -> Result<Option<OwnedFd>, Problem> {
    if sockets.is_empty() {
        return Ok(None);
    }
    let named = sockets
        .iter()
        .position(|(found, _)| found.as_deref() == Some(name));
    let only = (sockets.len() == 1).then_some(0);
    match named.or(only) {
        Some(index) => Ok(Some(sockets.swap_remove(index).1)),
        None => Err(Problem::NoSuchName {
            name: name.to_owned(),
            count: sockets.len(),
            names: sockets
                .iter()
                .map(|(name, _)| name.as_deref().unwrap_or("without a name"))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

/// `LISTEN`, else `PORT`, else the default; both are checked.
fn address(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Address, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut text = |variable: &'static str| match lookup(variable)?.into_string() {
        Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
        Err(_) => {
            problems.push(Problem::Unicode { variable });
            None
        }
    };
    let (listen, port) = (text("LISTEN"), text("PORT"));
    let listen = listen.map(|text| text.parse::<Address>());
    let port = port.map(|text| port_of(text.trim()));
    let mut keep = |problem| problems.push(problem);
    let listen = match listen {
        Some(Err(reason)) => {
            keep(Problem::Address {
                variable: "LISTEN",
                reason,
            });
            None
        }
        listen => listen.and_then(Result::ok),
    };
    let port = match port {
        Some(Err(problem)) => {
            keep(problem);
            None
        }
        port => port.and_then(Result::ok),
    };
    match problems.is_empty() {
        true => Ok(listen.unwrap_or_else(|| Address::any(port.unwrap_or(DEFAULT_PORT)))),
        false => Err(problems),
    }
}

fn port_of(text: &str) -> Result<u16, Problem> {
    // Kubernetes sets `PORT=tcp://10.0.3.7:80` in every pod beside a service whose name is empty or
    // whose prefix ends so; the variable is then not meant for us.
    let hint = match text.contains("://") {
        true => {
            "; this is the link that Kubernetes sets for a service (`enableServiceLinks: false` ends that)"
        }
        false => "",
    };
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| is_number)
        .ok_or(Problem::Port { hint })
}
