//! PostgreSQL: the rule of `pg_isready`, over the version 3.0 protocol.

use super::{number, tls::Hello};
use crate::locator::Locator;
use crate::probe::outcome::Reason;
use crate::probe::protocol::{Protocol, Step, Verdict};
use crate::tls::Tls;

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F];
const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];
/// No message before the first query is longer, apart from the parameters, which are short.
const MAX_MESSAGE: usize = 4096;
/// Sent where the locator has no user, or wants its user encrypted.
const NOBODY: &str = "tf-probe";

/// Asks for TLS where the locator does, then for a session.
pub(super) struct Postgres {
    user: String,
    database: Option<String>,
    phase: Phase,
    logged_in: bool,
}

#[derive(PartialEq)]
enum Phase {
    Encryption,
    Session,
}

impl Postgres {
    pub(super) fn new(locator: &Locator) -> Self {
        let encrypted = matches!(locator.tls(), Tls::On { .. });
        let written = |text: Option<&str>| {
            text.filter(|text| !text.is_empty() && !encrypted)
                .map(str::to_owned)
        };
        Self {
            user: written(locator.username()).unwrap_or_else(|| NOBODY.to_owned()),
            database: written(locator.resource()),
            phase: if encrypted {
                Phase::Encryption
            } else {
                Phase::Session
            },
            logged_in: false,
        }
    }

    fn startup(&self) -> Vec<u8> {
        let mut body = vec![0, 3, 0, 0];
        let mut pair = |name: &str, value: &str| {
            for text in [name, value] {
                body.extend(text.as_bytes());
                body.push(0);
            }
        };
        pair("user", &self.user);
        if let Some(database) = &self.database {
            pair("database", database);
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        [&length.to_be_bytes()[..], &body].concat()
    }

    /// Reads messages until one decides.
    fn session(&mut self, received: &[u8]) -> Step {
        let mut rest = received;
        loop {
            let [kind, length @ ..] = rest else {
                return Step::Read;
            };
            let Some(length) = length.get(..4).map(number) else {
                return Step::Read;
            };
            if !b"RESNKZv".contains(kind) || !(4..=MAX_MESSAGE).contains(&length) {
                return Step::Foreign;
            }
            let Some(body) = rest.get(5..=length) else {
                return Step::Read;
            };
            match kind {
                b'R' if body == [0; 4] => self.logged_in = true,
                b'R' => return Step::Done(Verdict::ready()),
                b'E' => return Step::Done(refusal(body)),
                b'S' => {
                    if let Some(version) = body.strip_prefix(b"server_version\0") {
                        let version = version.strip_suffix(&[0]).unwrap_or(version);
                        return Step::Done(Verdict::ready().server(version));
                    }
                }
                b'Z' => return Step::Done(Verdict::ready()),
                _ => {}
            }
            rest = &rest[length + 1..];
        }
    }
}

impl Protocol for Postgres {
    fn opening(&mut self) -> Step {
        Step::Send(match self.phase {
            Phase::Encryption => SSL_REQUEST.to_vec(),
            Phase::Session => self.startup(),
        })
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        if self.phase == Phase::Session {
            return self.session(received);
        }
        match received {
            // The answer comes before the server has started, so it goes on in a session, without
            // TLS: what is refused there proves as much, and names neither user nor database.
            b"S" => {
                self.phase = Phase::Session;
                Step::Reconnect(self.startup())
            }
            b"N" => Step::Done(Verdict::not_ready(Reason::NoTls)),
            [b'E', ..] => self.session(received),
            _ => Hello::verdict(received).unwrap_or(Step::Foreign),
        }
    }

    fn ended(&mut self, _: &[u8]) -> Option<Verdict> {
        self.logged_in.then(Verdict::ready)
    }

    fn farewell(&mut self) -> Vec<u8> {
        match self.logged_in {
            true => TERMINATE.to_vec(),
            false => Vec::new(),
        }
    }
}

/// What an ErrorResponse says by its SQLSTATE; its text may name the user.
fn refusal(body: &[u8]) -> Verdict {
    let code = body
        .split(|byte| *byte == 0)
        .find_map(|field| field.strip_prefix(b"C"))
        .unwrap_or_default();
    match code {
        b"57P01" | b"57P02" | b"57P03" => Verdict::not_ready(Reason::Starting),
        b"53300" => Verdict::not_ready(Reason::Full),
        [_, _, _, _, _] if code.iter().all(u8::is_ascii_alphanumeric) => {
            let code = String::from_utf8_lossy(code);
            Verdict::ready().detail(format!("refuses this login: SQLSTATE {code}"))
        }
        _ => Verdict::ready().detail("refuses this login"),
    }
}
