//! Memcached: `version`.

use super::{line, may_begin};
use crate::probe::protocol::{Protocol, Step, Verdict};

/// Asks for the version, which needs no login but where one is enforced.
pub(super) struct Memcached;

impl Protocol for Memcached {
    fn opening(&mut self) -> Step {
        Step::Send(b"version\r\n".to_vec())
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        let signs: [&[u8]; 4] = [b"VERSION ", b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR"];
        if !signs.iter().any(|sign| may_begin(received, sign)) {
            return Step::Foreign;
        }
        let Some(line) = line(received) else {
            return Step::Read;
        };
        Step::Done(match line.strip_prefix(b"VERSION ") {
            Some(version) => Verdict::ready().server(version),
            None => Verdict::reachable().detail("wants a login"),
        })
    }

    fn farewell(&mut self) -> Vec<u8> {
        b"quit\r\n".to_vec()
    }
}
