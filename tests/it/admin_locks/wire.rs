//! A wire between a client and a server that a test can cut.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Carries bytes to a server until it is told to carry no more; connections stay open then.
pub(super) struct Wire {
    pub(super) port: u16,
    cut: Arc<AtomicBool>,
}

impl Wire {
    /// A wire to the port of a server on this host, for the clients that come before the test ends.
    pub(super) fn to(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
        let own = listener.local_addr().expect("it has a port").port();
        let cut = Arc::new(AtomicBool::new(false));
        let (host, is_cut) = (host.to_owned(), Arc::clone(&cut));
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a client");
                let server = TcpStream::connect((&*host, port)).expect("the server listens");
                let ends = [(&client, &server), (&server, &client)];
                for (from, to) in ends {
                    let from = from.try_clone().expect("a descriptor");
                    let to = to.try_clone().expect("a descriptor");
                    let is_cut = Arc::clone(&is_cut);
                    thread::spawn(move || carry(from, to, &is_cut));
                }
            }
        });
        Self { port: own, cut }
    }

    /// From now on nothing arrives, and nobody is told.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, is_cut: &AtomicBool) {
    let mut bytes = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if !is_cut.load(Ordering::SeqCst) && to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    if !is_cut.load(Ordering::SeqCst) {
        let _ = to.shutdown(Shutdown::Both);
    }
}
