//! What happens to requests and to the process when a stop meets a client at a bad moment.

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use bench_support::{End, REQUEST, Table, has_answer, is_answered_within, send};
use rustix::process::Signal;

use crate::app::GOODBYE;
use crate::busy;
use crate::child::start;
use crate::servers::DEADLINE;

const SERVERS: [&str; 5] = [
    "tf-http",
    "axum",
    "axum-server",
    "actix-web",
    "hyper-graceful",
];
const WORKERS: usize = 2;
/// A server that takes longer is killed, and did not end.
const LIMIT: Duration = Duration::from_secs(10);
const ROUNDS: usize = 5;
const QUEUED: usize = 50;

type Situation = (&'static str, fn(&str) -> String);

const ALL: [Situation; 8] = [
    ("queued in the kernel", queued),
    ("busy keep-alive clients, no retry", busy_clients),
    ("half a request head", half_head),
    ("HTTP/2 preface without SETTINGS", preface),
    ("upgraded connection", upgraded),
    ("all workers blocked", wedged),
    ("second SIGTERM, request of 2 s", second_term),
    ("second SIGINT after 1 s, request of 60 s", second_int),
];

/// The table of all, or of the situations whose name holds this text.
pub fn table(part: &str) -> Table {
    assert!(
        !ignores_interrupt(),
        "SIGINT is ignored here, as in jobs that a script puts into the background; servers would inherit that"
    );
    let mut heads = vec!["SIGTERM meets"];
    heads.extend(SERVERS);
    let title = format!(
        "A stop at a bad moment; deadline {} s where the server has one, killed after {} s",
        DEADLINE.as_secs(),
        LIMIT.as_secs()
    );
    let mut table = Table::new(title, &heads);
    for (name, observe) in ALL.into_iter().filter(|(name, _)| name.contains(part)) {
        let mut cells = vec![name.to_owned()];
        cells.extend(SERVERS.map(|server| {
            let cell = observe(server);
            eprintln!("{name}, {server}: {cell}");
            cell
        }));
        table.row(cells);
    }
    table
}

fn ignores_interrupt() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 2 != 0)
}

/// The latest end of several rounds, and the codes.
fn summary(ends: &[End]) -> String {
    let latest = ends.iter().max_by_key(|end| end.after);
    let latest = latest.map(ToString::to_string).unwrap_or_default();
    let codes = |at: usize| ends[at].status;
    match (1..ends.len()).all(|at| codes(at) == codes(0)) {
        true => latest,
        false => format!("{latest} (not always)"),
    }
}

/// The process is paused, so that the connections and their requests wait in the kernel when SIGTERM comes.
fn queued(contestant: &str) -> String {
    let mut lost = 0;
    let rounds = (0..ROUNDS).map(|_| {
        let server = start(contestant, WORKERS);
        server.pause();
        let clients: Vec<_> = (0..QUEUED).map(|_| send(server.port, REQUEST)).collect();
        let ending = server.ask(Signal::TERM, LIMIT);
        ending.signal(Signal::CONT);
        let is_lost = |mut client| !has_answer(&mut client);
        lost += clients
            .into_iter()
            .map(is_lost)
            .filter(|lost| *lost)
            .count();
        ending.wait()
    });
    let ends: Vec<_> = rounds.collect();
    format!("{lost} of {} lost; {}", ROUNDS * QUEUED, summary(&ends))
}

/// Each sends its next request as soon as it has the answer to the last one.
fn busy_clients(contestant: &str) -> String {
    let mut total = busy::Count::default();
    let rounds = (0..ROUNDS).map(|_| {
        let server = start(contestant, WORKERS);
        let (count, end) = busy::stop_under_load(server, LIMIT);
        total += count;
        end
    });
    let ends: Vec<_> = rounds.collect();
    format!("{total}; {}", summary(&ends))
}

/// Sends bytes, waits until the server has certainly read them, and asks it to end.
fn stop_with(contestant: &str, bytes: &[u8]) -> String {
    let server = start(contestant, WORKERS);
    let _client = send(server.port, bytes);
    thread::sleep(Duration::from_millis(200));
    server.ask(Signal::TERM, LIMIT).wait().to_string()
}

fn half_head(contestant: &str) -> String {
    stop_with(contestant, b"GET / HTTP/1.1\r\nHost: bench\r\nX-Ha")
}

fn preface(contestant: &str) -> String {
    stop_with(contestant, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
}

/// The handler has nothing of its own but what the server gives it.
fn upgraded(contestant: &str) -> String {
    let server = start(contestant, WORKERS);
    let head =
        b"GET /echo HTTP/1.1\r\nHost: bench\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let mut client = send(server.port, head);
    client
        .set_read_timeout(Some(Duration::from_secs(1)))
        .expect("a socket has timeouts");
    let switched = read_until(&mut client, b"\r\n\r\n");
    assert!(
        switched.starts_with(b"HTTP/1.1 101"),
        "{contestant} switches"
    );
    client.write_all(b"first\n").expect("the peer reads");
    let echoed = read_until(&mut client, b"first\n");
    assert!(
        contains(&echoed, b"first\n"),
        "{contestant} echoes {echoed:?}"
    );

    let start = Instant::now();
    let ending = server.ask(Signal::TERM, LIMIT);
    let is_told = contains(&read_until(&mut client, GOODBYE), GOODBYE);
    // Some work is left after the goodbye.
    thread::sleep(Duration::from_millis(500).saturating_sub(start.elapsed()));
    let is_served = client.write_all(b"last\n").is_ok()
        && contains(&read_until(&mut client, b"last\n"), b"last\n");
    if is_told {
        // In vain where the peer is gone.
        let _ = client.write_all(GOODBYE);
    }
    let end = ending.wait();
    let told = if is_told { "told" } else { "not told" };
    let served = if is_served { "served on" } else { "cut off" };
    format!("{told}, {served}; {end}")
}

fn read_until(stream: &mut impl Read, end: &[u8]) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(end) && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        seen.push(byte[0]);
    }
    seen
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// More requests than workers never give their thread back.
fn wedged(contestant: &str) -> String {
    let server = start(contestant, WORKERS);
    let request = b"GET /block HTTP/1.1\r\nHost: bench\r\n\r\n";
    let _clients: Vec<_> = (0..4 * WORKERS)
        .map(|_| {
            let client = send(server.port, request);
            thread::sleep(Duration::from_millis(50));
            client
        })
        .collect();
    let is_alive = is_answered_within(server.port, Duration::from_millis(500));
    assert!(!is_alive, "{contestant} is wedged");
    server.ask(Signal::TERM, LIMIT).wait().to_string()
}

fn second_term(contestant: &str) -> String {
    second(contestant, 2_000, Signal::TERM, Duration::from_millis(500))
}

fn second_int(contestant: &str) -> String {
    second(contestant, 60_000, Signal::INT, Duration::from_secs(1))
}

fn second(contestant: &str, millis: u64, signal: Signal, after: Duration) -> String {
    let server = start(contestant, WORKERS);
    let request = format!("GET /slow/{millis} HTTP/1.1\r\nHost: bench\r\n\r\n");
    let mut client = send(server.port, request.as_bytes());
    thread::sleep(Duration::from_millis(200));
    let ending = server.ask(signal, LIMIT);
    thread::sleep(after);
    ending.signal(signal);
    let answered = has_answer(&mut client);
    drop(client);
    let end = ending.wait();
    format!("{}; {end}", if answered { "answered" } else { "cut off" })
}
