//! MongoDB: `hello` in an OP_MSG, which needs no login.

use super::find;
use crate::probe::outcome::Reason;
use crate::probe::protocol::{Protocol, Step, Verdict};

const OP_MSG: [u8; 4] = [0xDD, 7, 0, 0];
const REQUEST: [u8; 4] = *b"tfpb";
/// `{hello: 1, $db: "admin"}` as BSON.
const HELLO: &[u8] = b"\x1F\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0";

/// Asks a server for its part in the deployment.
pub(super) struct MongoDb;

impl Protocol for MongoDb {
    fn opening(&mut self) -> Step {
        // Header, no flags, one document.
        let body = [&[0, 0, 0, 0, 0][..], HELLO].concat();
        let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
        let parts = [&length.to_le_bytes()[..], &REQUEST, &[0; 4], &OP_MSG, &body];
        Step::Send(parts.concat())
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        // No answer is longer than 64 KiB: a larger length is another protocol's text.
        if received.iter().skip(2).take(2).any(|high| *high != 0) {
            return Step::Foreign;
        }
        let Some((head, document)) = received.split_at_checked(21) else {
            return Step::Read;
        };
        if head[8..12] != REQUEST || head[12..16] != OP_MSG {
            return Step::Foreign;
        }
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        match received.len() >= usize::try_from(length).unwrap_or(usize::MAX) {
            true => Step::Done(verdict(document)),
            false => Step::Read,
        }
    }
}

fn verdict(document: &[u8]) -> Verdict {
    let is_true = |field: &[u8]| find(document, field).is_some();
    let ok = is_true(b"\x01ok\0\0\0\0\0\0\0\xF0\x3F") || is_true(b"\x10ok\0\x01\0\0\0");
    if !ok {
        return Verdict::reachable().detail("answers with an error");
    }
    match is_true(b"\x08isWritablePrimary\0\x01") || is_true(b"\x08secondary\0\x01") {
        true => Verdict::ready(),
        // A member of a replica set that is neither: starting, recovering, or not yet initiated.
        false => Verdict::not_ready(Reason::Starting),
    }
}
