//! Clients that ask one request after the other and never try a second time.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::service::{LIMIT, wait_until};

/// Between two requests of a client.
const PAUSE: Duration = Duration::from_millis(1);

#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A connection that is used again until the service says that this was the last response.
pub(super) struct Client {
    place: Place,
    stream: Option<BufReader<Box<dyn Stream>>>,
}

/// What came of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// The status of a complete response.
    Status(u16),
    /// Nobody listens, so the request was never sent.
    Refused,
    /// The request was sent, or the connection was there, and no complete response came.
    Lost(io::Error),
}

impl Client {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            stream: None,
        }
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        let connected = match self.stream.take() {
            Some(stream) => Ok(stream),
            None => self.connect().map(BufReader::new),
        };
        let mut stream = match connected {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                return Answer::Refused;
            }
            Err(error) => return Answer::Lost(error),
        };
        match ask(&mut stream, path) {
            Ok((status, is_last)) => {
                self.stream = Some(stream).filter(|_| !is_last);
                Answer::Status(status)
            }
            Err(error) => Answer::Lost(error),
        }
    }

    fn connect(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match &self.place {
            Place::Tcp(address) => {
                let stream = TcpStream::connect_timeout(address, LIMIT)?;
                stream.set_read_timeout(Some(LIMIT))?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Place::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(LIMIT))?;
                Box::new(stream)
            }
        })
    }
}

/// The status of the response, and whether the connection is over with it.
fn ask(stream: &mut BufReader<Box<dyn Stream>>, path: &str) -> io::Result<(u16, bool)> {
    write!(stream.get_mut(), "GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")?;
    let mut line = String::new();
    let mut next = |stream: &mut BufReader<Box<dyn Stream>>| {
        line.clear();
        match stream.read_line(&mut line)? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            _ => Ok(line.trim_end().to_ascii_lowercase()),
        }
    };
    let first = next(stream)?;
    let status = first.get(9..12).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no response: {first}")))?;
    let (mut length, mut is_last) = (0, false);
    loop {
        let field = next(stream)?;
        match field.split_once(": ") {
            None => break,
            Some(("content-length", text)) => length = text.parse().map_err(io::Error::other)?,
            Some(("connection", text)) => is_last = text == "close",
            Some(_) => {}
        }
    }
    stream.read_exact(&mut vec![0; length])?;
    Ok((status, is_last))
}

/// Clients on threads of their own, until they are told to stop.
pub(crate) struct Load {
    ends: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    clients: Vec<JoinHandle<Vec<Failure>>>,
}

/// A request that was not answered with 200.
pub(crate) struct Failure {
    number: u64,
    answer: Answer,
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as request {}", Summary(&self.answer), self.number)
    }
}

struct Summary<'a>(&'a Answer);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Answer::Status(status) => write!(f, "status {status}"),
            Answer::Refused => f.write_str("refused"),
            Answer::Lost(error) => write!(f, "lost ({error})"),
        }
    }
}

impl Load {
    /// Starts with this many clients, and waits until requests are answered.
    pub(crate) fn start(place: &Place, clients: usize) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicU64::new(0));
        let run = |_| {
            let (ends, answered) = (Arc::clone(&ends), Arc::clone(&answered));
            let client = Client::new(place.clone());
            thread::spawn(move || drive(client, &ends, &answered))
        };
        let clients = (0..clients).map(run).collect();
        let load = Self {
            ends,
            answered,
            clients,
        };
        load.go_on();
        load
    }

    /// Waits until more requests have been answered.
    pub(crate) fn go_on(&self) {
        let before = self.answered();
        let enough = 20 * self.clients.len() as u64;
        wait_until("requests are answered", || {
            self.answered() >= before + enough || self.clients.iter().all(JoinHandle::is_finished)
        });
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Ends the clients; the number of answered requests, and the failures.
    pub(crate) fn end(self) -> (u64, Vec<Failure>) {
        self.ends.store(true, Ordering::Relaxed);
        let failures = self.clients.into_iter().flat_map(|client| {
            let failures = client.join();
            failures.expect("a client does not panic")
        });
        let failures = failures.collect();
        (self.answered.load(Ordering::Relaxed), failures)
    }
}

fn drive(mut client: Client, ends: &AtomicBool, answered: &AtomicU64) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut number = 0;
    // A service that is gone would fail without an end.
    while !ends.load(Ordering::Relaxed) && failures.len() < 10 {
        number += 1;
        match client.get("/") {
            Answer::Status(200) => {
                answered.fetch_add(1, Ordering::Relaxed);
            }
            answer => failures.push(Failure { number, answer }),
        }
        thread::sleep(PAUSE);
    }
    failures
}
