//! The options: taken apart, decoded, and judged one by one.

use zeroize::Zeroizing;

use super::replace::{self, Replacement};
use super::scan::{Cuts, Raw, unencoded};
use super::tls::Switches;
use crate::error::{ParseError, Part, Problem};
use crate::escape::{self, Decoding};
use crate::kind::Kind;
use crate::known::{self, Class};
use crate::locator::{Locator, Span};
use crate::options::end_pair;
use crate::warning::Warning;

/// Reads what stands after the `?`.
pub(super) fn read(locator: &mut Locator, raw: Raw<'_>, cuts: &Cuts<'_>) -> Result<(), ParseError> {
    let start = locator.text.len();
    let kind = locator.scheme.kind;
    let mut found = Found::default();
    let mut rest = Some(raw);
    while let Some(query) = rest {
        let pair;
        (pair, rest) = next(query, kind == Kind::MongoDb);
        if pair.name.text.is_empty() && pair.value.is_none() {
            continue;
        }
        option(locator, pair, cuts, &mut found)?;
    }
    locator.options = Span::since(&locator.text, start);
    if kind == Kind::MySql {
        check_repeats(locator, raw.at)?;
    }
    if !found.replacements.is_empty() {
        replace::replace(locator, &found.replacements)?;
    }
    if found.has_addresses {
        replace::spread_addresses(locator, raw.at)?;
    }
    found.switches.apply(locator, raw.at)
}

/// What the options say beyond themselves.
#[derive(Default)]
struct Found {
    switches: Switches,
    replacements: Vec<Replacement>,
    /// PostgreSQL's `hostaddr` is among them.
    has_addresses: bool,
}

/// One `name=value` as written.
struct Pair<'a> {
    name: Raw<'a>,
    value: Option<Raw<'a>>,
    /// The first `@` in it.
    sign: Option<usize>,
    /// There is a `%` or a `+` in it.
    is_escaped: bool,
}

/// The bytes at which [`next`] stops.
const STOP: [bool; 256] = {
    let mut stop = [false; 256];
    stop[b'=' as usize] = true;
    stop[b'&' as usize] = true;
    stop[b';' as usize] = true;
    stop[b'@' as usize] = true;
    stop[b'%' as usize] = true;
    stop[b'+' as usize] = true;
    stop
};

/// Takes the first option off a query.
fn next(query: Raw<'_>, semicolons: bool) -> (Pair<'_>, Option<Raw<'_>>) {
    let bytes = query.text.as_bytes();
    let (mut equals, mut sign, mut is_escaped) = (None, None, false);
    let mut end = bytes.len();
    let mut i = 0;
    while let Some(plain) = bytes[i..].iter().position(|byte| STOP[usize::from(*byte)]) {
        i += plain;
        match bytes[i] {
            b'=' if equals.is_none() => equals = Some(i),
            b'@' if sign.is_none() => sign = Some(query.at + i),
            b'%' | b'+' => is_escaped = true,
            b';' if !semicolons => {}
            b'&' | b';' => {
                end = i;
                break;
            }
            _ => {}
        }
        i += 1;
    }
    let pair = Pair {
        name: query.slice(0, equals.unwrap_or(end)),
        value: equals.map(|equals| query.slice(equals + 1, end)),
        sign,
        is_escaped,
    };
    let rest = (end < bytes.len()).then(|| query.slice(end + 1, bytes.len()));
    (pair, rest)
}

/// Reads one option.
fn option(
    locator: &mut Locator,
    pair: Pair<'_>,
    cuts: &Cuts<'_>,
    found: &mut Found,
) -> Result<(), ParseError> {
    let kind = locator.scheme.kind;
    let rules = kind.rules();
    let (name, value) = (pair.name, pair.value);
    if let Some(at) = pair.sign.filter(|at| *at < name.at + name.text.len()) {
        return Err(stray(cuts, at));
    }
    if name.text.is_empty() || (value.is_none() && rules.value_needed) {
        let hint = "write `name=value`; %26 stands for a literal `&`";
        let problem = Problem::OptionWithoutValue;
        return Err(ParseError::new(problem, Part::Option, name.at, hint));
    }
    let how = Decoding {
        plus: rules.plus_is_space,
        ..Decoding::default()
    };
    let append = |text: &mut String, raw: Raw<'_>| match pair.is_escaped {
        true => escape::decode_into(text, raw.text, raw.at, Part::Option, how),
        false => {
            text.push_str(raw.text);
            Ok(())
        }
    };
    let text = &mut locator.text;
    let start = text.len();
    append(text, name)?;
    let middle = text.len() + 1;
    text.push('\0');
    if let Some(value) = value {
        append(text, value)?;
    }
    let (key, decoded) = (&text[start..middle - 1], &text[middle..]);
    if let Some(target) = replace::target(kind, key) {
        let value = Zeroizing::new(decoded.to_owned());
        found.replacements.push((target, value, name.at));
        text.truncate(start);
        return Ok(());
    }
    match pair.sign {
        Some(at) if known::class(kind, key) == Class::Unknown => return Err(stray(cuts, at)),
        _ => {}
    }
    found
        .judge(kind, key, decoded, &mut locator.warnings)
        .map_err(|hint| ParseError::new(Problem::OptionValue, Part::Option, name.at, hint))?;
    end_pair(text, value.is_some());
    Ok(())
}

impl Found {
    /// Takes note of what an option decides; fails with a hint.
    fn judge(
        &mut self,
        kind: Kind,
        key: &str,
        value: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), &'static str> {
        let mut warn = |warning| {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        };
        if !known::is_expected(kind, key) {
            warn(Warning::UnknownOption);
        }
        self.has_addresses |= kind == Kind::Postgres && key == "hostaddr";
        match self.switches.note(kind, key, value) {
            // MongoDB's specification asks for a warning only.
            Err(_) if kind == Kind::MongoDb => {
                warn(Warning::IgnoredValue);
                Ok(())
            }
            judged => judged,
        }
    }
}

/// The better error for hosts cut in two by a `?` in the password.
pub(super) fn unless_stray(cuts: &Cuts<'_>, error: ParseError) -> ParseError {
    match cuts
        .query
        .and_then(|query| query.text.find('@').map(|i| query.at + i))
    {
        Some(at) if cuts.user_info.is_none() => stray(cuts, at),
        _ => error,
    }
}

/// The error for an `@` in the options, which mostly stems from a password.
fn stray(cuts: &Cuts<'_>, at: usize) -> ParseError {
    let part = match cuts.hosts.text.contains(':') {
        true => Part::Password,
        false => Part::Username,
    };
    match (cuts.user_info, cuts.path, cuts.query) {
        (None, Some(path), _) => unencoded('/', part, path.at - 1),
        (None, None, Some(query)) => unencoded('?', part, query.at - 1),
        _ => unencoded('@', Part::Option, at),
    }
}

/// MySQL's clients take each option once.
fn check_repeats(locator: &Locator, at: usize) -> Result<(), ParseError> {
    let mut names: Vec<String> = locator
        .options()
        .raw()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    match names.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(ParseError::new(
            Problem::OptionTwice,
            Part::Option,
            at,
            "write each once",
        )),
        false => Ok(()),
    }
}
