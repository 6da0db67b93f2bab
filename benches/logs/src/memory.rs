//! A writer that keeps the last lines of its thread and nothing else.

use std::cell::RefCell;
use std::io;

const KEPT: usize = 16 * 1024;

thread_local! {
    static LINES: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(2 * KEPT));
}

#[derive(Clone, Copy, Debug)]
pub struct Memory;

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| {
            if lines.len() > KEPT {
                lines.clear();
            }
            lines.extend_from_slice(bytes);
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
