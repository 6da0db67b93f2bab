//! The scheme of a text, or why there is none.

use super::{Head, ParseOptions};
use crate::error::{ParseError, Part, Problem};
use crate::kind::Kind;
use crate::scheme::{self, Form, MAX_SCHEME, Scheme};
use crate::tls::Tls;

/// Reads the scheme and finds the first byte after `scheme://`.
pub(super) fn read<'a>(text: &'a str, rules: &ParseOptions) -> Result<Head<'a>, ParseError> {
    let length = text.bytes().position(|byte| !SCHEME[usize::from(byte)]);
    let length = length.unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    let slashes = rest.starts_with("://");
    match find(name, rules) {
        Some(scheme) if slashes => Ok(Head {
            scheme,
            name,
            rest: length + 3,
        }),
        Some(scheme) if scheme.kind == Kind::Sqlite && rest.starts_with(':') => Ok(Head {
            scheme,
            name,
            rest: length + 1,
        }),
        None if slashes && !name.is_empty() => Err(ParseError::new(
            Problem::UnknownScheme,
            Part::Scheme,
            0,
            scheme::KNOWN,
        )),
        found => match rules.expected {
            Some(kind) if !text.starts_with(['"', '\'', ':']) && !text.contains("://") => {
                Ok(Head {
                    scheme: default(kind),
                    name: kind.as_str(),
                    rest: 0,
                })
            }
            _ => Err(missing(
                text,
                name,
                found.is_some() && rest.starts_with(':'),
            )),
        },
    }
}

/// The bytes of a scheme; `_` is Kafka's.
const SCHEME: [bool; 256] = {
    let mut scheme = [false; 256];
    let mut byte = 0;
    while byte < 0x80 {
        let ascii = byte as u8;
        scheme[byte] = ascii.is_ascii_alphanumeric() || matches!(ascii, b'+' | b'-' | b'.' | b'_');
        byte += 1;
    }
    scheme
};

/// Looks up a scheme among the caller's and ours.
fn find(name: &str, rules: &ParseOptions) -> Option<Scheme> {
    if name.len() > MAX_SCHEME {
        return None;
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return find(&name.to_ascii_lowercase(), rules);
    }
    for (added, kind, port) in &rules.schemes {
        if added == name {
            return Some(Scheme {
                port: *port,
                ..default(*kind)
            });
        }
    }
    let scheme = scheme::lookup(name)?;
    Some(match rules.expected {
        Some(kind) => scheme::for_expected(scheme, name, kind),
        None => scheme,
    })
}

/// The scheme that has the kind's name.
fn default(kind: Kind) -> Scheme {
    scheme::lookup(kind.as_str()).unwrap_or(Scheme {
        kind,
        port: 0,
        tls: Tls::Off,
        form: Form::Plain,
    })
}

/// Says why a text does not start with a scheme.
fn missing(text: &str, name: &str, known: bool) -> ParseError {
    if name.eq_ignore_ascii_case("jdbc") || name.eq_ignore_ascii_case("r2dbc") {
        return ParseError::new(
            Problem::UnknownScheme,
            Part::Scheme,
            0,
            "drop `jdbc:` or `r2dbc:`",
        );
    }
    if known {
        return ParseError::new(
            Problem::MissingSlashes,
            Part::Scheme,
            name.len() + 1,
            "write `://` after it",
        );
    }
    let hint = match text.as_bytes()[0] {
        b'"' | b'\'' => "drop the quotation marks",
        byte if byte <= b' ' => "drop the white space",
        _ if text[name.len()..].starts_with('=') => "drop the name and its `=`",
        _ => "expected `scheme://…`, such as `postgres://user:password@host:5432/database`",
    };
    ParseError::new(Problem::MissingScheme, Part::Scheme, 0, hint)
}
