//! Clients that never pause and never repeat a request.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bench_support::{End, REQUEST, Server, connect, read_answer};
use rustix::process::Signal;

const CLIENTS: usize = 24;
const BEFORE: Duration = Duration::from_millis(300);

/// Requests of all clients.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    answered: usize,
    /// Sent over a connection that had answered before.
    lost: usize,
    /// Sent over a new connection.
    lost_fresh: usize,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.answered += other.answered;
        self.lost += other.lost;
        self.lost_fresh += other.lost_fresh;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.answered + self.lost + self.lost_fresh;
        write!(f, "{} of {all} lost", self.lost + self.lost_fresh)?;
        match self.lost_fresh {
            0 => Ok(()),
            fresh => write!(f, " ({fresh} on new connections)"),
        }
    }
}

/// Ends the server while clients are at work. Each goes on over a new connection as long as one can be had; a
/// refused connection is no lost request, for a balancer goes elsewhere.
pub fn stop_under_load(server: Server, limit: Duration) -> (Count, End) {
    let port = server.port;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| work(port, &is_over)))
            .collect();
        thread::sleep(BEFORE);
        let end = server.ask(Signal::TERM, limit).wait();
        is_over.store(true, Ordering::Relaxed);
        let mut total = Count::default();
        for client in clients {
            total += client.join().expect("a client does not panic");
        }
        (total, end)
    })
}

fn work(port: u16, is_over: &AtomicBool) -> Count {
    let mut count = Count::default();
    while !is_over.load(Ordering::Relaxed) {
        let Some(mut stream) = connect(port) else {
            break;
        };
        let mut is_fresh = true;
        while !is_closed(&stream) {
            let sent = stream.write_all(REQUEST);
            let Some(answer) = sent.ok().and_then(|()| read_answer(&mut stream)) else {
                if is_fresh {
                    count.lost_fresh += 1;
                } else {
                    count.lost += 1;
                }
                break;
            };
            count.answered += 1;
            is_fresh = false;
            if answer.to_ascii_lowercase().contains("connection: close") {
                break;
            }
        }
    }
    count
}

/// What a pool of connections asks before it uses one again.
fn is_closed(stream: &TcpStream) -> bool {
    let blocking = |off| {
        stream
            .set_nonblocking(off)
            .expect("a socket has this option");
    };
    blocking(true);
    let peeked = stream.peek(&mut [0]);
    blocking(false);
    !peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}
