//! Stands where a backing service would be: takes connections, says nothing, counts.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

pub(crate) struct Sink {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<TcpStream>>>,
    closed: Arc<AtomicBool>,
}

impl Sink {
    pub(crate) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let sink = Self {
            address: listener.local_addr()?,
            taken: Arc::default(),
            closed: Arc::default(),
        };
        let (taken, closed) = (Arc::clone(&sink.taken), Arc::clone(&sink.closed));
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if closed.load(Ordering::Acquire) {
                    return;
                }
                taken
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(stream);
            }
        });
        Ok(sink)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connections(&self) -> usize {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
        // Wakes the thread, which then ends and closes the listener.
        let _ = TcpStream::connect(self.address);
    }
}
