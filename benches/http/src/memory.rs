//! What a connection costs that does nothing.

use std::io::Read;
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use bench_support::{Bars, REQUEST, Server, Table, grouped, has_answer, median, ratio, send};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::child::{run, this_binary};

/// The measure of the others comes first, the kit second.
const ALL: [&str; 5] = ["hyper", "tf-http", "hyper-timer", "axum", "axum-server"];
const CONNECTIONS: usize = 2_000;
const PART: usize = 100;
const ROUNDS: usize = 3;

/// What a connection did before it fell idle.
const BEFORE: [(&str, &[u8]); 3] = [
    ("nothing", b""),
    ("a request", REQUEST),
    ("half a head", b"GET / HTTP/1.1\r\n"),
];

/// Bytes of one connection.
#[derive(Clone, Copy)]
struct Size {
    heap: u64,
    resident: u64,
}

/// The table of all contestants.
pub fn report(bars: &mut Bars) {
    allow_many_files();
    let title = format!("An idle connection (x against {})", ALL[0]);
    let heads = ["before", "server", "heap B", "x", "resident B", "x"];
    let mut table = Table::new(title, &heads);
    for (before, bytes) in BEFORE {
        let sizes = ALL.map(|contestant| size(contestant, bytes));
        for (contestant, size) in ALL.iter().zip(&sizes) {
            table.row([
                before.to_owned(),
                (*contestant).to_owned(),
                grouped(size.heap),
                format!("{:.2}", ratio(size.heap, sizes[0].heap)),
                grouped(size.resident),
                format!("{:.2}", ratio(size.resident, sizes[0].resident)),
            ]);
        }
        for (what, part) in [
            ("heap", (|size| size.heap) as fn(&Size) -> u64),
            ("resident", |size| size.resident),
        ] {
            let measured = ratio(part(&sizes[1]), part(&sizes[0]));
            let what = format!("idle connection after {before}, {what}, x hyper alone");
            bars.at_most(&what, 1.1, measured);
        }
    }
    println!("{table}");
}

/// For both ends of the connections; children inherit it.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, most).expect("a limit may rise to its maximum");
}

fn size(contestant: &str, before: &[u8]) -> Size {
    let rounds: Vec<Size> = (0..ROUNDS).map(|_| round(contestant, before)).collect();
    Size {
        heap: median(rounds.iter().map(|size| size.heap).collect()),
        resident: median(rounds.iter().map(|size| size.resident).collect()),
    }
}

/// The second half of the connections over the first.
fn round(contestant: &str, before: &[u8]) -> Size {
    let server = run(Command::new(this_binary()), "count", contestant, 1);
    let first = open(server.port, before);
    let start = settled(&server);
    let second = open(server.port, before);
    let end = settled(&server);
    drop((first, second));
    let each = |part: fn(&Size) -> u64| (part(&end) - part(&start)) / CONNECTIONS as u64;
    Size {
        heap: each(|size| size.heap),
        resident: each(|size| size.resident),
    }
}

/// In parts that fit the queue of the system, which drops what is too much for it.
fn open(port: u16, before: &[u8]) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    while streams.len() < CONNECTIONS {
        let mut part: Vec<_> = (0..PART).map(|_| send(port, before)).collect();
        if before == REQUEST {
            assert!(part.iter_mut().all(has_answer), "each request is answered");
        }
        // Connections are taken in the order of their arrival.
        heap(port);
        streams.append(&mut part);
    }
    streams
}

/// When nothing changes any more.
fn settled(server: &Server) -> Size {
    let mut last = heap(server.port);
    loop {
        thread::sleep(Duration::from_millis(50));
        let heap = heap(server.port);
        if heap == last {
            let resident = server.resident();
            return Size { heap, resident };
        }
        last = heap;
    }
}

fn heap(port: u16) -> u64 {
    let request = b"GET /heap HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    let read = send(port, request).read_to_string(&mut answer);
    read.expect("a server answers");
    let number = answer
        .rsplit("\r\n")
        .next()
        .and_then(|text| text.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {answer:?}"))
}
