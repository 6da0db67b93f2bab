//! The first look at a text: where its parts begin, and what was left unencoded.

use crate::error::{ParseError, Part, Problem};

/// The raw parts after `scheme://`.
#[derive(Debug, Default)]
pub(crate) struct Cuts<'a> {
    pub(crate) user_info: Option<Raw<'a>>,
    pub(crate) hosts: Raw<'a>,
    /// Without its slash.
    pub(crate) path: Option<Raw<'a>>,
    /// Without its question mark.
    pub(crate) query: Option<Raw<'a>>,
    /// Without its `#`.
    pub(crate) fragment: Option<Raw<'a>>,
}

/// A part as written, and the byte it starts at.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Raw<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Raw<'a> {
    /// Splits at the first `sign`, an ASCII character that goes with neither side.
    pub(crate) fn split_once(self, sign: u8) -> Option<(Self, Self)> {
        let i = self.text.bytes().position(|byte| byte == sign)?;
        Some((self.slice(0, i), self.slice(i + 1, self.text.len())))
    }

    /// The part of this from `start` to `end`.
    pub(crate) fn slice(self, start: usize, end: usize) -> Self {
        Self {
            text: &self.text[start..end],
            at: self.at + start,
        }
    }
}

const PLAIN: u8 = 0;
const BAD: u8 = 1;
const END: u8 = 2;
const SIGN: u8 = 3;
const GROUP: u8 = 4;

/// What each byte means to the scanner.
const CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    let mut byte = 0;
    while byte <= 0x20 {
        class[byte] = BAD;
        byte += 1;
    }
    class[0x7f] = BAD;
    class[b'/' as usize] = END;
    class[b'?' as usize] = END;
    class[b'#' as usize] = END;
    class[b'@' as usize] = SIGN;
    class[b'(' as usize] = GROUP;
    class
};

/// Cuts `text` from byte `start` on; `groups` allows MySQL's `(/path)` for a host.
pub(crate) fn cut(text: &str, start: usize, groups: bool) -> Result<Cuts<'_>, ParseError> {
    let bytes = text.as_bytes();
    let raw = |start: usize, end: usize| Raw {
        text: &text[start..end],
        at: start,
    };
    let authority = authority(text, start, groups)?;
    let mut cuts = Cuts::default();
    let mut i = authority.end;
    let mut stray = None;
    if bytes.get(i) == Some(&b'/') {
        let from = i + 1;
        (i, stray) = run(text, start, from, b"?#")?;
        cuts.path = Some(raw(from, i));
    }
    if bytes.get(i) == Some(&b'?') {
        let from = i + 1;
        (i, _) = run(text, start, from, b"#")?;
        cuts.query = Some(raw(from, i));
    }
    if i < text.len() {
        run(text, start, i + 1, b"")?;
        cuts.fragment = Some(raw(i + 1, text.len()));
    }
    if authority.signs > 1 {
        let at = start + text[start..].find('@').unwrap_or(0);
        return Err(unencoded('@', part_of(text, start, at), at));
    }
    if let Some(fragment) = cuts.fragment {
        let open = authority.sign.is_none() || i == authority.end;
        if open && fragment.text.contains('@') {
            return Err(unencoded('#', part_of(text, start, i), i));
        }
    }
    match (stray, authority.sign) {
        (Some(_), None) => {
            let at = authority.end;
            return Err(unencoded('/', part_of(text, start, at), at));
        }
        (Some(at), Some(_)) => return Err(unencoded('@', Part::Resource, at)),
        (None, Some(sign)) => {
            cuts.user_info = Some(raw(start, sign));
            cuts.hosts = raw(sign + 1, authority.end);
        }
        (None, None) => cuts.hosts = raw(start, authority.end),
    }
    Ok(cuts)
}

struct Authority {
    end: usize,
    /// The last `@`.
    sign: Option<usize>,
    signs: usize,
}

/// Finds the end of the authority and the `@` in it.
fn authority(text: &str, start: usize, mut groups: bool) -> Result<Authority, ParseError> {
    let bytes = text.as_bytes();
    let mut found = Authority {
        end: start,
        sign: None,
        signs: 0,
    };
    loop {
        found.end = skip_plain(bytes, found.end);
        let Some(&byte) = bytes.get(found.end) else {
            return Ok(found);
        };
        match CLASS[usize::from(byte)] {
            BAD => return Err(bad(text, start, found.end)),
            END => return Ok(found),
            SIGN => {
                found.sign = Some(found.end);
                found.signs += 1;
            }
            _ if groups && opens_group(bytes, start, found.end) => {
                match group_length(&bytes[found.end..]) {
                    Some(length) => found.end += length,
                    // One look at the rest is enough for every group.
                    None => groups = false,
                }
            }
            _ => {}
        }
        found.end += 1;
    }
}

/// The first byte from `i` on that means something.
fn skip_plain(bytes: &[u8], i: usize) -> usize {
    let plain = bytes[i..]
        .iter()
        .position(|byte| CLASS[usize::from(*byte)] != PLAIN);
    plain.map_or(bytes.len(), |plain| i + plain)
}

/// Whether a host may start at `i`, and with it a group.
fn opens_group(bytes: &[u8], start: usize, i: usize) -> bool {
    i == start || matches!(bytes[i - 1], b'@' | b'[' | b',')
}

/// The bytes up to the `)` that ends a group.
fn group_length(rest: &[u8]) -> Option<usize> {
    let length = rest
        .iter()
        .position(|byte| *byte == b')' || *byte <= b' ')?;
    (rest[length] == b')').then_some(length)
}

/// Walks from `from` to one of `ends`; returns where, and the first `@` passed.
pub(crate) fn run(
    text: &str,
    start: usize,
    from: usize,
    ends: &[u8],
) -> Result<(usize, Option<usize>), ParseError> {
    let bytes = text.as_bytes();
    let mut sign = None;
    let mut i = skip_plain(bytes, from);
    while let Some(byte) = bytes.get(i) {
        match CLASS[usize::from(*byte)] {
            BAD => return Err(bad(text, start, i)),
            SIGN if sign.is_none() => sign = Some(i),
            END if ends.contains(byte) => return Ok((i, sign)),
            _ => {}
        }
        i = skip_plain(bytes, i + 1);
    }
    Ok((text.len(), sign))
}

/// The error for a delimiter that stands for itself.
pub(crate) fn unencoded(what: char, part: Part, at: usize) -> ParseError {
    let hint = match (what, part) {
        ('@', Part::Resource) => "write %40, and %2F for a `/` in the password",
        ('@', Part::Option) => "write %40, and %3F for a `?` in the password",
        ('@', _) => "write %40",
        ('/', _) => "write %2F",
        ('?', _) => "write %3F",
        (':', _) => "write %3A",
        (',', _) => "write %2C, or give the credentials with the first host",
        _ => "write %23",
    };
    ParseError::new(Problem::Unencoded(what), part, at, hint)
}

/// The error for a byte that stands in no URL.
pub(crate) fn bad(text: &str, start: usize, at: usize) -> ParseError {
    let part = part_of(text, start, at);
    match text.as_bytes()[at] {
        b' ' => ParseError::new(Problem::Space, part, at, "write %20"),
        0 => ParseError::new(Problem::Nul, part, at, "no service takes it"),
        b'\n' | b'\r' if text[at..].trim_end().is_empty() => ParseError::new(
            Problem::Space,
            part,
            at,
            "only one line break may end the text",
        ),
        b'\t' | b'\n' | b'\r' => ParseError::new(
            Problem::Space,
            part,
            at,
            "write it as a percent escape, or remove it",
        ),
        _ => ParseError::new(Problem::Control, part, at, "write it as a percent escape"),
    }
}

/// The part that byte `at` was meant for, judged by its surroundings.
pub(crate) fn part_of(text: &str, start: usize, at: usize) -> Part {
    let (before, after) = (&text[start..at], &text[at..]);
    let last = after.find('@').filter(|_| !before.contains('@'));
    if last.is_some() || after.starts_with('@') {
        return match before.contains(':') {
            true => Part::Password,
            false => Part::Username,
        };
    }
    // With a second `@` behind it, the first one is part of the password too.
    if after.contains('@') {
        return Part::Password;
    }
    let rest = before.rsplit('@').next().unwrap_or(before);
    match rest.find(['/', '?', '#']).map(|i| rest.as_bytes()[i]) {
        None if after.starts_with('#') => Part::Fragment,
        None => Part::Host,
        Some(b'/') if !rest.contains('?') => Part::Resource,
        Some(b'#') => Part::Fragment,
        Some(_) => Part::Option,
    }
}
