//! The client of the throughput figures: as little work as it can, on a core of its own.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::median;
use crate::server::{Server, spawn};

const LAST_REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

/// How many requests are in flight.
pub const CLIENTS: usize = 64;

/// Requests behind each count.
const COUNTED: u32 = 1_000;

const ROUNDS: usize = 15;
const WARM_UP: Duration = Duration::from_millis(100);
const TIME: Duration = Duration::from_millis(300);
const SERVER_CORE: usize = 0;
const CLIENT_CORE: usize = 1;

/// What is asked again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A request for this path over an HTTP/1.1 connection that stays.
    KeepAlive(&'static str),
    /// A connection for one request.
    Connect,
    /// A request over one HTTP/2 connection.
    Http2,
}

/// All kinds.
pub const WORKS: [Work; 3] = [Work::KeepAlive("/"), Work::Connect, Work::Http2];

impl Work {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::KeepAlive(_) => "HTTP/1.1, keep-alive",
            Self::Connect => "HTTP/1.1, a connection for each request",
            Self::Http2 => "HTTP/2, one connection",
        }
    }
}

/// What one round saw.
#[derive(Clone, Debug)]
pub struct Round {
    /// Requests a second.
    pub rate: f64,
    /// Processor time of the server for a request.
    pub busy: f64,
    /// Share of the time in which the server had a processor.
    pub load: f64,
    /// Nanoseconds of each request, sorted.
    pub latencies: Vec<u64>,
}

impl Round {
    /// Microseconds that this share of the requests did not exceed.
    pub fn percentile(&self, percent: f64) -> f64 {
        let at = (percent / 100.0 * self.latencies.len() as f64) as usize;
        self.latencies[at.min(self.latencies.len() - 1)] as f64 / 1_000.0
    }
}

/// Loads so many servers one after the other, again and again, each a new process, with another one first each time.
pub fn rounds(
    servers: usize,
    command: impl Fn(usize) -> Command + Sync,
    work: Work,
) -> Vec<Vec<Round>> {
    let mut all: Vec<Vec<Round>> = (0..servers).map(|_| Vec::new()).collect();
    let run = || {
        for round in 0..ROUNDS {
            for turn in 0..servers {
                let at = (round + turn) % servers;
                let server = on_its_core(command(at));
                all[at].push(measure(&server, work));
                server.terminate();
            }
        }
    };
    // A thread of its own, so that no other figure is taken on one core.
    thread::scope(|scope| scope.spawn(run).join().expect("no round fails"));
    all
}

/// The child inherits the core of the thread that starts it.
fn on_its_core(mut command: Command) -> Server {
    pin(SERVER_CORE);
    let process = spawn(&mut command);
    pin(CLIENT_CORE);
    Server::attach(process)
}

/// Keeps this thread, and those that it will start, on one core.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).expect("a thread chooses among its cores");
}

/// The median of a part.
pub fn middle(rounds: &[Round], part: impl Fn(&Round) -> f64) -> f64 {
    median(rounds.iter().map(part).collect())
}

/// The median over the rounds of the quotients.
pub fn share(own: &[Round], of: &[Round], part: impl Fn(&Round) -> f64) -> f64 {
    let rounds = own.iter().zip(of);
    median(rounds.map(|(own, of)| part(own) / part(of)).collect())
}

/// What each of `2n` requests costs more than `n`.
pub fn each(cost: impl Fn(u32) -> [u64; 2]) -> [f64; 2] {
    let (less, more) = (cost(COUNTED), cost(2 * COUNTED));
    [0, 1].map(|at| more[at].saturating_sub(less[at]) as f64 / f64::from(COUNTED))
}

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime starts")
}

/// Does `count` requests one after another.
pub fn repeat(port: u16, work: Work, count: u32) {
    runtime().block_on(async {
        let mut client = Client::new(port, work).await;
        for _ in 0..count {
            client.exchange().await;
        }
    });
}

fn measure(server: &Server, work: Work) -> Round {
    runtime().block_on(async {
        let mut tasks = JoinSet::new();
        let first = Client::new(server.port, work).await;
        let begin = Instant::now() + WARM_UP;
        let end = begin + TIME;
        for _ in 1..CLIENTS {
            tasks.spawn(first.another().await.run(begin, end));
        }
        tasks.spawn(first.run(begin, end));
        tokio::time::sleep_until(begin.into()).await;
        let (busy, start) = (server.busy(), Instant::now());
        tokio::time::sleep_until(end.into()).await;
        let (busy, wall) = (server.busy() - busy, start.elapsed());
        let mut latencies = tasks.join_all().await.concat();
        latencies.sort_unstable();
        let count = latencies.len() as f64;
        Round {
            rate: count / TIME.as_secs_f64(),
            busy: busy.as_secs_f64() / wall.as_secs_f64() * TIME.as_secs_f64() / count,
            load: busy.as_secs_f64() / wall.as_secs_f64(),
            latencies,
        }
    })
}

enum Client {
    KeepAlive {
        port: u16,
        stream: TcpStream,
        request: String,
        /// As long as a response, which are all alike.
        answer: Vec<u8>,
    },
    Connect {
        port: u16,
    },
    Http2(SendRequest<Empty<&'static [u8]>>),
}

impl Client {
    async fn new(port: u16, work: Work) -> Self {
        match work {
            Work::Connect => Self::Connect { port },
            Work::KeepAlive(path) => {
                let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n");
                let mut stream = connect(port).await;
                send(&mut stream, request.as_bytes()).await;
                let answer = whole(&mut stream).await;
                Self::KeepAlive {
                    port,
                    stream,
                    request,
                    answer,
                }
            }
            Work::Http2 => {
                let stream = TokioIo::new(connect(port).await);
                let made = handshake(TokioExecutor::new(), stream).await;
                let (requests, connection) = made.expect("a server speaks HTTP/2");
                tokio::spawn(connection);
                Self::Http2(requests)
            }
        }
    }

    async fn another(&self) -> Self {
        match self {
            Self::Connect { port } => Self::Connect { port: *port },
            Self::KeepAlive {
                port,
                request,
                answer,
                ..
            } => Self::KeepAlive {
                port: *port,
                stream: connect(*port).await,
                request: request.clone(),
                answer: answer.clone(),
            },
            Self::Http2(requests) => Self::Http2(requests.clone()),
        }
    }

    async fn run(mut self, begin: Instant, end: Instant) -> Vec<u64> {
        let mut latencies = Vec::new();
        loop {
            let start = Instant::now();
            self.exchange().await;
            let now = Instant::now();
            if now >= end {
                return latencies;
            }
            if now >= begin {
                let nanos = now.duration_since(start).as_nanos();
                latencies.push(u64::try_from(nanos).expect("a request is shorter than centuries"));
            }
        }
    }

    async fn exchange(&mut self) {
        let mut buffer = [0; 1024];
        match self {
            Self::KeepAlive {
                stream,
                request,
                answer,
                ..
            } => {
                send(stream, request.as_bytes()).await;
                let read = stream.read_exact(answer).await;
                read.expect("a server answers");
                assert!(answer.starts_with(b"HTTP/1.1 200"));
            }
            Self::Connect { port } => {
                let mut stream = connect(*port).await;
                send(&mut stream, LAST_REQUEST).await;
                let mut count = 0;
                loop {
                    let read = stream.read(&mut buffer[count..]).await;
                    match read.expect("a server answers") {
                        0 => break,
                        more => count += more,
                    }
                }
                assert!(buffer.starts_with(b"HTTP/1.1 200"));
            }
            Self::Http2(requests) => {
                requests.ready().await.expect("the connection lives");
                let request = Request::get("http://bench/").body(Empty::new());
                let request = request.expect("a request has its parts");
                let response = requests.send_request(request).await;
                let response = response.expect("a server answers");
                assert_eq!(response.status(), 200);
                let body = response.into_body().collect().await;
                body.expect("the body comes whole");
            }
        }
    }
}

/// A response that says how long it is.
async fn whole(stream: &mut TcpStream) -> Vec<u8> {
    let mut seen = Vec::new();
    loop {
        let read = stream.read_buf(&mut seen).await;
        assert!(read.expect("a server answers") > 0, "the answer is whole");
        let text = String::from_utf8_lossy(&seen);
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse().ok())?
        });
        let length: usize = length.expect("the answer says its length");
        if seen.len() >= head.len() + 4 + length {
            return seen;
        }
    }
}

async fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).await;
    let stream = stream.expect("a server listens");
    stream.set_nodelay(true).expect("TCP has this option");
    stream
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let sent = stream.write_all(bytes).await;
    sent.expect("a server reads");
}
