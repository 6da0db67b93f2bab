//! What a program wrote, and when.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Enough for any line of interest; what comes after is read and forgotten.
const KEPT: usize = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

struct Piece {
    stream: Stream,
    at: Instant,
    bytes: Vec<u8>,
}

/// Filled by threads that end with the pipes.
#[derive(Clone, Default)]
pub(crate) struct Output {
    pieces: Arc<Mutex<Vec<Piece>>>,
    /// How many pipes are still read.
    open: Arc<AtomicUsize>,
}

impl Output {
    pub(crate) fn collect(&self, stream: Stream, mut from: impl Read + Send + 'static) {
        let (pieces, open) = (Arc::clone(&self.pieces), Arc::clone(&self.open));
        open.fetch_add(1, Ordering::AcqRel);
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            let mut kept = 0;
            while let Ok(read @ 1..) = from.read(&mut buffer) {
                if kept < KEPT {
                    kept += read;
                    let piece = Piece {
                        stream,
                        at: Instant::now(),
                        bytes: buffer[..read].to_vec(),
                    };
                    pieces
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(piece);
                }
            }
            open.fetch_sub(1, Ordering::AcqRel);
        });
    }

    /// Waits for the ends of the pipes: the last bytes arrive after the process has gone.
    pub(crate) fn finish(&self, limit: Duration) {
        let ends = Instant::now() + limit;
        while self.open.load(Ordering::Acquire) > 0 && Instant::now() < ends {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// What is there now.
    pub(crate) fn bytes(&self, stream: Stream) -> Vec<u8> {
        self.bytes_until(stream, None)
    }

    /// What had arrived at this moment.
    pub(crate) fn bytes_before(&self, stream: Stream, moment: Instant) -> Vec<u8> {
        self.bytes_until(stream, Some(moment))
    }

    fn bytes_until(&self, stream: Stream, moment: Option<Instant>) -> Vec<u8> {
        let pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = pieces.iter().filter(|piece| {
            piece.stream == stream && moment.is_none_or(|moment| piece.at <= moment)
        });
        wanted.flat_map(|piece| &piece.bytes).copied().collect()
    }

    pub(crate) fn text(&self, stream: Stream) -> String {
        String::from_utf8_lossy(&self.bytes(stream)).into_owned()
    }

    /// Both streams, one after the other.
    pub(crate) fn all(&self) -> String {
        self.text(Stream::Stdout) + &self.text(Stream::Stderr)
    }

    /// The last line that says something, for a remark.
    pub(crate) fn last_words(&self) -> Option<String> {
        let last = |stream| {
            let text = self.text(stream);
            let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
            Some(excerpt(line))
        };
        last(Stream::Stderr).or_else(|| last(Stream::Stdout))
    }
}

/// A line, short enough for a remark, without what moves a cursor.
pub(crate) fn excerpt(line: &str) -> String {
    const LONGEST: usize = 100;
    let clean: String = line
        .trim()
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    if clean.chars().count() <= LONGEST {
        return clean;
    }
    clean.chars().take(LONGEST).chain(['…']).collect()
}
