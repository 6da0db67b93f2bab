//! One request over a connection of its own.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::http::service::LIMIT;

/// A whole response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// The value of a field of the head.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        let read = serde_json::from_str(&self.body);
        read.unwrap_or_else(|error| panic!("no JSON, {error}: {self:?}"))
    }
}

/// Sends a request such as `GET /orders`.
pub(crate) fn ask(
    address: SocketAddr,
    what: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let mut request = format!("{what} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in fields {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes())?;
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
    }
    let mut answer = Answer {
        status: head
            .get(9..12)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0),
        head,
        body: String::new(),
    };
    let length = answer.field("content-length").map(str::parse);
    let length: usize = length.unwrap_or(Ok(0)).map_err(io::Error::other)?;
    // A body that is cut off is no answer.
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    answer.body = String::from_utf8(body).map_err(io::Error::other)?;
    Ok(answer)
}

/// Places an order; the key makes it safe to ask again.
pub(crate) fn place(address: SocketAddr, customer: &str, key: &str) -> io::Result<Answer> {
    let order =
        serde_json::json!({ "customer": customer, "items": [{ "sku": "lamp", "quantity": 2 }] });
    let fields = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    ask(address, "POST /orders", &fields, &order.to_string())
}
