//! Kafka: ApiVersions in version 0, which is allowed before any login.

use super::number;
use crate::probe::protocol::{Protocol, Step, Verdict};

const CORRELATION: [u8; 4] = *b"tfpb";
/// A broker lists some 60 interfaces of 6 bytes.
const MAX_ANSWER: usize = 4092;

/// Asks a broker which versions of which requests it knows.
pub(super) struct Kafka;

impl Protocol for Kafka {
    fn opening(&mut self) -> Step {
        let parts = [
            &[0, 0, 0, 12, 0, 18, 0, 0][..],
            &CORRELATION,
            &[0, 2],
            b"tf",
        ];
        Step::Send(parts.concat())
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        if received.iter().take(2).any(|high| *high != 0) {
            return Step::Foreign;
        }
        let Some(head) = received.get(..8) else {
            return Step::Read;
        };
        if !(10..=MAX_ANSWER).contains(&number(&head[..4])) || head[4..] != CORRELATION {
            return Step::Foreign;
        }
        match received[8..] {
            [0, 0, a, b, c, d, ..] if number(&[a, b, c, d]) > 0 => Step::Done(Verdict::ready()),
            [0, 0, _, _, _, _, ..] => Step::Done(Verdict::reachable()),
            [0, 0, ..] | [_] | [] => Step::Read,
            _ => Step::Done(Verdict::reachable().detail("answers with an error")),
        }
    }
}
