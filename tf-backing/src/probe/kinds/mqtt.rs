//! MQTT 3.1.1: CONNECT with an empty name and a clean session.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::locator::Locator;
use crate::probe::outcome::Reason;
use crate::probe::protocol::{Protocol, Step, Verdict};

const USER: u8 = 0x80;
const PASSWORD: u8 = 0x40;
const CLEAN: u8 = 0x02;
const KEEP_ALIVE: [u8; 2] = [0, 60];

/// Logs in with what the locator has.
pub(super) struct Mqtt {
    connect: Zeroizing<Vec<u8>>,
    has_credentials: bool,
    accepted: bool,
}

impl Mqtt {
    pub(super) fn new(locator: &Locator) -> Self {
        let username = locator.username().unwrap_or_default().as_bytes();
        let password = match locator.password() {
            // The protocol has no place for a password without a user.
            Some(password) if !username.is_empty() => password.expose_secret().as_bytes(),
            _ => &[],
        };
        let flag = |text: &[u8], flag| if text.is_empty() { 0 } else { flag };
        let flags = CLEAN | flag(username, USER) | flag(password, PASSWORD);
        let mut body = Zeroizing::new(b"\0\x04MQTT\x04".to_vec());
        body.push(flags);
        body.extend(KEEP_ALIVE);
        body.extend([0, 0]);
        for text in [username, password]
            .into_iter()
            .filter(|text| !text.is_empty())
        {
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            body.extend(length.to_be_bytes());
            body.extend(text);
        }
        let mut connect = Zeroizing::new(vec![0x10]);
        push_length(&mut connect, body.len());
        connect.extend(body.iter());
        Self {
            connect,
            has_credentials: !username.is_empty(),
            accepted: false,
        }
    }
}

impl Protocol for Mqtt {
    fn opening(&mut self) -> Step {
        Step::Send(self.connect.to_vec())
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        match *received {
            [0x20] | [0x20, 2] | [0x20, 2, 0] => Step::Read,
            [0x20, 2, 0 | 1, code, ..] => Step::Done(match code {
                0 => {
                    self.accepted = true;
                    Verdict::ready()
                }
                1 => Verdict::reachable().detail("another version of MQTT"),
                3 => Verdict::not_ready(Reason::Unavailable),
                4 | 5 if self.has_credentials => Verdict::not_ready(Reason::Credentials),
                4 | 5 => Verdict::reachable().detail("wants credentials"),
                _ => Verdict::reachable().detail("refuses this client"),
            }),
            // CONNACK of version 5, which refuses version 3.
            [0x20, 3..=127, ..] => {
                Step::Done(Verdict::reachable().detail("another version of MQTT"))
            }
            _ => Step::Foreign,
        }
    }

    fn farewell(&mut self) -> Vec<u8> {
        const DISCONNECT: [u8; 2] = [0xE0, 0];
        match self.accepted {
            true => DISCONNECT.to_vec(),
            false => Vec::new(),
        }
    }
}

/// Seven bits a byte, the lowest first.
fn push_length(to: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7F).unwrap_or_default();
        length >>= 7;
        to.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            return;
        }
    }
}
