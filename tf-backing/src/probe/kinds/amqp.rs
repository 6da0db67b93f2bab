//! AMQP 0-9-1: the protocol header, and connection.start as its answer.

use super::{may_begin, number};
use crate::probe::outcome::Looks;
use crate::probe::protocol::{Protocol, Step, Verdict};

/// Sends the header; the server's offer to start proves that it takes connections.
pub(super) struct Amqp;

impl Protocol for Amqp {
    fn opening(&mut self) -> Step {
        Step::Send(b"AMQP\0\0\x09\x01".to_vec())
    }

    fn judge(&mut self, received: &[u8]) -> Step {
        const START: &[u8] = &[0, 10, 0, 10];
        if may_begin(received, b"AMQP") {
            let other = Verdict::wrong_protocol(Looks::Amqp).detail("another version of AMQP");
            return match received.len() {
                8.. => Step::Done(other),
                _ => Step::Read,
            };
        }
        let start = received.get(7..).unwrap_or_default();
        if !may_begin(received, &[1, 0, 0]) || !may_begin(start, START) {
            return Step::Foreign;
        }
        let length = received.get(3..7).map(number);
        match length.and_then(|length| start.get(..length)) {
            Some(method) => Step::Done(ready(method)),
            None => Step::Read,
        }
    }

    fn ended(&mut self, received: &[u8]) -> Option<Verdict> {
        let start = received.get(7..)?;
        (start.len() > 4).then(|| ready(start))
    }
}

/// Takes product and version out of the server's properties.
fn ready(method: &[u8]) -> Verdict {
    let table = method.get(6..).and_then(long_text);
    let property = |name: &[u8]| table.and_then(|table| find_text(table, name));
    match (property(b"product"), property(b"version")) {
        (Some(product), Some(version)) => Verdict::ready().server(&[product, version].join(&b' ')),
        (None, Some(version)) => Verdict::ready().server(version),
        _ => Verdict::ready(),
    }
}

/// The text after a length of four bytes.
fn long_text(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_at_checked(4)?;
    rest.get(..number(length))
}

/// The text of one property, among tables, texts and booleans, which are all that servers send.
fn find_text<'a>(table: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let mut rest = table;
    loop {
        let (length, after) = rest.split_first()?;
        let (name, after) = after.split_at_checked(usize::from(*length))?;
        let (kind, value) = after.split_first()?;
        let skip = match kind {
            b't' => 1,
            b'I' => 4,
            b'S' | b'F' => {
                let text = long_text(value)?;
                if name == wanted && *kind == b'S' {
                    return Some(text);
                }
                text.len() + 4
            }
            _ => return None,
        };
        rest = value.get(skip..)?;
    }
}
