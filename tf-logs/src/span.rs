//! Fields of spans, formatted once.

use std::sync::Arc;

use crate::engine::{Engine, Known};
use crate::line::{Buf, Frame, Line};
use crate::nest::{Target, bit};
use crate::plan::{Plan, Put, Slot};
use crate::value::{self, Value};

/// Members that wait to be written.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// `,"name":value` each.
    out: Buf,
    entries: Vec<Entry>,
    /// The bits of all hashes.
    bloom: u64,
    /// Whether a member goes into an object.
    is_nested: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    slot: Slot,
    start: usize,
    /// Where the value begins.
    value: usize,
    end: usize,
}

impl Pieces {
    pub(crate) fn clear(&mut self, limit: usize) {
        self.out.clear(limit);
        self.entries.clear();
        self.bloom = 0;
        self.is_nested = false;
    }

    pub(crate) fn capacity(&self) -> usize {
        self.out.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    /// Name and JSON of each member.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &str, &str)> {
        self.entries.iter().map(|entry| {
            let name = std::str::from_utf8(&self.out.bytes[entry.start + 2..entry.value - 2]);
            let value = std::str::from_utf8(&self.out.bytes[entry.value..entry.end]);
            (
                entry.hash,
                name.unwrap_or_default(),
                value.unwrap_or_default(),
            )
        })
    }

    /// Takes over the members of `other`, which win over those of the same place.
    pub(crate) fn merge(&mut self, other: &Self, engine: &Engine) {
        if other.has(engine.known(Known::ErrorMessage).target.hash) {
            self.remove(engine.known(Known::ErrorType).target.hash);
            self.remove(engine.known(Known::ErrorTrace).target.hash);
        }
        for entry in &other.entries {
            self.begin(entry.hash);
            let start = self.out.len();
            self.out.raw(&other.out.bytes[entry.start..entry.end]);
            let value = start + entry.value - entry.start;
            self.entries.push(Entry {
                start,
                value,
                end: self.out.len(),
                ..*entry
            });
        }
        self.is_nested |= other.is_nested;
    }

    /// Writes the members whose places are free.
    #[inline]
    pub(crate) fn write(&self, line: &mut Line, frame: &Frame<'_>, engine: &Engine, plan: &Plan) {
        let hashes = self.entries.iter().map(|entry| entry.hash);
        if self.is_nested || !line.append(self.bloom, &self.out.bytes, hashes) {
            self.write_each(line, frame, engine, plan);
        }
    }

    fn write_each(&self, line: &mut Line, frame: &Frame<'_>, engine: &Engine, plan: &Plan) {
        let has_error = line.has(engine.known(Known::ErrorMessage).target.hash);
        for entry in &self.entries {
            // The type of one error does not explain the message of another one.
            let is_detail = matches!(
                entry.slot,
                Slot::Known(Known::ErrorType | Known::ErrorTrace)
            );
            if is_detail && has_error {
                continue;
            }
            if let Some(target) = plan.target(engine, entry.slot) {
                line.put(
                    frame,
                    target,
                    Value::Json(&self.out.bytes[entry.value..entry.end]),
                );
            }
        }
    }

    /// Makes room for a member, the former of which goes.
    #[inline]
    fn begin(&mut self, hash: u64) {
        if self.bloom & bit(hash) != 0 {
            self.remove(hash);
        }
        self.bloom |= bit(hash);
    }

    fn remove(&mut self, hash: u64) {
        let Some(index) = self.entries.iter().position(|entry| entry.hash == hash) else {
            return;
        };
        let removed = self.entries.remove(index);
        self.out.bytes.drain(removed.start..removed.end);
        let length = removed.end - removed.start;
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| entry.start >= removed.end)
        {
            entry.start -= length;
            entry.value -= length;
            entry.end -= length;
        }
    }
}

impl Put for Pieces {
    #[inline(always)]
    fn put(&mut self, slot: Slot, target: &Target, value: Value<'_>) {
        self.begin(target.hash);
        self.is_nested |= !target.groups.is_empty();
        let start = self.out.len();
        self.out.key(&target.leaf);
        let from = self.out.len();
        value::at(&mut self.out, target.is_text, value);
        self.entries.push(Entry {
            hash: target.hash,
            slot,
            start,
            value: from,
            end: self.out.len(),
        });
    }

    fn message(&mut self, target: &Target, value: Value<'_>) {
        self.put(Slot::Field(u32::MAX), target, value);
    }

    fn has(&self, hash: u64) -> bool {
        self.bloom & bit(hash) != 0 && self.entries.iter().any(|entry| entry.hash == hash)
    }
}

/// What a span keeps for its lines.
#[derive(Debug)]
pub(crate) struct Stored {
    /// The engine whose plan it is; there may be several layers.
    pub(crate) engine: u64,
    pub(crate) plan: Arc<Plan>,
    pub(crate) pieces: Pieces,
    pub(crate) others: Vec<Stored>,
}

impl Stored {
    #[inline]
    pub(crate) fn of(&self, engine: u64) -> Option<&Self> {
        if self.engine == engine {
            return Some(self);
        }
        self.others.iter().find(|stored| stored.engine == engine)
    }

    pub(crate) fn of_mut(&mut self, engine: u64) -> Option<&mut Self> {
        if self.engine == engine {
            return Some(self);
        }
        self.others
            .iter_mut()
            .find(|stored| stored.engine == engine)
    }
}
