//! HTTP/1: ClickHouse, Elasticsearch, S3, WebSocket and everything else that answers a GET.

use super::{find, line, may_begin};
use crate::host::Endpoint;
use crate::kind::Kind;
use crate::locator::Locator;
use crate::probe::outcome::{Outcome, Reason};
use crate::probe::protocol::{Protocol, Step, Verdict};

/// Sends one GET without credentials.
pub(super) struct Http {
    request: String,
    kind: Kind,
}

impl Http {
    pub(super) fn new(kind: Kind, endpoint: &Endpoint) -> Self {
        let path = match kind {
            Kind::ClickHouse => "/ping",
            _ => "/",
        };
        Self {
            request: request(path, endpoint, "Connection: close\r\n"),
            kind,
        }
    }

    /// Asks for a WebSocket.
    pub(super) fn websocket(locator: &Locator, endpoint: &Endpoint) -> Self {
        let protocol = match locator.kind() {
            Kind::Mqtt => "Sec-WebSocket-Protocol: mqtt\r\n",
            _ => "",
        };
        let upgrade = format!(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGYtcHJvYmUtdGYtcHJvYg==\r\n{protocol}"
        );
        let resource = locator.resource().unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_graphic();
        let path = match resource.bytes().all(is_plain) {
            true => format!("/{resource}"),
            false => "/".to_owned(),
        };
        Self {
            request: request(&path, endpoint, &upgrade),
            kind: locator.kind(),
        }
    }

    fn verdict(&self, received: &[u8], status: &[u8]) -> Verdict {
        let holds = |text: &[u8]| find(received, text).is_some();
        // The words of Go, nginx and Apache for plain text on a port of TLS.
        if status == b"400" && (holds(b"HTTPS") || holds(b"SSL-enabled")) {
            return Verdict::of(Outcome::TlsRequired);
        }
        if self.kind == Kind::ClickHouse && status == b"400" && holds(b"clickhouse-client") {
            return Verdict::ready().detail("the port of the native protocol");
        }
        let code = String::from_utf8_lossy(status);
        let verdict = match status {
            b"101" => Verdict::reachable().detail("WebSocket answered"),
            [b'2' | b'3', ..] => Verdict::ready(),
            b"401" | b"403" => Verdict::reachable().detail("wants credentials"),
            b"429" | [b'5', ..] => {
                Verdict::not_ready(Reason::Unavailable).detail(format!("HTTP status {code}"))
            }
            _ => Verdict::reachable().detail(format!("HTTP status {code}")),
        };
        match self.version(received) {
            Some(version) => verdict.server(version),
            None => verdict,
        }
    }

    /// The version in the answer of Elasticsearch and OpenSearch, elsewhere the header `Server`.
    fn version<'a>(&self, received: &'a [u8]) -> Option<&'a [u8]> {
        if self.kind == Kind::Elasticsearch {
            const NUMBER: &[u8] = b"\"number\"";
            let rest = &received[find(received, NUMBER)? + NUMBER.len()..];
            return rest.split(|byte| *byte == b'"').nth(1);
        }
        let mut rest = received;
        while let Some(line) = line(rest).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_at_checked(7).unwrap_or_default();
            if name.eq_ignore_ascii_case(b"server:") {
                return Some(value.trim_ascii());
            }
            rest = &rest[line.len() + 2..];
        }
        None
    }

    fn is_complete(&self, received: &[u8]) -> bool {
        let Some(body) = find(received, b"\r\n\r\n").map(|end| &received[end + 4..]) else {
            return false;
        };
        match self.kind {
            Kind::Elasticsearch => find(body, b"\"number\"")
                .is_some_and(|at| body[at..].iter().filter(|byte| **byte == b'"').count() >= 4),
            // Why a request is bad stands in its body.
            _ => status(received) != Some(b"400") || body.len() >= 64,
        }
    }
}

impl Protocol for Http {
    fn opening(&mut self) -> Step {
        Step::Send(self.request.clone().into_bytes())
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        const SIGN: &[u8] = b"HTTP/1.";
        if !may_begin(received, SIGN) {
            return Step::Foreign;
        }
        match status(received) {
            Some(status) if self.is_complete(received) => {
                Step::Done(self.verdict(received, status))
            }
            None if received.len() >= 12 => Step::Foreign,
            _ => Step::Read,
        }
    }

    fn ended(&mut self, received: &[u8]) -> Option<Verdict> {
        Some(self.verdict(received, status(received)?))
    }
}

/// The three digits after the version.
fn status(received: &[u8]) -> Option<&[u8]> {
    let digits = received.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

fn request(path: &str, endpoint: &Endpoint, headers: &str) -> String {
    let host = match endpoint {
        Endpoint::Tcp { .. } => endpoint.to_string(),
        _ => "localhost".to_owned(),
    };
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: tf-backing\r\n{headers}\r\n")
}
