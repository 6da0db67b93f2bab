//! NATS: the INFO line, and CONNECT where credentials are asked for and given.

use std::fmt::Write;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::tls::{Hello, client_hello};
use super::{find, line, may_begin};
use crate::host::Endpoint;
use crate::locator::Locator;
use crate::probe::outcome::{Outcome, Reason};
use crate::probe::protocol::{Protocol, Step, Verdict};
use crate::tls::Tls;

const INFO: &[u8] = b"INFO {";

/// Reads INFO; logs in where that proves something.
pub(super) struct Nats {
    username: Option<String>,
    /// The user's password, or a token where there is no user.
    password: Option<SecretString>,
    needs_tls: bool,
    host: Option<String>,
    phase: Phase,
    version: Vec<u8>,
}

#[derive(PartialEq)]
enum Phase {
    Info,
    Hello,
    Login,
}

impl Nats {
    pub(super) fn new(locator: &Locator, endpoint: &Endpoint) -> Self {
        Self {
            username: locator.username().map(str::to_owned),
            password: locator.password().cloned(),
            needs_tls: matches!(locator.tls(), Tls::On { .. }),
            host: match endpoint {
                Endpoint::Tcp { host, .. } => Some(host.clone()),
                _ => None,
            },
            phase: Phase::Info,
            version: Vec::new(),
        }
    }

    fn info(&mut self, info: &[u8]) -> Step {
        const VERSION: &[u8] = b"\"version\":\"";
        if let Some(at) = find(info, VERSION) {
            let text = info[at + VERSION.len()..].split(|byte| *byte == b'"');
            self.version = text.into_iter().next().unwrap_or_default().to_vec();
        }
        let says = |key: &[u8]| find(info, key).is_some();
        let tls = says(b"\"tls_required\":true") || says(b"\"tls_verify\":true");
        let verdict = match self.needs_tls {
            false if tls => Verdict::of(Outcome::TlsRequired),
            true if tls || says(b"\"tls_available\":true") => {
                Verdict::reachable().detail("offers TLS")
            }
            true => Verdict::not_ready(Reason::NoTls),
            false if !says(b"\"auth_required\":true") => Verdict::ready(),
            false => match self.login() {
                Some(login) => {
                    self.phase = Phase::Login;
                    return Step::Send(login);
                }
                None => Verdict::reachable().detail("wants credentials"),
            },
        };
        Step::Done(verdict.server(&self.version))
    }

    /// CONNECT with the locator's credentials, and a PING that only a guest gets answered.
    fn login(&self) -> Option<Vec<u8>> {
        let password = self.password.as_ref()?.expose_secret();
        let mut text = Zeroizing::new("CONNECT {\"verbose\":false,\"lang\":\"rust\"".to_owned());
        match &self.username {
            Some(username) => {
                member(&mut text, "user", username);
                member(&mut text, "pass", password);
            }
            None => member(&mut text, "auth_token", password),
        }
        text.push_str("}\r\nPING\r\n");
        Some(text.as_bytes().to_vec())
    }

    fn answer(&self, line: &[u8]) -> Step {
        let verdict = match line {
            b"PONG" => Verdict::ready(),
            _ if find(line, b"Authorization").is_some() => Verdict::not_ready(Reason::Credentials),
            _ if line.starts_with(b"-ERR") => Verdict::reachable().detail("answers with an error"),
            _ => return Step::Read,
        };
        Step::Done(verdict.server(&self.version))
    }
}

impl Protocol for Nats {
    fn judge(&mut self, received: &[u8]) -> Step {
        match self.phase {
            Phase::Hello => {
                // Without ALPN or a certificate of ours the answer may be an alert: TLS all the same.
                Hello::verdict(received).unwrap_or(Step::Foreign)
            }
            Phase::Login => match line(received) {
                Some(line) => self.answer(line),
                None => Step::Read,
            },
            Phase::Info if !may_begin(received, INFO) => Step::Foreign,
            Phase::Info => match line(received) {
                Some(line) => self.info(line),
                None => Step::Read,
            },
        }
    }

    fn silence(&mut self) -> Step {
        // A server with `handshake_first` waits for the ClientHello.
        if !self.needs_tls || self.phase != Phase::Info {
            return Step::Read;
        }
        self.phase = Phase::Hello;
        Step::Send(client_hello(self.host.as_deref()))
    }

    fn ended(&mut self, received: &[u8]) -> Option<Verdict> {
        match self.phase {
            // A large cluster lists all its servers: more than is read.
            Phase::Info if received.starts_with(INFO) => match self.info(received) {
                Step::Done(verdict) => Some(verdict),
                _ => Some(Verdict::reachable()),
            },
            _ => None,
        }
    }
}

/// Adds a member to an open JSON object.
fn member(text: &mut String, name: &str, value: &str) {
    let _ = write!(text, ",\"{name}\":\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            ' '.. => text.push(character),
            _ => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
        }
    }
    text.push('"');
}
