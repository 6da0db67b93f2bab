//! SMTP: the greeting, and STARTTLS where the locator needs it.

use super::{find, line};
use crate::locator::Locator;
use crate::probe::outcome::Reason;
use crate::probe::protocol::{Protocol, Step, Verdict};
use crate::tls::Tls;

/// Waits to be greeted: who talks before is taken for a spammer.
pub(super) struct Smtp {
    needs_starttls: bool,
    greeted: bool,
}

impl Smtp {
    pub(super) fn new(locator: &Locator) -> Self {
        Self {
            needs_starttls: locator.tls() == Tls::StartTls { required: true },
            greeted: false,
        }
    }

    fn greeting(&mut self, code: &[u8]) -> Step {
        match code {
            b"220" if self.needs_starttls => {
                self.greeted = true;
                Step::Send(b"EHLO tf-probe.invalid\r\n".to_vec())
            }
            b"220" => Step::Done(Verdict::ready()),
            [b'4' | b'5', ..] => Step::Done(Verdict::not_ready(Reason::Unavailable)),
            _ => Step::Foreign,
        }
    }
}

impl Protocol for Smtp {
    fn judge(&mut self, received: &[u8]) -> Step {
        let is_code = |byte: &u8| byte.is_ascii_digit();
        if !received.iter().take(3).all(is_code) {
            return Step::Foreign;
        }
        let Some(last) = last_line(received) else {
            return Step::Read;
        };
        match (self.greeted, &last[..3]) {
            (false, code) => self.greeting(code),
            (true, b"250") if find(received, b"STARTTLS").is_some() => Step::Done(Verdict::ready()),
            (true, b"250") => Step::Done(Verdict::not_ready(Reason::NoTls)),
            (true, _) => Step::Done(Verdict::reachable().detail("refuses EHLO")),
        }
    }

    fn farewell(&mut self) -> Vec<u8> {
        b"QUIT\r\n".to_vec()
    }
}

/// The line that ends a reply: a space, or nothing, follows its code.
fn last_line(received: &[u8]) -> Option<&[u8]> {
    let mut rest = received;
    while let Some(line) = line(rest) {
        if line.len() >= 3 && line.get(3) != Some(&b'-') {
            return Some(line);
        }
        rest = &rest[line.len() + 2..];
    }
    None
}
