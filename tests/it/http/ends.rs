//! How the service ends while clients are busy with it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use rustix::process::Signal;

use super::load::{Answer, Client, Place};
use super::service::{LIMIT, Service, http};

fn ready(variables: &[(&str, &str)]) -> (Service, SocketAddr) {
    let base = [("LISTEN", "127.0.0.1:0"), ("SHUTDOWN_TIMEOUT", "20s")];
    let (service, address) = Service::ready(http(&[&base, variables].concat()));
    (service, address.parse().expect("it is an address"))
}

/// Asks until the service takes no more requests; how many were answered.
fn ask_until_refused(address: SocketAddr) -> u64 {
    let mut client = Client::new(Place::Tcp(address));
    let mut answered = 0;
    loop {
        match client.get("/") {
            Answer::Status(200) => answered += 1,
            Answer::Status(503) | Answer::Refused => return answered,
            answer => panic!("{answer:?} after {answered} answers"),
        }
    }
}

#[test]
fn every_request_that_was_taken_is_answered() {
    for pre_stop in ["0s", "300ms"] {
        let (service, address) = ready(&[("SHUTDOWN_PRE_STOP", pre_stop)]);
        let slow = thread::spawn(move || Client::new(Place::Tcp(address)).get("/slow"));
        let busy = || thread::spawn(move || ask_until_refused(address));
        let busy: Vec<_> = (0..8).map(|_| busy()).collect();
        // The others are at work too once one has been for a while.
        let mut client = Client::new(Place::Tcp(address));
        for _ in 0..100 {
            assert!(matches!(client.get("/"), Answer::Status(200)));
        }
        drop(client);
        service.signal(Signal::TERM);
        for client in busy {
            assert!(client.join().unwrap() > 0);
        }
        assert!(matches!(slow.join().unwrap(), Answer::Status(200)));
        service.end().assert_stopped_well();
    }
}

#[test]
fn connections_that_wait_in_the_queue_of_the_system_are_served() {
    let (service, address) = ready(&[]);
    service.signal(Signal::STOP);
    let mut clients: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            stream
                .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                .unwrap();
            stream
        })
        .collect();
    service.signal(Signal::TERM);
    service.signal(Signal::CONT);
    for client in &mut clients {
        let mut response = String::new();
        client.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    }
    service.end().assert_stopped_well();
}

#[test]
fn clients_that_say_nothing_do_not_hold_the_end() {
    let (service, address) = ready(&[]);
    let parts: [&[u8]; 4] = [
        b"",
        b"GET / HTTP/1.1\r\nho",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nx",
    ];
    let clients = parts.map(|part| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(part).unwrap();
        stream
    });
    let mut client = Client::new(Place::Tcp(address));
    assert!(matches!(client.get("/"), Answer::Status(200)));
    let began = std::time::Instant::now();
    service.stop();
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    drop(clients);
}
