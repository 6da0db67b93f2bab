//! Bytes of a line with a limit for text.

use std::fmt;

use super::escape::escape;

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

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Appends a JSON string.
    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        self.push(b'"');
        self.begin();
        self.text(text);
        self.push(b'"');
    }

    /// Begins a text, to which every `text` until the next `begin` belongs.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.until = self.bytes.len().saturating_add(self.limit);
    }

    /// Appends text as the inside of a JSON string.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
        if self.bytes.len() + text.len() > self.until {
            return self.cut(text);
        }
        escape(&mut self.bytes, text);
    }

    #[cold]
    fn cut(&mut self, text: &str) {
        let mut keep = self.until.saturating_sub(self.bytes.len());
        while !text.is_char_boundary(keep) {
            keep -= 1;
        }
        escape(&mut self.bytes, &text[..keep]);
        self.lost += text.len() - keep;
        // Nothing more of this text is kept, since one with a hole would lie.
        self.until = 0;
    }
}

impl fmt::Write for Buf {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text(text);
        Ok(())
    }
}
