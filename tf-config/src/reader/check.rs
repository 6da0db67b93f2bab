//! Tests the declaration itself: no variable is read, every default is.

use super::{Door, Reader, decode_default, explain};
use crate::decode::{Input, Shape};
use crate::error::Problem;
use crate::section::{Leaf, Presence, Visibility};

impl Reader<'_> {
    /// Decodes what the declaration itself holds.
    pub(super) fn check<T>(&mut self, leaf: &'static Leaf, door: &Door<T>) -> Option<T> {
        let shape = (leaf.shape)();
        let name = self.name(leaf);
        if let Shape::Unsupported(what) = shape {
            self.report(leaf, explain::unsupported(leaf, name, what));
            return None;
        }
        if leaf.display == Visibility::Redacted && !keeps_promise(leaf, &shape, door) {
            self.report(leaf, explain::broken_promise(leaf, name));
            return None;
        }
        match leaf.presence {
            Presence::Default(text) => {
                let decoded = decode_default(leaf, door, text);
                decoded
                    .map_err(|bad| self.report(leaf, explain::bad_default(leaf, name, text, bad)))
                    .ok()
            }
            Presence::DefaultWith(_) => door.default_with.map(|make| make()),
            Presence::Required | Presence::Optional => None,
        }
    }

    /// Ends a check of the declaration itself.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
            .into_iter()
            .map(|(_, problem)| problem)
            .collect()
    }
}

/// Tries whether a type that promises to hide its secrets does so for a URL with a password.
fn keeps_promise<T>(leaf: &Leaf, shape: &Shape, door: &Door<T>) -> bool {
    const MARKER: &str = "tf4planted7marker";
    let schemes = ["postgres", "mysql", "redis", "amqp", "https"];
    let right = schemes.map(|scheme| format!("{scheme}://user:{MARKER}@host/name"));
    let wrong = schemes.map(|scheme| format!("{scheme}://user:{MARKER}#/{MARKER}@host:port/name"));
    let texts = right.into_iter().chain(wrong);
    texts.chain([MARKER.to_owned()]).all(|text| {
        let decoded =
            Input::new(text.as_ref(), shape, leaf.kind).and_then(|input| (door.decode)(&input));
        let shown = match decoded {
            Ok(value) => door.show.map(|show| show(&value)).unwrap_or_default(),
            Err(bad) => bad.why.to_string(),
        };
        !shown.contains(MARKER)
    })
}
