//! A small HTTP/1.1 client: one request per connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<(String, String)>,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            body: None,
        }
    }

    fn head(&self, extra: &str) -> String {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: tf-check\r\nAccept: */*\r\nConnection: close\r\n{extra}",
            self.method, self.path
        );
        if let Some((kind, body)) = &self.body {
            head += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        }
        head + "\r\n"
    }

    fn body(&self) -> &str {
        self.body.as_ref().map_or("", |(_, body)| body)
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Http(Answer),
    /// Something that is not HTTP.
    Other(Vec<u8>),
    /// The connection was taken and closed without a byte.
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// What must be the same when the same is asked: a date, or a request's id, need not.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.status == other.status && self.body == other.body
    }

    pub(crate) fn text(&self) -> String {
        self.head.clone() + &String::from_utf8_lossy(&self.body)
    }
}

/// Asks, and waits for the whole answer.
pub(crate) fn ask(address: SocketAddr, request: &Request, limit: Duration) -> io::Result<Reply> {
    Exchange::send(address, request, limit)?.finish()
}

/// A request that has been sent.
pub(crate) struct Exchange {
    stream: TcpStream,
    read: Vec<u8>,
    ends: Instant,
}

impl Exchange {
    /// Sends all of it.
    pub(crate) fn send(
        address: SocketAddr,
        request: &Request,
        limit: Duration,
    ) -> io::Result<Self> {
        let mut exchange = Self::connect(address, limit)?;
        let text = request.head("") + request.body();
        exchange.stream.write_all(text.as_bytes())?;
        Ok(exchange)
    }

    /// Sends the head, and asks whether to go on: the answer to that proves that the request is being handled.
    pub(crate) fn announce(
        address: SocketAddr,
        request: &Request,
        limit: Duration,
    ) -> io::Result<Self> {
        let mut exchange = Self::connect(address, limit)?;
        let head = request.head("Expect: 100-continue\r\n");
        exchange.stream.write_all(head.as_bytes())?;
        Ok(exchange)
    }

    fn connect(address: SocketAddr, limit: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::new(),
            ends: Instant::now() + limit,
        })
    }

    /// Whether the server says `100 Continue`, which is then taken away.
    pub(crate) fn is_awaited(&mut self) -> io::Result<bool> {
        while find(&self.read, b"\r\n\r\n").is_none() && self.more()? {}
        let goes_on = self.read.starts_with(b"HTTP/1.1 100");
        if let (true, Some(end)) = (goes_on, find(&self.read, b"\r\n\r\n")) {
            self.read.drain(..end + 4);
        }
        Ok(goes_on)
    }

    /// Sends the body that was announced.
    pub(crate) fn go_on(&mut self, request: &Request) -> io::Result<()> {
        self.stream.write_all(request.body().as_bytes())
    }

    /// Whether a byte of the answer has come, or the end, waiting for it this long.
    pub(crate) fn has_answer(&mut self, wait: Duration) -> io::Result<bool> {
        let ends = std::mem::replace(&mut self.ends, Instant::now() + wait);
        let result = self.more();
        self.ends = ends;
        match result {
            Ok(_) => Ok(true),
            Err(error) if is_timeout(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads to the end of the answer.
    pub(crate) fn finish(mut self) -> io::Result<Reply> {
        loop {
            if let Some(answer) = parse(&self.read, false) {
                return Ok(Reply::Http(answer));
            }
            match self.more() {
                Ok(true) => {}
                Ok(false) => return Ok(self.at_the_end()),
                // Whoever speaks another language may wait for more of it.
                Err(error) if is_timeout(&error) && !self.read.is_empty() && !self.is_http() => {
                    return Ok(Reply::Other(self.read));
                }
                Err(error)
                    if error.kind() == io::ErrorKind::ConnectionReset && self.read.is_empty() =>
                {
                    return Ok(Reply::Nothing);
                }
                Err(error) => return Err(error),
            }
            if !self.is_http() && self.read.len() >= 5 {
                return Ok(Reply::Other(self.read));
            }
        }
    }

    fn is_http(&self) -> bool {
        self.read.starts_with(b"HTTP/")
    }

    fn at_the_end(self) -> Reply {
        if let Some(answer) = parse(&self.read, true) {
            return Reply::Http(answer);
        }
        match self.read.is_empty() {
            true => Reply::Nothing,
            false => Reply::Other(self.read),
        }
    }

    /// Reads once; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        const LARGEST: usize = 16 << 20;
        let left = self.ends.saturating_duration_since(Instant::now());
        if left.is_zero() || self.read.len() > LARGEST {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut buffer = [0; 16 << 10];
        let read = self.stream.read(&mut buffer)?;
        self.read.extend_from_slice(&buffer[..read]);
        Ok(read > 0)
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// The answer, if it is complete; `ended`: whether nothing more will come.
fn parse(bytes: &[u8], ended: bool) -> Option<Answer> {
    let end = find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
    let status = head.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let rest = &bytes[end + 4..];
    let field = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_ascii_lowercase())
        })
    };
    let body = if matches!(status, 100..=199 | 204 | 304) {
        Vec::new()
    } else if field("transfer-encoding").is_some_and(|coding| coding.ends_with("chunked")) {
        unchunk(rest)?
    } else if let Some(length) = field("content-length") {
        rest.get(..length.parse().ok()?)?.to_vec()
    } else {
        ended.then(|| rest.to_vec())?
    };
    Some(Answer { status, head, body })
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = find(rest, b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = size.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return find(rest, b"\r\n").map(|_| body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_when_its_length_or_its_last_chunk_says_so() {
        let sized = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(parse(sized, false).unwrap().body, b"hello");
        assert_eq!(parse(&sized[..sized.len() - 1], true), None);
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n";
        assert_eq!(parse(chunked, false).unwrap().body, b"hello");
        assert_eq!(parse(&chunked[..chunked.len() - 7], true), None);
        let open = b"HTTP/1.0 500 No\r\n\r\nhel";
        assert_eq!(parse(open, false), None);
        let answer = parse(open, true).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (500, &b"hel"[..]));
    }

    #[test]
    fn a_chunk_that_says_it_is_endless_is_no_answer() {
        let text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx";
        assert_eq!(parse(text, true), None);
    }
}
