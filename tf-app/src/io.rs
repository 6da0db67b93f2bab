//! What an app writes to, and what it may be given.

use std::fmt;
use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The streams of an app that [`App::run_in`](crate::App::run_in) runs, and when it is to stop.
///
/// # Examples
///
/// ```
/// let io = tf_app::Io::captured().stop_when(async { /* until a test has seen enough */ });
/// # drop(io);
/// ```
#[must_use]
pub struct Io {
    pub(crate) stdout: Pipe,
    pub(crate) stderr: Pipe,
    pub(crate) stdin: Vec<u8>,
    pub(crate) is_terminal: bool,
    pub(crate) stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    captured: Option<(Buffer, Buffer)>,
}

impl Io {
    /// Keeps what is written, for the [`Report`](crate::Report).
    pub fn captured() -> Self {
        let (stdout, stderr) = (Buffer::default(), Buffer::default());
        Self {
            captured: Some((stdout.clone(), stderr.clone())),
            ..Self::new(Pipe::new(stdout), Pipe::new(stderr))
        }
    }

    pub(crate) fn new(stdout: Pipe, stderr: Pipe) -> Self {
        Self {
            stdout,
            stderr,
            stdin: Vec::new(),
            is_terminal: false,
            stop: None,
            captured: None,
        }
    }

    /// Sets where results and log lines go; the report has no copy of them.
    pub fn stdout(mut self, writer: impl Write + Send + 'static) -> Self {
        self.stdout = Pipe::new(writer);
        self
    }

    /// Sets where messages go; the report has no copy of them.
    pub fn stderr(mut self, writer: impl Write + Send + 'static) -> Self {
        self.stderr = Pipe::new(writer);
        self
    }

    /// Sets what tasks read.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Sets whether a task can ask a person.
    pub fn terminal(mut self, is_terminal: bool) -> Self {
        self.is_terminal = is_terminal;
        self
    }

    /// Stops what runs when this future ends, as SIGTERM would.
    pub fn stop_when(mut self, stop: impl Future<Output = ()> + Send + 'static) -> Self {
        self.stop = Some(Box::pin(stop));
        self
    }

    pub(crate) fn texts(&self) -> (String, String) {
        let texts = self.captured.as_ref();
        texts.map_or_else(Default::default, |(out, err)| (out.text(), err.text()))
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("is_terminal", &self.is_terminal)
            .field("is_captured", &self.captured.is_some())
            .finish_non_exhaustive()
    }
}

/// A writer that clones share.
#[derive(Clone)]
pub(crate) struct Pipe(Arc<Mutex<Box<dyn Write + Send>>>);

impl Pipe {
    pub(crate) fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(writer))))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        lock(&self.0).flush()
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
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
