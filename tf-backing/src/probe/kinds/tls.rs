//! Any protocol inside TLS: a ClientHello, without a TLS library.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use super::may_begin;
use crate::host::Endpoint;
use crate::probe::protocol::{Protocol, Step, Verdict};

/// Sends a ClientHello; whatever a TLS endpoint answers proves it to be one.
pub(super) struct Hello {
    host: Option<String>,
}

impl Hello {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let host = match endpoint {
            // Names only: an address in the server name extension is forbidden.
            Endpoint::Tcp { host, .. } if is_dns_name(host) => Some(host.clone()),
            _ => None,
        };
        Self { host }
    }

    /// The verdict on the begin of an answer; `None` where it is not TLS.
    pub(super) fn verdict(received: &[u8]) -> Option<Step> {
        let is_record = |kind| may_begin(received, &[kind, 3]);
        match received {
            [] | [_] if is_record(0x16) || is_record(0x15) => Some(Step::Read),
            _ if is_record(0x16) || is_record(0x15) => {
                Some(Step::Done(Verdict::reachable().detail("TLS answered")))
            }
            _ => None,
        }
    }

    /// The record that ends a handshake: a warning, close_notify.
    pub(super) const GOODBYE: &[u8] = &[0x15, 3, 1, 0, 2, 1, 0];
}

impl Protocol for Hello {
    fn opening(&mut self) -> Step {
        Step::Send(client_hello(self.host.as_deref()))
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        Self::verdict(received).unwrap_or(Step::Foreign)
    }

    fn farewell(&mut self) -> Vec<u8> {
        Self::GOODBYE.to_vec()
    }
}

fn is_dns_name(host: &str) -> bool {
    host.parse::<IpAddr>().is_err() && !host.contains(':')
}

/// A ClientHello that offers TLS 1.3 and 1.2 with what every server of the last ten years knows.
pub(in crate::probe) fn client_hello(host: Option<&str>) -> Vec<u8> {
    const SUITES: [u16; 17] = [
        0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013,
        0xC00A, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035,
    ];
    let suites = SUITES.iter().flat_map(|suite| suite.to_be_bytes());
    let mut extensions = Vec::new();
    if let Some(host) = host {
        let name = [&[0][..], &sized(host.as_bytes())].concat();
        extension(&mut extensions, 0, &sized(&name));
    }
    // Supported groups: x25519, P-256, P-384.
    extension(&mut extensions, 10, &sized(&[0, 29, 0, 23, 0, 24]));
    extension(&mut extensions, 11, &[1, 0]);
    let signatures = [
        4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1, 8, 7, 2, 1, 2, 3,
    ];
    extension(&mut extensions, 13, &sized(&signatures));
    // Versions 1.3 and 1.2; one way to exchange keys; a share that no secret belongs to.
    extension(&mut extensions, 43, &[4, 3, 4, 3, 3]);
    extension(&mut extensions, 45, &[1, 1]);
    let share = [&[0, 29][..], &sized(&noise())].concat();
    extension(&mut extensions, 51, &sized(&share));

    let mut body = vec![3, 3];
    body.extend(noise());
    body.push(32);
    body.extend(noise());
    body.extend(sized(&suites.collect::<Vec<u8>>()));
    body.extend([1, 0]);
    body.extend(sized(&extensions));
    let mut handshake = vec![1, 0];
    handshake.extend(sized(&body));
    let mut record = vec![0x16, 3, 1];
    record.extend(sized(&handshake));
    record
}

fn extension(to: &mut Vec<u8>, kind: u8, body: &[u8]) {
    to.extend([0, kind]);
    to.extend(sized(body));
}

/// The bytes after their length in two bytes.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

/// 32 bytes that differ from call to call; nothing is ever encrypted with them.
fn noise() -> [u8; 32] {
    let mut bytes = [0; 32];
    for (n, chunk) in bytes.chunks_mut(8).enumerate() {
        chunk.copy_from_slice(&RandomState::new().hash_one(n).to_ne_bytes());
    }
    bytes
}
