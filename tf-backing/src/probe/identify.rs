//! Finds out what listens where the expected protocol gets no answer.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::connect::connect;
use super::kinds::tls::client_hello;
use super::looks::{ENOUGH, recognise};
use super::outcome::Looks;
use crate::host::Endpoint;

/// HTTP understands it; Redis, AMQP and Memcached answer with an error of their own.
const GET: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
/// PostgreSQL answers it with one letter.
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F];
const MQTT_CONNECT: &[u8] = b"\x10\x0C\0\x04MQTT\x04\x02\0\x3C\0\0";

/// Says other opening words on connections of their own until one gets an answer that is known.
///
/// `hung_up` says how the expected protocol ended: TLS endpoints hang up on plain text.
pub(super) async fn identify(endpoint: &Endpoint, hung_up: bool, until: Instant) -> Option<Looks> {
    let host = match endpoint {
        Endpoint::Tcp { host, .. } if host.parse::<std::net::IpAddr>().is_err() => Some(&**host),
        _ => None,
    };
    let hello = client_hello(host);
    let mut words = [GET, SSL_REQUEST, MQTT_CONNECT, &hello];
    if hung_up {
        words.rotate_right(1);
    }
    for (n, word) in words.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(words.len() - n).unwrap_or(1);
        let answer = ask(endpoint, word, Instant::now() + share).await;
        let looks = match answer.as_slice() {
            b"S" | b"N" if *word == SSL_REQUEST => Looks::Postgres,
            answer => recognise(answer),
        };
        if looks != Looks::Unknown {
            return Some(looks);
        }
    }
    None
}

/// The first bytes of the answer to `word`.
async fn ask(endpoint: &Endpoint, word: &[u8], until: Instant) -> Vec<u8> {
    let mut answer = Vec::new();
    let exchange = async {
        let Ok(mut connection) = connect(endpoint, until).await else {
            return;
        };
        let _ = connection.write_all(word).await;
        let mut chunk = [0; ENOUGH];
        while answer.len() < ENOUGH && recognise(&answer) == Looks::Unknown {
            match connection.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(length) => answer.extend_from_slice(&chunk[..length]),
            }
            // The answer to an SSLRequest is complete with one letter.
            if word == SSL_REQUEST && answer.len() == 1 {
                return;
            }
        }
    };
    let _ = timeout_at(until, exchange).await;
    answer
}
