//! Starts two servers, writes their ports, and waits for the end of its input: the process that a
//! test kills, to see what is left of them.

use std::io::{self, Read, Write};

use harness::server::{self, Server};

fn main() -> io::Result<()> {
    let own = Server::start(server::REDIS);
    let ports = format!("{} {}\n", own.port(), server::nats().port());
    io::stdout().write_all(ports.as_bytes())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
