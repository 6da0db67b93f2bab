//! Text to locator: the order of the steps. Each step has a file of its own.

mod elements;
mod hosts;
mod options;
mod path;
mod replace;
mod scan;
mod scheme;
mod tls;

pub(crate) use replace::is_part_written;
pub(crate) use tls::is_switch;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::{ParseError, Part, Problem};
use crate::escape::{self, Decoding};
use crate::host::{Node, Nodes};
use crate::kind::Kind;
use crate::locator::{Locator, Span};
use crate::scheme::{Form, Scheme};
use crate::warning::Warning;
use scan::{Cuts, Raw, unencoded};

/// The longest text that is parsed, in bytes.
const MAX_LENGTH: usize = 65_536;

/// Rules of parsing that a caller may change.
///
/// ```
/// use tf_backing::{Kind, Locator, ParseOptions};
///
/// let rules = ParseOptions::new().scheme("ldap", Kind::Other, 389).expect(Kind::Kafka);
/// let directory = Locator::parse_with("ldap://directory/dc=example", &rules)?;
/// assert_eq!(directory.endpoints()[0].to_string(), "directory:389");
/// let brokers = Locator::parse_with("a:9092,b:9092", &rules)?;
/// assert_eq!(brokers.kind(), Kind::Kafka);
/// # Ok::<(), tf_backing::ParseError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ParseOptions {
    lenient: bool,
    expected: Option<Kind>,
    schemes: Vec<(String, Kind, u16)>,
}

impl ParseOptions {
    /// Returns the strict rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts a text that fails strictly if the last `@` can end the user information.
    ///
    /// Then everything between `://` and the last `@` is user name and password, split at the
    /// first `:`, and a `%` without two digits after it stands for itself.
    pub fn lenient_user_info(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    /// Reads a text without a scheme, such as `a:9092,b:9092`, as this kind.
    ///
    /// Also decides between the kinds that share a scheme: `ws`, `wss`, `http` and `https`.
    pub fn expect(mut self, kind: Kind) -> Self {
        self.expected = Some(kind);
        self
    }

    /// Adds a scheme, of [`Kind::Other`] or as an alias.
    ///
    /// A default port of 0 is none. The scheme goes before the built-in schemes and is compared in lower case.
    pub fn scheme(mut self, name: impl Into<String>, kind: Kind, default_port: u16) -> Self {
        self.schemes
            .push((name.into().to_ascii_lowercase(), kind, default_port));
        self
    }
}

/// Parses `text`, leniently only if that is asked for and the strict rules refuse it.
pub(crate) fn parse(text: &str, rules: &ParseOptions) -> Result<Locator, ParseError> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(ParseError::new(
            Problem::Empty,
            Part::Text,
            0,
            "expected `scheme://…`",
        ));
    }
    if text.len() > MAX_LENGTH {
        return Err(ParseError::new(
            Problem::TooLong,
            Part::Text,
            MAX_LENGTH,
            "",
        ));
    }
    let head = scheme::read(text, rules)?;
    let strict = Decoding::default();
    let error = match build(text, head, None, strict) {
        Err(error) if rules.lenient && head.scheme.kind != Kind::Sqlite => error,
        result => return result,
    };
    let rest = &text[head.rest..];
    let Some(sign) = rest.rfind('@') else {
        return Err(error);
    };
    let user_info = Raw {
        text: &rest[..sign],
        at: head.rest,
    };
    if user_info.text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(error);
    }
    let lenient = Decoding {
        lenient: true,
        ..strict
    };
    build(text, head, Some(user_info), lenient).map_err(|_| error)
}

/// Parses what `locator` wrote, perhaps changed, by the scheme it has.
pub(crate) fn again(text: &str, locator: &Locator) -> Result<Locator, ParseError> {
    let name = locator.scheme();
    let rest = &text[name.len()..];
    let head = Head {
        scheme: locator.scheme,
        name,
        rest: name.len() + if rest.starts_with("://") { 3 } else { 1 },
    };
    build(text, head, None, Decoding::default())
}

/// What stands before the parts.
#[derive(Debug, Clone, Copy)]
struct Head<'a> {
    scheme: Scheme,
    name: &'a str,
    /// The first byte after `scheme://`.
    rest: usize,
}

/// Builds a locator; `user_info` is known already in the lenient mode.
fn build(
    text: &str,
    head: Head<'_>,
    user_info: Option<Raw<'_>>,
    how: Decoding,
) -> Result<Locator, ParseError> {
    let mut locator = empty(head, text.len());
    let kind = head.scheme.kind;
    if kind == Kind::Sqlite {
        path::file(&mut locator, text, head.rest)?;
        return Ok(locator);
    }
    let start = user_info.map_or(head.rest, |raw| raw.at + raw.text.len() + 1);
    if kind.rules().elements && user_info.is_none() && elements::is_list(&text[start..]) {
        elements::read(&mut locator, head, text, start)?;
        return Ok(locator);
    }
    let mut cuts = scan::cut(text, start, kind == Kind::MySql)?;
    cuts.user_info = user_info.or(cuts.user_info);
    if let Some(raw) = cuts.user_info {
        credentials(&mut locator, raw, how)?;
    }
    parts(&mut locator, &cuts)?;
    Ok(locator)
}

/// Reads hosts, path, options and fragment.
fn parts(locator: &mut Locator, cuts: &Cuts<'_>) -> Result<(), ParseError> {
    if locator.scheme.form == Form::Socket {
        path::socket(locator, cuts)?;
    } else if locator.scheme.kind == Kind::S3
        && cuts.user_info.is_none()
        && !cuts.hosts.text.contains(':')
    {
        path::bucket(locator, cuts)?;
    } else {
        hosts::read(locator, cuts.hosts).map_err(|error| options::unless_stray(cuts, error))?;
        if let Some(raw) = cuts.path {
            path::read(locator, raw)?;
        }
    }
    if let Some(raw) = cuts.query {
        options::read(locator, raw, cuts)?;
    }
    match cuts.fragment {
        None => Ok(()),
        Some(raw) if locator.scheme.kind == Kind::Redis && raw.text == "insecure" => {
            locator.insecure = true;
            tls::distrust(locator);
            Ok(())
        }
        Some(raw) => Err(ParseError::new(
            Problem::Fragment,
            Part::Fragment,
            raw.at - 1,
            match locator.scheme.kind {
                Kind::Redis => "only `#insecure` is known; write %23 for a literal `#`",
                _ => "write %23 if the `#` belongs to a value",
            },
        )),
    }
}

/// A locator with its scheme and room for the rest.
fn empty(head: Head<'_>, length: usize) -> Locator {
    let mut text = Zeroizing::new(String::with_capacity(length + 8));
    text.push_str(head.name);
    text.make_ascii_lowercase();
    let name = Span::since(&text, 0);
    Locator {
        scheme: head.scheme,
        text,
        name,
        username: None,
        password: None,
        nodes: Nodes::One(Node::UNWRITTEN),
        resource: None,
        options: Span::EMPTY,
        insecure: false,
        tls: head.scheme.tls,
        warnings: Vec::new(),
    }
}

/// Reads `user:password`.
fn credentials(locator: &mut Locator, raw: Raw<'_>, how: Decoding) -> Result<(), ParseError> {
    let (user, password) = match raw.split_once(b':') {
        Some((user, password)) => (user, Some(password)),
        None => (raw, None),
    };
    if locator.scheme.kind == Kind::Nats && password.is_none() {
        locator.password = Some(secret(user, Part::Password, how)?);
        return Ok(());
    }
    let start = locator.text.len();
    escape::decode_into(&mut locator.text, user.text, user.at, Part::Username, how)?;
    locator.username = Some(Span::since(&locator.text, start));
    let Some(password) = password else {
        if matches!(locator.scheme.kind, Kind::Redis | Kind::Smtp) && !user.text.is_empty() {
            locator.warnings.push(Warning::UserWithoutPassword);
        }
        return Ok(());
    };
    if locator.scheme.kind == Kind::MongoDb && !how.lenient {
        if let Some(i) = password.text.find(':') {
            return Err(unencoded(':', Part::Password, password.at + i));
        }
    }
    locator.password = Some(secret(password, Part::Password, how)?);
    Ok(())
}

/// Decodes into a box of the exact size: no copy of the secret is left.
fn secret(raw: Raw<'_>, part: Part, how: Decoding) -> Result<SecretString, ParseError> {
    let escapes = raw.text.bytes().filter(|byte| *byte == b'%').count();
    if escapes == 0 {
        return Ok(raw.text.into());
    }
    let length = raw.text.len().saturating_sub(2 * escapes);
    let mut text = Zeroizing::new(String::with_capacity(length));
    escape::decode_into(&mut text, raw.text, raw.at, part, how)?;
    Ok(std::mem::take(&mut *text).into())
}
