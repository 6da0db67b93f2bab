//! Cassandra and ScyllaDB: OPTIONS of the native protocol, version 4.

use crate::probe::protocol::{Protocol, Step, Verdict};

/// Asks which options the server supports, which needs no login.
pub(super) struct Cassandra;

impl Protocol for Cassandra {
    fn opening(&mut self) -> Step {
        Step::Send(vec![4, 0, 0, 0, 5, 0, 0, 0, 0])
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        const ERROR: u8 = 0;
        const SUPPORTED: u8 = 6;
        // Responses have the highest bit of the version set; 0xC1 and 0xC2 are those of DSE.
        if !matches!(received, [] | [0x83..=0x86 | 0xC1 | 0xC2, ..]) {
            return Step::Foreign;
        }
        match *received {
            [_, _, 0, 0, SUPPORTED, ..] => Step::Done(Verdict::ready()),
            [_, _, 0, 0, ERROR, ..] => {
                Step::Done(Verdict::reachable().detail("answers with an error"))
            }
            [_, _, _, _, _, ..] => Step::Foreign,
            _ => Step::Read,
        }
    }
}
