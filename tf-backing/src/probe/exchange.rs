//! Drives a protocol over one connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use super::connect::Connection;
use super::looks::ENOUGH;
use super::protocol::{Protocol, Step, Verdict};

/// The most that is read of one endpoint's answers.
pub(super) const MAX_READ: usize = 4096;

/// How an exchange ends, or pauses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Done(Verdict),
    /// Another protocol, or no sense: its first bytes.
    Foreign(Vec<u8>),
    /// Nothing came until the time given; the connection is still open.
    Silent,
    /// The server hung up without a byte.
    Closed,
    /// The answer was not complete in time.
    Timeout,
    Reconnect(Zeroizing<Vec<u8>>),
}

/// One connection and what came over it.
pub(super) struct Exchange<'p> {
    connection: Box<dyn Connection>,
    protocol: &'p mut dyn Protocol,
    received: Vec<u8>,
    /// Of `MAX_READ`, what is still to be read.
    budget: usize,
    deadline: Instant,
}

impl<'p> Exchange<'p> {
    pub(super) fn new(
        connection: Box<dyn Connection>,
        protocol: &'p mut dyn Protocol,
        deadline: Instant,
    ) -> Self {
        Self {
            connection,
            protocol,
            received: Vec::new(),
            budget: MAX_READ,
            deadline,
        }
    }

    /// Sends and reads until the protocol has decided, or nothing at all has come until `quiet`.
    pub(super) async fn run(&mut self, quiet: Instant) -> End {
        let mut asked = false;
        loop {
            let untouched = self.received.is_empty() && self.budget == MAX_READ;
            let until = match untouched {
                true => quiet.min(self.deadline),
                false => self.deadline,
            };
            let step = match timeout_at(until, self.read()).await {
                Ok(true) => self.protocol.judge(&self.received),
                Ok(false) => return self.ended(End::Closed).await,
                Err(_) if until < self.deadline && !asked => {
                    asked = true;
                    match self.protocol.silence() {
                        Step::Read => return End::Silent,
                        step => step,
                    }
                }
                Err(_) => return self.ended(End::Timeout).await,
            };
            match step {
                Step::Read if self.budget == 0 => return self.ended(End::Timeout).await,
                Step::Read => {}
                Step::Send(bytes) => {
                    self.received.clear();
                    self.send(Zeroizing::new(bytes)).await;
                }
                Step::Reconnect(bytes) => return End::Reconnect(Zeroizing::new(bytes)),
                Step::Foreign => return self.foreign().await,
                Step::Done(verdict) => return self.done(verdict).await,
            }
        }
    }

    /// Sends what it can: a server that has hung up may have left an answer to read.
    pub(super) async fn send(&mut self, bytes: Zeroizing<Vec<u8>>) {
        let _ = timeout_at(self.deadline, self.connection.write_all(&bytes)).await;
    }

    /// Reads once; `false` where no more will come.
    async fn read(&mut self) -> bool {
        let mut chunk = [0; 1024];
        let room = chunk.len().min(self.budget);
        match self.connection.read(&mut chunk[..room]).await {
            Ok(0) | Err(_) => false,
            Ok(length) => {
                self.budget -= length;
                self.received.extend_from_slice(&chunk[..length]);
                true
            }
        }
    }

    async fn ended(&mut self, end: End) -> End {
        match self.protocol.ended(&self.received) {
            Some(verdict) => self.done(verdict).await,
            None if self.budget == 0 => End::Foreign(self.received.clone()),
            None if end == End::Closed && !self.received.is_empty() => {
                End::Foreign(self.received.clone())
            }
            None => end,
        }
    }

    /// Reads on until there is enough to name what answers.
    async fn foreign(&mut self) -> End {
        let wait = self.deadline.saturating_duration_since(Instant::now()) / 4;
        let until = Instant::now() + wait;
        while self.received.len() < ENOUGH && self.budget > 0 {
            match timeout_at(until, self.read()).await {
                Ok(true) => {}
                Ok(false) | Err(_) => break,
            }
        }
        End::Foreign(self.received.clone())
    }

    async fn done(&mut self, verdict: Verdict) -> End {
        let farewell = Zeroizing::new(self.protocol.farewell());
        if !farewell.is_empty() {
            self.send(farewell).await;
        }
        let _ = timeout_at(self.deadline, self.connection.shutdown()).await;
        End::Done(verdict)
    }
}
