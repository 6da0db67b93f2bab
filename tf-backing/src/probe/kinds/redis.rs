//! Redis and Valkey: AUTH where there is a password, PING, and HELLO for the version.

use secrecy::{ExposeSecret, SecretString};

use super::{find, line};
use crate::locator::Locator;
use crate::probe::outcome::Reason;
use crate::probe::protocol::{Protocol, Step, Verdict};
use crate::scheme::Form;

/// Logs in, pings, asks for the version.
pub(super) struct Redis {
    username: Option<String>,
    password: Option<SecretString>,
    phase: Phase,
}

#[derive(PartialEq)]
enum Phase {
    Auth,
    Ping,
    Version,
}

impl Redis {
    pub(super) fn new(locator: &Locator) -> Self {
        // The password of a sentinel's URL is the server's.
        let is_sentinel = locator.scheme.form == Form::Sentinel;
        let password = locator
            .password()
            .filter(|password| !password.expose_secret().is_empty() && !is_sentinel);
        Self {
            username: locator
                .username()
                .filter(|user| !user.is_empty())
                .map(str::to_owned),
            phase: match password {
                Some(_) => Phase::Auth,
                None => Phase::Ping,
            },
            password: password.cloned(),
        }
    }

    /// What an error says by its first word.
    fn error(&self, text: &[u8]) -> Step {
        let word = text.split(|byte| *byte == b' ').next().unwrap_or_default();
        let verdict = match word {
            b"NOAUTH" => Verdict::reachable().detail("wants a password"),
            b"NOPERM" => Verdict::reachable().detail("the user may not PING"),
            b"LOADING" => Verdict::not_ready(Reason::Starting),
            b"BUSY" => Verdict::not_ready(Reason::Busy),
            b"DENIED" => Verdict::not_ready(Reason::Denied),
            b"MASTERDOWN" | b"MISCONF" | b"CLUSTERDOWN" | b"TRYAGAIN" => {
                Verdict::not_ready(Reason::Unavailable)
            }
            b"WRONGPASS" => Verdict::not_ready(Reason::Credentials),
            b"ERR" if find(text, b"max number of clients").is_some() => {
                Verdict::not_ready(Reason::Full)
            }
            // Before version 6, and where the server has no password at all.
            b"ERR" if self.phase == Phase::Auth => Verdict::not_ready(Reason::Credentials),
            b"ERR" => Verdict::reachable().detail("answers with an error"),
            _ => return Step::Foreign,
        };
        Step::Done(verdict)
    }
}

impl Protocol for Redis {
    fn opening(&mut self) -> Step {
        Step::Send(match &self.password {
            None => command(&["PING"]),
            Some(password) => {
                let words = ["AUTH"].into_iter().chain(self.username.as_deref());
                let words: Vec<&str> = words.chain([password.expose_secret()]).collect();
                command(&words)
            }
        })
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        if self.phase == Phase::Version {
            return version(received);
        }
        if !matches!(received.first(), None | Some(b'+' | b'-')) {
            return Step::Foreign;
        }
        let Some(line) = line(received) else {
            return Step::Read;
        };
        match (&self.phase, line) {
            (_, [b'-', text @ ..]) => self.error(text),
            (Phase::Auth, b"+OK") => {
                self.phase = Phase::Ping;
                Step::Send(command(&["PING"]))
            }
            (Phase::Ping, b"+PONG") => {
                self.phase = Phase::Version;
                Step::Send(command(&["HELLO", "2"]))
            }
            _ => Step::Foreign,
        }
    }

    fn ended(&mut self, _: &[u8]) -> Option<Verdict> {
        (self.phase == Phase::Version).then(Verdict::ready)
    }
}

/// The version in the answer to HELLO, which old servers and some proxies do not know.
fn version(received: &[u8]) -> Step {
    if received.first().is_some_and(|first| *first != b'*') {
        return Step::Done(Verdict::ready());
    }
    const KEY: &[u8] = b"$7\r\nversion\r\n";
    let value = find(received, KEY).and_then(|at| {
        let (_, text) = received[at + KEY.len()..].split_at_checked(1)?;
        line(&text[find(text, b"\r\n")? + 2..])
    });
    match value {
        Some(version) => Step::Done(Verdict::ready().server(version)),
        None => Step::Read,
    }
}

fn command(words: &[&str]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        out.extend(format!("${}\r\n", word.len()).into_bytes());
        out.extend(word.as_bytes());
        out.extend(b"\r\n");
    }
    out
}
