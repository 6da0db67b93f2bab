//! The path: a database, a vhost, a bucket, a socket, a file.

use super::options;
use super::scan::{self, Cuts, Raw, unencoded};
use crate::error::{ParseError, Part, Problem};
use crate::escape::{self, Decoding};
use crate::host::{Node, Nodes, Place};
use crate::kind::{Kind, Path};
use crate::locator::{Locator, Span};
use crate::warning::Warning;

/// Reads what stands after the first slash.
pub(super) fn read(locator: &mut Locator, raw: Raw<'_>) -> Result<(), ParseError> {
    let kind = locator.scheme.kind;
    let rule = kind.rules().path;
    let slash = || raw.at + raw.text.find('/').unwrap_or(0);
    match rule {
        Path::Ignored => {
            if !raw.text.is_empty() {
                locator.warnings.push(Warning::IgnoredPath);
            }
            return Ok(());
        }
        Path::Segment | Path::MongoName if raw.text.contains('/') => {
            let hint = "expected one; write %2F for a literal `/`";
            return Err(ParseError::new(
                Problem::Segments,
                Part::Resource,
                slash(),
                hint,
            ));
        }
        Path::Whole if kind == Kind::Memcached && is_unwritten(locator) && !raw.text.is_empty() => {
            return socket_path(locator, raw);
        }
        _ => {}
    }
    let start = locator.text.len();
    let how = Decoding {
        keep_slash: rule == Path::Web,
        ..Decoding::default()
    };
    escape::decode_into(&mut locator.text, raw.text, raw.at, Part::Resource, how)?;
    check(rule, &locator.text[start..], raw.at)?;
    locator.resource = Some(Span::since(&locator.text, start));
    if kind == Kind::Amqp && raw.text.is_empty() {
        locator.warnings.push(Warning::EmptyVhost);
    }
    Ok(())
}

/// Checks a decoded path that can be wrong.
pub(super) fn check(rule: Path, decoded: &str, at: usize) -> Result<(), ParseError> {
    let (wrong, problem, hint) = match rule {
        Path::Number => (
            !decoded.is_empty() && !is_number(decoded),
            Problem::DatabaseNumber,
            "expected `/` and a number such as 0, without sign and leading zeros",
        ),
        Path::MongoName => (
            decoded.contains(['/', '\\', ' ', '"', '$']),
            Problem::DatabaseCharacter,
            "MongoDB takes no slash, backslash, space, quotation mark or dollar sign",
        ),
        _ => return Ok(()),
    };
    match wrong {
        true => Err(ParseError::new(problem, Part::Resource, at, hint)),
        false => Ok(()),
    }
}

fn is_number(text: &str) -> bool {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain && text.parse::<u32>().is_ok()
}

fn is_unwritten(locator: &Locator) -> bool {
    let node = locator.nodes.as_slice().first();
    node.is_some_and(|node| matches!(node.place, Place::Default) && node.port == 0)
}

/// Reads a path that is a socket.
pub(super) fn socket(locator: &mut Locator, cuts: &Cuts<'_>) -> Result<(), ParseError> {
    let hint = "write the absolute path after three slashes";
    if !cuts.hosts.text.is_empty() {
        return Err(ParseError::new(
            Problem::SocketWithHost,
            Part::Host,
            cuts.hosts.at,
            hint,
        ));
    }
    match cuts.path {
        Some(raw) if !raw.text.is_empty() => socket_path(locator, raw),
        _ => Err(ParseError::new(
            Problem::MissingHost,
            Part::Host,
            cuts.hosts.at,
            hint,
        )),
    }
}

fn socket_path(locator: &mut Locator, raw: Raw<'_>) -> Result<(), ParseError> {
    let start = locator.text.len();
    locator.text.push('/');
    escape::decode_into(
        &mut locator.text,
        raw.text,
        raw.at,
        Part::Host,
        Decoding::default(),
    )?;
    locator.nodes = Nodes::One(Node {
        place: Place::Unix(Span::since(&locator.text, start)),
        port: 0,
    });
    Ok(())
}

/// Reads `bucket/prefix`, where the place of the host holds the bucket.
pub(super) fn bucket(locator: &mut Locator, cuts: &Cuts<'_>) -> Result<(), ParseError> {
    let name = cuts.hosts;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if name.text.is_empty() || !name.text.bytes().all(is_name) {
        let hint = "expected letters, digits, `-`, `.` and `_` after `s3://`";
        return Err(ParseError::new(
            Problem::Bucket,
            Part::Resource,
            name.at,
            hint,
        ));
    }
    let start = locator.text.len();
    locator.text.push_str(name.text);
    if let Some(raw) = cuts.path {
        locator.text.push('/');
        escape::decode_into(
            &mut locator.text,
            raw.text,
            raw.at,
            Part::Resource,
            Decoding::default(),
        )?;
    }
    locator.resource = Some(Span::since(&locator.text, start));
    locator.nodes = Nodes::Many(Vec::new());
    Ok(())
}

/// Reads the path of an SQLite file; everything up to the `?` is path.
pub(super) fn file(locator: &mut Locator, text: &str, start: usize) -> Result<(), ParseError> {
    locator.nodes = Nodes::Many(Vec::new());
    let (end, sign) = scan::run(text, start, start, b"?#")?;
    if let Some(at) = sign {
        return Err(unencoded('@', Part::Resource, at));
    }
    let (stop, _) = scan::run(text, start, end, b"#")?;
    if stop < text.len() {
        return Err(unencoded('#', Part::Resource, stop));
    }
    if end > start {
        let from = locator.text.len();
        let how = Decoding::default();
        escape::decode_into(
            &mut locator.text,
            &text[start..end],
            start,
            Part::Resource,
            how,
        )?;
        locator.resource = Some(Span::since(&locator.text, from));
    }
    if end == stop {
        return Ok(());
    }
    let query = Raw {
        text: &text[end + 1..stop],
        at: end + 1,
    };
    options::read(locator, query, &Cuts::default())
}
