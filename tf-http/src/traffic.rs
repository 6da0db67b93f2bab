//! What goes over one connection, as far as its end needs to know.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tf_shutdown::Guard;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::OwnedSemaphorePermit;

/// Shared by the wire, the service and the task of one connection.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// Requests whose response has not been handed over whole.
    in_flight: AtomicU32,
    /// Requests so far; it may wrap.
    requests: AtomicU32,
    /// Bytes arrived that no request accounts for.
    has_unread_head: AtomicBool,
    /// The peer does not take what was written.
    is_blocked: AtomicBool,
    is_http2: AtomicBool,
    /// Reads and writes that moved a byte, so far; it may wrap.
    moves: AtomicU32,
    /// All was sent, and the peer has yet to say that it got it.
    is_parting: AtomicBool,
    /// Nothing was sent that the peer might still miss, or somebody else decides when the connection ends.
    needs_no_parting: AtomicBool,
    /// Counts the connection once it speaks another protocol and its task has ended.
    upgraded: OnceLock<Guard>,
}

impl Traffic {
    pub(crate) fn begin(&self, is_http2: bool) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        count(&self.requests);
        self.has_unread_head.store(false, Ordering::Relaxed);
        if is_http2 {
            self.is_http2.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn end(&self) {
        self.has_unread_head.store(false, Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Release);
    }

    /// The wire lives on in other hands. Without a guard nobody waits for it.
    pub(crate) fn upgrade(&self, guard: Option<Guard>) {
        self.part_at_once();
        if let Some(guard) = guard {
            // Only the first protocol of a connection can be changed.
            let _ = self.upgraded.set(guard);
        }
    }

    pub(crate) fn part_at_once(&self) {
        self.needs_no_parting.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_parting(&self) -> bool {
        self.is_parting.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Relaxed)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) > 0
    }

    pub(crate) fn moves(&self) -> u32 {
        self.moves.load(Ordering::Relaxed)
    }

    /// A request head has begun to arrive. Frames of HTTP/2 without a request are none.
    pub(crate) fn is_reading_head(&self) -> bool {
        self.has_unread_head.load(Ordering::Relaxed) && !self.is_http2()
    }

    /// Nothing is lost if the connection ends now.
    pub(crate) fn is_quiet(&self) -> bool {
        !self.is_busy() && !self.is_blocked.load(Ordering::Relaxed)
    }

    fn arrived(&self, bytes: &[u8]) {
        // The preface of HTTP/2 (RFC 9113, section 3.4) is no beginning of a request of HTTP/1.
        if self.requests() == 0 && bytes.starts_with(b"PRI * HTTP/2") {
            self.is_http2.store(true, Ordering::Relaxed);
        }
        self.has_unread_head.store(true, Ordering::Relaxed);
        self.moved();
    }

    fn wrote<T>(&self, result: &Poll<io::Result<T>>) {
        self.is_blocked
            .store(result.is_pending(), Ordering::Relaxed);
        self.moved();
    }

    fn moved(&self) {
        count(&self.moves);
    }
}

/// Counts what only the task of the connection counts; others just read it.
fn count(counter: &AtomicU32) {
    let count = counter.load(Ordering::Relaxed);
    counter.store(count.wrapping_add(1), Ordering::Relaxed);
}

/// An accepted connection.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A stream that notes what passes.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    traffic: Arc<Traffic>,
    /// The peer has sent its last byte.
    has_ended: bool,
    /// A place among the connections that are open at once, also after a change of the protocol.
    _place: Option<OwnedSemaphorePermit>,
}

impl Wire {
    pub(crate) fn new(
        stream: Stream,
        traffic: Arc<Traffic>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            stream,
            traffic,
            has_ended: false,
            _place: place,
        }
    }
}

/// Calls a method on whichever stream it is.
macro_rules! forward {
    ($wire:expr, $method:ident($($argument:expr),*)) => {
        match &mut $wire.stream {
            Stream::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            Stream::Unix(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = forward!(self, poll_read(cx, buf));
        if buf.filled().len() > before {
            self.traffic.arrived(&buf.filled()[before..]);
        } else if result.is_ready() && buf.remaining() > 0 {
            self.has_ended = true;
        }
        result
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = forward!(self, poll_write(cx, buf));
        self.traffic.wrote(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = forward!(self, poll_write_vectored(cx, bufs));
        self.traffic.wrote(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Tcp(stream) => stream.is_write_vectored(),
            Stream::Unix(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(self, poll_flush(cx))
    }

    /// Says that this was all, and waits for the peer to say the same.
    ///
    /// A socket that is closed while bytes arrive is reset, and a reset takes away what the peer has not read yet: the
    /// response to an upload that was refused half-way, or the end of a large body while HTTP/2 answers with updates of
    /// its window (RFC 9112, section 9.6).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.traffic.is_parting() {
            ready!(forward!(self, poll_shutdown(cx)))?;
        }
        if self.has_ended || self.traffic.needs_no_parting.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        self.traffic.is_parting.store(true, Ordering::Relaxed);
        let mut room = [0; 1024];
        loop {
            let mut rest = ReadBuf::new(&mut room);
            match ready!(forward!(self, poll_read(cx, &mut rest))) {
                Ok(()) if !rest.filled().is_empty() => {
                    self.traffic.moved();
                }
                // Whoever resets the connection wants no more of it.
                _ => {
                    self.has_ended = true;
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}
