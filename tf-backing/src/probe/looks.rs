//! Names a protocol by its first bytes.

use super::outcome::Looks;
use crate::kind::Kind;

/// Enough bytes for every sign below.
pub(super) const ENOUGH: usize = 16;

/// What the first bytes of an answer look like.
pub(super) fn recognise(bytes: &[u8]) -> Looks {
    const SIGNS: [(&[u8], Looks); 26] = [
        (b"HTTP/", Looks::Http),
        // Web servers answer what they cannot read with a page, without a status.
        (b"<!DOCTYPE ", Looks::Http),
        (b"<html", Looks::Http),
        (b"SSH-", Looks::Ssh),
        (b"220 ", Looks::Smtp),
        (b"220-", Looks::Smtp),
        (b"421 ", Looks::Smtp),
        (b"554 ", Looks::Smtp),
        (b"AMQP", Looks::Amqp),
        (b"INFO {", Looks::Nats),
        (b"+PONG", Looks::Redis),
        (b"-ERR ", Looks::Redis),
        (b"-NOAUTH ", Looks::Redis),
        (b"-LOADING ", Looks::Redis),
        (b"-DENIED ", Looks::Redis),
        (b"-WRONGPASS ", Looks::Redis),
        (b"-MISCONF ", Looks::Redis),
        (b"-BUSY ", Looks::Redis),
        (b"-MASTERDOWN ", Looks::Redis),
        (b"\x16\x03", Looks::Tls),
        (b"\x15\x03", Looks::Tls),
        (b"\x20\x02\0", Looks::Mqtt),
        (b"\x20\x02\x01", Looks::Mqtt),
        (b"VERSION ", Looks::Memcached),
        (b"ERROR\r\n", Looks::Memcached),
        (b"CLIENT_ERROR ", Looks::Memcached),
    ];
    let by_sign = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign));
    match (by_sign, bytes) {
        (Some((_, looks)), _) => *looks,
        // The frame of connection.start.
        (_, [1, 0, 0, _, _, _, _, 0, 10, 0, 10, ..]) => Looks::Amqp,
        // The first packet of a connection: a greeting, or an error and its code.
        (_, [_, _, 0, 0, 10, digit, ..]) if digit.is_ascii_digit() => Looks::MySql,
        (_, [_, _, 0, 0, 0xFF, _, _, ..]) => Looks::MySql,
        (_, [b'R', 0, 0, 0, 8..=255, 0, 0, 0, ..]) => Looks::Postgres,
        (_, [b'E', 0, 0, _, _, b'S', ..]) => Looks::Postgres,
        _ => Looks::Unknown,
    }
}

/// Whether services of this kind look like that.
pub(super) fn fits(kind: Kind, looks: Looks) -> bool {
    match looks {
        Looks::Http => matches!(
            kind,
            Kind::Http | Kind::Elasticsearch | Kind::ClickHouse | Kind::S3
        ),
        Looks::Smtp => kind == Kind::Smtp,
        Looks::Amqp => kind == Kind::Amqp,
        Looks::Nats => kind == Kind::Nats,
        Looks::Redis => kind == Kind::Redis,
        Looks::MySql => kind == Kind::MySql,
        Looks::Postgres => kind == Kind::Postgres,
        Looks::Mqtt => kind == Kind::Mqtt,
        Looks::Memcached => kind == Kind::Memcached,
        Looks::Ssh | Looks::Tls | Looks::Unknown => false,
    }
}
