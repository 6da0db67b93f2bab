//! MySQL and MariaDB: the greeting, and a handshake that is carried to its end.
//!
//! A server counts handshakes that break off and blocks the host at `max_connect_errors`; a login
//! that it refuses is not counted. So every greeting gets its handshake response. The login is the
//! anonymous user's, which cannot be locked, unless the locator's user needs no password.

use secrecy::ExposeSecret;

use super::may_begin;
use crate::locator::Locator;
use crate::probe::outcome::{Outcome, Reason};
use crate::probe::protocol::{Protocol, Step, Verdict};
use crate::tls::Tls;

const LONG_PASSWORD: u32 = 0x1;
const PROTOCOL_41: u32 = 0x200;
const SSL: u16 = 0x800;
const SECURE_CONNECTION: u32 = 0x8000;
const PLUGIN_AUTH: u32 = 0x8_0000;
/// No packet before the end of a login is longer.
const MAX_PACKET: usize = 4092;

/// Reads the greeting and logs in without a password.
pub(super) struct MySql {
    user: Option<String>,
    tls: Tls,
    /// What the greeting says, once it is there.
    version: Option<Vec<u8>>,
    /// The locator wants TLS, and the greeting does not offer it.
    lacks_tls: bool,
    logged_in: bool,
}

impl MySql {
    pub(super) fn new(locator: &Locator) -> Self {
        let needs_tls = matches!(locator.tls(), Tls::On { .. });
        let has_password = locator
            .password()
            .is_some_and(|password| !password.expose_secret().is_empty());
        Self {
            user: locator
                .username()
                .filter(|user| !user.is_empty() && !has_password && !needs_tls)
                .map(str::to_owned),
            tls: locator.tls(),
            version: None,
            lacks_tls: false,
            logged_in: false,
        }
    }

    fn greeting(&mut self, body: &[u8], sequence: u8) -> Step {
        let Some(end) = body.iter().position(|byte| *byte == 0) else {
            return Step::Foreign;
        };
        // Thread id, challenge and filler stand between the version and the capabilities.
        let abilities = match body.get(end + 14..end + 16) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => return Step::Foreign,
        };
        if sequence != 0 || !body[1..end].first().is_some_and(u8::is_ascii_digit) {
            return Step::Foreign;
        }
        // MariaDB 10 hides its version from old replicas behind this one.
        let version = body[1..end]
            .strip_prefix(b"5.5.5-")
            .unwrap_or(&body[1..end]);
        self.version = Some(version.to_vec());
        self.lacks_tls = matches!(self.tls, Tls::On { .. }) && abilities & SSL == 0;
        Step::Send(self.response(sequence.wrapping_add(1)))
    }

    fn response(&self, sequence: u8) -> Vec<u8> {
        const UTF8: u8 = 33;
        let abilities = LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;
        let mut body = abilities.to_le_bytes().to_vec();
        body.extend(0x0100_0000_u32.to_le_bytes());
        body.push(UTF8);
        body.extend([0; 23]);
        body.extend(self.user.as_deref().unwrap_or_default().as_bytes());
        // The end of the user and the length of an empty password.
        body.extend([0, 0]);
        body.extend(b"mysql_native_password\0");
        packet(sequence, &body)
    }

    fn error(&self, body: &[u8]) -> Verdict {
        let code = match *body {
            [_, low, high, ..] => u16::from_le_bytes([low, high]),
            _ => 0,
        };
        self.known(match code {
            1040 | 1203 => Verdict::not_ready(Reason::Full),
            1129 => Verdict::not_ready(Reason::Denied).detail("error 1129: it blocks this host"),
            1130 => Verdict::not_ready(Reason::Denied).detail("error 1130"),
            1053 | 1927 => Verdict::not_ready(Reason::Starting),
            // `require_secure_transport`; clients that may encrypt do so by themselves.
            3159 if self.tls == Tls::Off => {
                Verdict::of(Outcome::TlsRequired).detail("add ssl-mode=REQUIRED")
            }
            _ if self.version.is_none() => {
                Verdict::not_ready(Reason::Unavailable).detail(format!("error {code}"))
            }
            _ if self.user.is_some() => {
                Verdict::reachable().detail("refuses the user without a password")
            }
            _ => Verdict::ready(),
        })
    }

    /// Adds what the greeting said.
    fn known(&self, verdict: Verdict) -> Verdict {
        let Some(version) = &self.version else {
            return verdict;
        };
        match self.lacks_tls {
            true => Verdict::not_ready(Reason::NoTls).server(version),
            false => verdict.server(version),
        }
    }

    fn reply(&mut self, body: &[u8], sequence: u8) -> Step {
        match body[0] {
            0 => {
                self.logged_in = true;
                Step::Done(self.known(Verdict::ready()))
            }
            // Whatever way to log in the server asks for: no password.
            0xFE | 1 => Step::Send(packet(sequence.wrapping_add(1), &[])),
            _ => Step::Done(self.known(Verdict::ready())),
        }
    }
}

impl Protocol for MySql {
    fn judge(&mut self, received: &[u8]) -> Step {
        let &[low, mid, high, sequence, ref rest @ ..] = received else {
            return match may_begin(received, b"HTT") || may_begin(received, b"SSH") {
                true => Step::Foreign,
                false => Step::Read,
            };
        };
        let length = usize::from(low) | usize::from(mid) << 8 | usize::from(high) << 16;
        let first = rest.first().copied();
        let greets = matches!(
            (first, &self.version),
            (None | Some(10 | 0xFF), _) | (_, Some(_))
        );
        if !(1..=MAX_PACKET).contains(&length) || !greets {
            return Step::Foreign;
        }
        let Some(body) = rest.get(..length) else {
            return Step::Read;
        };
        match (body[0], &self.version) {
            (0xFF, _) => Step::Done(self.error(body)),
            (_, None) => self.greeting(body, sequence),
            (_, Some(_)) => self.reply(body, sequence),
        }
    }

    fn ended(&mut self, _: &[u8]) -> Option<Verdict> {
        self.version.is_some().then(|| self.known(Verdict::ready()))
    }

    fn farewell(&mut self) -> Vec<u8> {
        const QUIT: u8 = 1;
        match self.logged_in {
            true => packet(0, &[QUIT]),
            false => Vec::new(),
        }
    }
}

fn packet(sequence: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..3], &[sequence], body].concat()
}
