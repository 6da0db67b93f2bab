//! What a run reads from and writes to.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

use crate::interrupts::Interrupts;
use crate::mask::{Mask, printable};

/// The streams, the terminal and the interrupts of a run.
///
/// [`Io::process`] has those of the process. [`Io::captured`] keeps what is written, for the
/// [`Report`](crate::Report), and reads nothing.
///
/// # Examples
///
/// A terminal at which somebody types a task's name:
///
/// ```
/// let io = tf_admin::Io::captured().stdin("sessions:prune\n").terminal(true);
/// ```
#[must_use]
pub struct Io {
    pub(crate) stdout: Stdout,
    pub(crate) stderr: Stderr,
    pub(crate) stdin: Stdin,
    pub(crate) interrupts: Interrupts,
    pub(crate) captured: Captured,
    /// Whether stderr is that of the process.
    pub(crate) is_process: bool,
}

/// What was written to the streams that nobody else has.
#[derive(Clone, Default)]
pub(crate) struct Captured {
    pub(crate) stdout: Buffer,
    pub(crate) stderr: Buffer,
}

impl Io {
    /// Creates streams that keep what is written; stdin is empty and there is no terminal.
    pub fn captured() -> Self {
        let captured = Captured::default();
        Self {
            stdout: Stdout::new(captured.stdout.clone(), false),
            stderr: Stderr::new(captured.stderr.clone()),
            stdin: Stdin::new(io::empty(), false),
            interrupts: Interrupts::default(),
            captured,
            is_process: false,
        }
    }

    /// Sets what is read from stdin.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        let terminal = self.stdin.is_terminal;
        self.stdin = Stdin::new(io::Cursor::new(text.into()), false);
        self.stdin.is_terminal = terminal;
        self
    }

    /// Sets where the result goes; the report has no copy of it.
    pub fn stdout(mut self, writer: impl Write + Send + 'static) -> Self {
        self.stdout = Stdout::new(writer, true);
        self
    }

    /// Sets where messages go; the report has no copy of them.
    pub fn stderr(mut self, writer: impl Write + Send + 'static) -> Self {
        let terminal = self.stderr.is_terminal;
        self.stderr = Stderr::new(writer);
        self.stderr.is_terminal = terminal;
        self
    }

    /// Sets whether stdin and stderr are a terminal, so that a person can be asked.
    pub fn terminal(mut self, is_terminal: bool) -> Self {
        self.stdin.is_terminal = is_terminal;
        self.stderr.is_terminal = is_terminal;
        self
    }

    /// Sets where interrupts come from.
    pub fn interrupts(mut self, interrupts: Interrupts) -> Self {
        self.interrupts = interrupts;
        self
    }

    pub(crate) fn from_process(
        stdin: impl Read + Send + 'static,
        stdin_is_terminal: bool,
        stderr_is_terminal: bool,
        stdout: impl Write + Send + 'static,
        stderr: impl Write + Send + 'static,
    ) -> Self {
        let mut io = Self::captured().stdout(stdout).stderr(stderr);
        io.stdin = Stdin::new(stdin, true);
        io.stdin.is_terminal = stdin_is_terminal;
        io.stderr.is_terminal = stderr_is_terminal;
        io.is_process = true;
        io.interrupts(Interrupts::process())
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("stdin_is_terminal", &self.stdin.is_terminal)
            .field("stderr_is_terminal", &self.stderr.is_terminal)
            .field("interrupts", &self.interrupts)
            .finish_non_exhaustive()
    }
}

/// Bytes in memory, shared by clones.
#[derive(Clone, Default)]
pub(crate) struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.0)).into_owned()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The guarded value, also after a panic of another holder.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Stdout {
    writer: Box<dyn Write + Send>,
    /// Whether a reader can hold a write up, so that it must not be done by the one who watches.
    blocks: bool,
}

impl Stdout {
    fn new(writer: impl Write + Send + 'static, blocks: bool) -> Self {
        Self {
            writer: Box::new(writer),
            blocks,
        }
    }

    /// Writes the whole result, at once.
    pub(crate) fn write_now(mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())?;
        self.writer.flush()
    }

    pub(crate) async fn write(self, text: String) -> io::Result<()> {
        if !self.blocks {
            return self.write_now(&text);
        }
        let written = tokio::task::spawn_blocking(move || self.write_now(&text)).await;
        written.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// Where people read; clones share the stream. A stream that is gone is no error.
#[derive(Clone)]
pub(crate) struct Stderr {
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    bar: Arc<Mutex<Option<ProgressBar>>>,
    pub(crate) mask: Mask,
    pub(crate) is_terminal: bool,
}

impl Stderr {
    fn new(writer: impl Write + Send + 'static) -> Self {
        Self {
            writer: Arc::new(Mutex::new(Box::new(writer))),
            bar: Arc::default(),
            mask: Mask::default(),
            is_terminal: false,
        }
    }

    /// Writes a message: without secrets, without what steers a terminal or looks like a record.
    pub(crate) fn message(&self, text: &str) {
        let masked = self.mask.apply(text);
        let text = no_record(printable(&masked).trim_end_matches('\n'));
        let bar = lock(&self.bar).clone();
        match bar {
            Some(bar) => bar.suspend(|| self.raw(&text)),
            None => self.raw(&text),
        }
    }

    /// Writes text as it is.
    pub(crate) fn raw(&self, text: &str) {
        let mut writer = lock(&self.writer);
        let _ = writer.write_all(text.as_bytes());
        let _ = writer.flush();
    }

    /// Puts a bar below the messages, or takes it away.
    pub(crate) fn set_bar(&self, bar: Option<ProgressBar>) {
        *lock(&self.bar) = bar;
    }
}

/// The lines of a message, marked where one could be taken for a record by whoever reads both from one stream.
fn no_record(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + 1);
    for line in text.split('\n') {
        if line.trim_start().starts_with('{') {
            lines.push_str("| ");
        }
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

/// Where secrets and confirmations are read from; clones share the stream.
#[derive(Clone)]
pub(crate) struct Stdin {
    reader: Arc<Mutex<Box<dyn Read + Send>>>,
    /// Whether reading can wait for somebody.
    blocks: bool,
    pub(crate) is_terminal: bool,
}

/// What is longer than that is neither a name nor a secret.
const LIMIT: u64 = 1 << 20;

impl Stdin {
    fn new(reader: impl Read + Send + 'static, blocks: bool) -> Self {
        Self {
            reader: Arc::new(Mutex::new(Box::new(reader))),
            blocks,
            is_terminal: false,
        }
    }

    /// Reads the next line, without its end.
    ///
    /// # Cancel safety
    ///
    /// A read that was begun goes on and takes its line.
    pub(crate) async fn line(&self) -> io::Result<String> {
        self.read(|reader| {
            let mut line = Vec::new();
            let mut byte = [0];
            loop {
                match reader.read_exact(&mut byte) {
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                    read => read?,
                }
                if byte == *b"\n" {
                    break;
                }
                if line.len() as u64 == LIMIT {
                    return Err(io::Error::other("the line has more than a mebibyte"));
                }
                line.extend(byte);
            }
            Ok(line)
        })
        .await
    }

    /// Reads all there is.
    pub(crate) async fn all(&self) -> io::Result<String> {
        self.read(|reader| read_limited(reader)).await
    }

    async fn read(
        &self,
        read: impl FnOnce(&mut dyn Read) -> io::Result<Vec<u8>> + Send + 'static,
    ) -> io::Result<String> {
        let reader = Arc::clone(&self.reader);
        let read = move || read(&mut *lock(&reader));
        let bytes = if self.blocks {
            let read = tokio::task::spawn_blocking(read).await;
            read.map_err(io::Error::other)??
        } else {
            read()?
        };
        String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
    }
}

/// Reads a text of at most a mebibyte.
pub(crate) fn read_limited(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::other("it has more than a mebibyte"));
    }
    Ok(bytes)
}
