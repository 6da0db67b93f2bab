//! Lists whose hosts may be whole URLs, as NATS and Kafka write them.

use secrecy::ExposeSecret;

use super::scan::{self, Cuts, Raw, unencoded};
use super::{Head, credentials, hosts, options, path};
use crate::error::{ParseError, Part, Problem};
use crate::escape::Decoding;
use crate::host::Nodes;
use crate::locator::Locator;

/// Whether the text after the scheme has several elements.
pub(super) fn is_list(rest: &str) -> bool {
    rest.bytes()
        .take_while(|byte| *byte != b'?')
        .any(|byte| byte == b',')
}

/// Reads `user:password@a:1,scheme://user:password@b:2/path?options`.
pub(super) fn read(
    locator: &mut Locator,
    head: Head<'_>,
    text: &str,
    start: usize,
) -> Result<(), ParseError> {
    check_bytes(text, start)?;
    let whole = Raw {
        text: &text[start..],
        at: start,
    };
    let (list, query) = match whole.split_once(b'?') {
        Some((list, query)) => (list, Some(query)),
        None => (whole, None),
    };
    check_first(text, start, list)?;
    let mut nodes = Vec::new();
    let mut rest = Some(list);
    while let Some(list) = rest {
        let (piece, after) = match list.split_once(b',') {
            Some((piece, after)) => (piece, Some(after)),
            None => (list, None),
        };
        rest = after;
        let element = element(piece, head, text, start, rest.is_none())?;
        match element.user_info {
            Some(raw) if nodes.is_empty() => credentials(locator, raw, Decoding::default())?,
            Some(raw) => same_credentials(locator, head, raw)?,
            None => {}
        }
        nodes.push(hosts::read_one(locator, element.host)?);
        if let Some(raw) = element.path {
            path::read(locator, raw)?;
        }
    }
    locator.nodes = Nodes::Many(nodes);
    match query {
        None => Ok(()),
        Some(raw) => match raw.text.find(' ') {
            Some(i) => Err(scan::bad(text, start, raw.at + i)),
            None => {
                let cuts = Cuts {
                    hosts: list,
                    ..Cuts::default()
                };
                options::read(locator, raw, &cuts)
            }
        },
    }
}

/// Refuses credentials after the first comma: the end of a password with a comma in it.
fn check_first(text: &str, start: usize, list: Raw<'_>) -> Result<(), ParseError> {
    match (list.text.find(','), list.text.find('@')) {
        (Some(comma), Some(sign)) if comma < sign => {
            let at = list.at + comma;
            Err(unencoded(',', scan::part_of(text, start, at), at))
        }
        _ => Ok(()),
    }
}

/// The raw parts of one element.
struct Element<'a> {
    user_info: Option<Raw<'a>>,
    host: Raw<'a>,
    path: Option<Raw<'a>>,
}

fn element<'a>(
    piece: Raw<'a>,
    head: Head<'_>,
    text: &str,
    start: usize,
    is_last: bool,
) -> Result<Element<'a>, ParseError> {
    let raw = without_scheme(trim(piece, text, start, is_last)?, head)?;
    let end = raw.text.find('/').unwrap_or(raw.text.len());
    let authority = raw.slice(0, end);
    let path = (end < raw.text.len()).then(|| raw.slice(end + 1, raw.text.len()));
    if let Some(path) = path {
        let slash = path.at - 1;
        match path.text.find('@') {
            Some(sign) if authority.text.contains('@') => {
                return Err(unencoded('@', Part::Resource, path.at + sign));
            }
            None if is_last || path.text.is_empty() => {}
            _ => return Err(unencoded('/', scan::part_of(text, start, slash), slash)),
        }
    }
    let (user_info, host) = match authority.split_once(b'@') {
        Some((left, right)) if right.text.contains('@') => {
            let at = right.at - 1;
            let part = match left.text.contains(':') {
                true => Part::Password,
                false => Part::Username,
            };
            return Err(unencoded('@', part, at));
        }
        Some((user_info, host)) => (Some(user_info), host),
        None => (None, authority),
    };
    Ok(Element {
        user_info,
        host,
        path: path.filter(|path| is_last || !path.text.is_empty()),
    })
}

/// Drops the scheme of an element, which must be the first one's.
fn without_scheme<'a>(raw: Raw<'a>, head: Head<'_>) -> Result<Raw<'a>, ParseError> {
    let is_scheme = |text: &str| !text.contains(['/', ':', '@']);
    match raw.text.split_once("://") {
        Some((scheme, after)) if scheme.eq_ignore_ascii_case(head.name) => {
            Ok(raw.slice(raw.text.len() - after.len(), raw.text.len()))
        }
        Some((scheme, _)) if is_scheme(scheme) => {
            let hint = "repeat the first scheme, or write it only once";
            Err(ParseError::new(
                Problem::Schemes,
                Part::Scheme,
                raw.at,
                hint,
            ))
        }
        _ => Ok(raw),
    }
}

/// One pair of credentials holds for every host.
fn same_credentials(locator: &Locator, head: Head<'_>, other: Raw<'_>) -> Result<(), ParseError> {
    let mut copy = super::empty(head, other.text.len());
    credentials(&mut copy, other, Decoding::default())?;
    let password = |of: &Locator| of.password.as_ref().map(|p| p.expose_secret().to_owned());
    if copy.username() == locator.username() && password(&copy) == password(locator) {
        return Ok(());
    }
    let hint = "give one pair, with the first host";
    Err(ParseError::new(
        Problem::Credentials,
        Part::Password,
        other.at,
        hint,
    ))
}

/// Refuses what stands in no list; blanks are looked at element by element.
fn check_bytes(text: &str, start: usize) -> Result<(), ParseError> {
    for (i, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b' ' => {}
            0..b' ' | 0x7f => return Err(scan::bad(text, start, i)),
            b'#' => return Err(unencoded('#', scan::part_of(text, start, i), i)),
            _ => {}
        }
    }
    Ok(())
}

/// Drops the blanks beside commas and refuses all others.
fn trim<'a>(
    piece: Raw<'a>,
    text: &str,
    start: usize,
    is_last: bool,
) -> Result<Raw<'a>, ParseError> {
    let mut raw = piece;
    if raw.at > start {
        raw = raw.slice(
            raw.text.len() - raw.text.trim_start_matches(' ').len(),
            raw.text.len(),
        );
    }
    if !is_last {
        raw = raw.slice(0, raw.text.trim_end_matches(' ').len());
    }
    match raw.text.find(' ') {
        Some(i) => Err(scan::bad(text, start, raw.at + i)),
        None => Ok(raw),
    }
}
