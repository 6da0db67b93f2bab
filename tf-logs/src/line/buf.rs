//! Bytes of a line with a limit for text.

use std::fmt;

use super::digits;
use super::escape::escape;
use crate::nest::Leaf;

/// Grows with what is appended; of each text only so much is kept as fits into a line, the rest is counted.
#[derive(Debug, Default)]
pub(crate) struct Buf {
    pub(crate) bytes: Vec<u8>,
    /// How many bytes of one text are kept.
    limit: usize,
    /// Where the present text must end.
    until: usize,
    /// Bytes of text that were not kept.
    pub(crate) lost: usize,
}

/// What `clear` lets a buffer keep.
const KEPT_CAPACITY: usize = 16 * 1024;

impl Buf {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            limit: usize::MAX,
            until: usize::MAX,
            lost: 0,
        }
    }

    /// Empties the buffer for a line whose texts have at most `limit` bytes; tells whether it was too large to keep.
    #[inline]
    pub(crate) fn clear(&mut self, limit: usize) -> bool {
        self.bytes.clear();
        self.limit = limit;
        self.lost = 0;
        let is_large = self.bytes.capacity() > KEPT_CAPACITY;
        if is_large {
            self.bytes.shrink_to(KEPT_CAPACITY);
        }
        is_large
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends JSON.
    #[inline]
    pub(crate) fn raw(&mut self, json: &[u8]) {
        self.bytes.extend_from_slice(json);
    }

    /// Appends the name of a member.
    #[inline(always)]
    pub(crate) fn key(&mut self, leaf: &Leaf) {
        let (text, padded) = (leaf.text(), leaf.padded());
        if text.len() > padded.len() {
            return self.long(text);
        }
        let end = self.bytes.len() + text.len();
        // A copy of a constant length needs no call.
        self.bytes.extend_from_slice(padded);
        self.bytes.truncate(end);
    }

    #[cold]
    fn long(&mut self, text: &str) {
        self.raw(text.as_bytes());
    }

    /// Appends an integer.
    #[inline]
    pub(crate) fn unsigned(&mut self, number: u64) {
        digits::unsigned(&mut self.bytes, number);
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Appends a JSON string.
    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        self.push(b'"');
        self.text(text);
        self.push(b'"');
    }

    /// Appends text as the inside of a JSON string.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
        let start = self.begin();
        self.keep(text);
        self.end(&start);
    }

    /// Begins a text that comes in pieces.
    #[inline]
    pub(crate) fn begin(&mut self) -> Start {
        let at = self.bytes.len();
        self.until = at.saturating_add(self.limit);
        let lost = self.lost;
        Start { at, lost }
    }

    /// Appends a piece of the text that has begun.
    #[inline]
    fn keep(&mut self, piece: &str) {
        if self.bytes.len() + piece.len() > self.until {
            return self.cut(piece);
        }
        self.bytes.extend_from_slice(piece.as_bytes());
    }

    #[cold]
    fn cut(&mut self, piece: &str) {
        let mut keep = self.until.saturating_sub(self.bytes.len());
        while !piece.is_char_boundary(keep) {
            keep -= 1;
        }
        self.bytes.extend_from_slice(&piece.as_bytes()[..keep]);
        self.lost += piece.len() - keep;
        // Nothing more of this text is kept, since one with a hole would lie.
        self.until = 0;
    }

    /// Makes the text that has begun the inside of a JSON string.
    #[inline]
    pub(crate) fn end(&mut self, start: &Start) {
        escape(&mut self.bytes, start.at);
    }

    /// Forgets the text that has begun.
    pub(crate) fn undo(&mut self, start: &Start) {
        self.bytes.truncate(start.at);
        self.lost = start.lost;
    }
}

/// Where a text begins, and what was lost before it.
#[derive(Debug)]
pub(crate) struct Start {
    at: usize,
    lost: usize,
}

impl fmt::Write for Buf {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.keep(text);
        Ok(())
    }
}
