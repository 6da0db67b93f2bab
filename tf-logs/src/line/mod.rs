//! One line under construction.

mod buf;
mod digits;
mod escape;
mod shrink;

use std::borrow::Cow;

pub(crate) use buf::{Buf, Start};
pub(crate) use shrink::shrink;

use crate::nest::{Fixed, Group, Target, bit};
use crate::value::{self, Value};

/// `text` as the inside of a JSON string.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if escape::is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = text.as_bytes().to_vec();
    escape::escape(&mut out, 0);
    Cow::Owned(String::from_utf8(out).expect("escaping leaves UTF-8"))
}

/// `text` as a JSON string.
pub(crate) fn json_string(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    escape::escape(&mut out, 1);
    out.push(b'"');
    String::from_utf8(out).expect("escaping leaves UTF-8")
}

/// A JSON object in which each path occurs once: what is put first stays.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) out: Buf,
    /// The bits of everything in `seen`, and of the names of the objects that values opened.
    bloom: u64,
    /// Hashes of the paths that have a value.
    seen: Vec<u64>,
    /// The objects that may get further members; those of fixed parts only after `load`.
    open: Vec<Open>,
    fixed: [usize; FIXED],
    loaded: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    hash: u64,
    /// Where its closing brace is.
    end: usize,
}

/// How many paths a line may have without giving memory back.
const KEPT_PATHS: usize = 256;

/// How many fixed parts a line has.
const FIXED: usize = 3;

/// The fixed parts of a line, in their order.
pub(crate) type Frame<'a> = [&'a Fixed; FIXED];

enum Room {
    Free,
    Taken,
    /// The path leads through a value, or ends at an object.
    Blocked,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self {
            out: Buf::new(),
            bloom: 0,
            seen: Vec::new(),
            open: Vec::new(),
            fixed: [0; FIXED],
            loaded: false,
        }
    }

    /// Forgets the last line.
    #[inline]
    pub(crate) fn clear(&mut self, limit: usize) {
        let is_large = self.out.clear(limit);
        self.bloom = 0;
        self.seen.clear();
        self.open.clear();
        if is_large {
            self.seen.shrink_to(KEPT_PATHS);
            self.open.shrink_to(KEPT_PATHS);
        }
        self.loaded = false;
    }

    /// Appends the fixed parts.
    #[inline]
    pub(crate) fn frame(&mut self, frame: &Frame<'_>) {
        for (start, part) in self.fixed.iter_mut().zip(frame) {
            *start = self.out.len();
            self.out.raw(part.text.as_bytes());
        }
    }

    /// Whether a value is at the path.
    #[inline]
    pub(crate) fn has(&self, hash: u64) -> bool {
        self.bloom & bit(hash) != 0 && self.seen.contains(&hash)
    }

    /// Puts a value at its place, unless there is one already.
    #[inline(always)]
    pub(crate) fn put(&mut self, frame: &Frame<'_>, target: &Target, value: Value<'_>) {
        if !target.groups.is_empty() || self.bloom & bit(target.hash) != 0 {
            return self.place(frame, target, value);
        }
        self.note(target.hash);
        self.out.key(&target.leaf);
        value::json(&mut self.out, value);
    }

    /// Appends ready members of the root with these hashes, unless one of them may be there already.
    #[inline]
    pub(crate) fn append(
        &mut self,
        bloom: u64,
        json: &[u8],
        hashes: impl Iterator<Item = u64>,
    ) -> bool {
        if self.bloom & bloom != 0 {
            return false;
        }
        self.bloom |= bloom;
        self.seen.extend(hashes);
        self.out.raw(json);
        true
    }

    #[inline]
    fn note(&mut self, hash: u64) {
        self.bloom |= bit(hash);
        self.seen.push(hash);
    }

    #[inline(never)]
    fn place(&mut self, frame: &Frame<'_>, target: &Target, value: Value<'_>) {
        match self.room(frame, target) {
            Room::Free => self.nest(target, value),
            Room::Taken => {}
            Room::Blocked => {
                let label = target.label();
                if matches!(self.room(frame, &label), Room::Free) {
                    self.nest(&label, value);
                }
            }
        }
    }

    fn room(&mut self, frame: &Frame<'_>, target: &Target) -> Room {
        if self.has(target.hash) {
            return Room::Taken;
        }
        if !target.groups.is_empty() {
            self.load(frame);
        }
        let through_value = target.groups.iter().any(|group| self.has(group.hash));
        if through_value || self.find(target.hash).is_some() {
            return Room::Blocked;
        }
        Room::Free
    }

    fn find(&self, hash: u64) -> Option<usize> {
        let open = self.open.iter().find(|open| open.hash == hash)?;
        Some(open.end)
    }

    /// Makes the objects of the fixed parts known.
    fn load(&mut self, frame: &Frame<'_>) {
        if self.loaded {
            return;
        }
        self.loaded = true;
        for (start, part) in self.fixed.iter().zip(frame) {
            self.open.extend(part.ends.iter().map(|(hash, end)| Open {
                hash: *hash,
                end: start + end,
            }));
        }
    }

    /// Writes the member at the end, then moves it into the innermost object on its path that exists.
    fn nest(&mut self, target: &Target, value: Value<'_>) {
        self.note(target.hash);
        let from = self.out.len();
        let existing = target
            .groups
            .iter()
            .enumerate()
            .rev()
            .find_map(|(index, group)| Some((index + 1, self.find(group.hash)?)));
        let (depth, at) = existing.unwrap_or((0, from));
        let missing = &target.groups[depth..];
        for (index, group) in missing.iter().enumerate() {
            self.out.raw(&group.open.as_bytes()[index.min(1)..]);
        }
        self.out
            .raw(&target.leaf.text().as_bytes()[missing.len().min(1)..]);
        value::at(&mut self.out, target.is_text, value);
        let end = self.out.len() - (from - at);
        for _ in missing {
            self.out.push(b'}');
        }
        self.insert(at, from);
        self.opened(missing, end);
    }

    fn opened(&mut self, groups: &[Group], end: usize) {
        for (index, group) in groups.iter().rev().enumerate() {
            self.bloom |= bit(group.hash);
            self.open.push(Open {
                hash: group.hash,
                end: end + index,
            });
        }
    }

    /// Moves what was written since `from` to `at`.
    pub(crate) fn insert(&mut self, at: usize, from: usize) {
        if at == from {
            return;
        }
        let length = self.out.len() - from;
        self.out.bytes[at..].rotate_right(length);
        for open in self.open.iter_mut().filter(|open| open.end >= at) {
            open.end += length;
        }
        for start in self.fixed.iter_mut().filter(|start| **start >= at) {
            *start += length;
        }
    }
}
