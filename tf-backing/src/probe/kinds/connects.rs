//! Protocols that nothing is known of: a connection is all there is to see.

use crate::probe::protocol::{Protocol, Step, Verdict};

/// Takes an open connection for an answer.
pub(super) struct Connects;

impl Protocol for Connects {
    fn opening(&mut self) -> Step {
        let verdict = Verdict::reachable();
        Step::Done(verdict.detail("accepts connections; the protocol is not probed"))
    }

    fn judge(&mut self, _: &[u8]) -> Step {
        Step::Read
    }
}
