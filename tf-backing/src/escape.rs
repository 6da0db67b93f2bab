//! Percent escapes: decoded exactly once and strictly, encoded so that they read back the same.

use crate::error::{ParseError, Part, Problem};

/// How the escapes of one part are decoded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Decoding {
    /// `+` is a space.
    pub(crate) plus: bool,
    /// `%2F` and `%25` stay escaped, because decoding them changes a path of HTTP.
    pub(crate) keep_slash: bool,
    /// A `%` without two digits after it stands for itself.
    pub(crate) lenient: bool,
}

/// Appends the decoded text of `raw`, which starts at byte `at` of the locator.
pub(crate) fn decode_into(
    out: &mut String,
    raw: &str,
    at: usize,
    part: Part,
    how: Decoding,
) -> Result<(), ParseError> {
    let is_special = |byte: &u8| *byte == b'%' || (*byte == b'+' && how.plus);
    let mut done = 0;
    while let Some(plain) = raw.as_bytes()[done..].iter().position(is_special) {
        let i = done + plain;
        out.push_str(&raw[done..i]);
        if raw.as_bytes()[i] == b'+' {
            out.push(' ');
            done = i + 1;
        } else {
            done = escape_into(out, raw, i, at, part, how)?;
        }
    }
    out.push_str(&raw[done..]);
    Ok(())
}

/// Appends the character that is escaped at `i`; returns the index after it.
fn escape_into(
    out: &mut String,
    raw: &str,
    i: usize,
    at: usize,
    part: Part,
    how: Decoding,
) -> Result<usize, ParseError> {
    let bytes = raw.as_bytes();
    let error = |problem, hint| Err(ParseError::new(problem, part, at + i, hint));
    let Some(first) = byte_at(bytes, i) else {
        if how.lenient {
            out.push('%');
            return Ok(i + 1);
        }
        return error(Problem::BadEscape, "write %25 for a literal `%`");
    };
    if first == 0 {
        return error(Problem::Nul, "no service takes it");
    }
    if first.is_ascii() {
        if how.keep_slash && matches!(first, b'/' | b'%') {
            out.push_str(if first == b'/' { "%2F" } else { "%25" });
        } else {
            out.push(char::from(first));
        }
        return Ok(i + 3);
    }
    // Raw text is UTF-8 already, so the bytes of an escaped character are escapes in a row.
    let mut utf8 = [first, 0, 0, 0];
    let length = (first.leading_ones() as usize).min(4);
    for (n, slot) in utf8.iter_mut().enumerate().take(length).skip(1) {
        *slot = byte_at(bytes, i + 3 * n).unwrap_or(0);
    }
    match std::str::from_utf8(&utf8[..length]) {
        Ok(text) => {
            out.push_str(text);
            Ok(i + 3 * length)
        }
        Err(_) => error(Problem::NotUtf8, "encode each byte of its UTF-8 form"),
    }
}

/// Reads the escape at `i`.
fn byte_at(bytes: &[u8], i: usize) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    match bytes.get(i..i + 3)? {
        [b'%', high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    }
}

/// Appends `text` with every byte escaped but the unreserved ones and those of `also`.
pub(crate) fn encode_into(out: &mut String, text: &str, also: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// What may stand unescaped in a path of HTTP, without `@`.
pub(crate) const WEB_PATH: &[u8] = b"/%!$&'()*+,;=:";
/// What may stand unescaped in the value of an option.
pub(crate) const OPTION_VALUE: &[u8] = b"/:,*";
/// What may stand unescaped in the path of a file or of an object.
pub(crate) const FILE_PATH: &[u8] = b"/:";

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(raw: &str, how: Decoding) -> Result<String, ParseError> {
        let mut out = String::new();
        decode_into(&mut out, raw, 0, Part::Password, how).map(|()| out)
    }

    #[test]
    fn escapes_decode_once() {
        let strict = Decoding::default();
        assert_eq!(decode("a%2525%c3%a9+é", strict).unwrap(), "a%25é+é");
        for raw in ["%", "%1", "%zz", "a%é1", "%+1"] {
            assert!(decode(raw, strict).is_err(), "{raw}");
        }
        for raw in ["%c3", "%c3%28", "%ff", "%e2%82", "%c3é", "%80", "%ed%a0%80"] {
            assert!(decode(raw, strict).is_err(), "{raw}");
        }
        assert!(decode("%00", strict).is_err());
    }

    #[test]
    fn the_other_readings_are_asked_for() {
        let web = Decoding {
            keep_slash: true,
            ..Decoding::default()
        };
        assert_eq!(decode("a%2fb%20c%25", web).unwrap(), "a%2Fb c%25");
        let form = Decoding {
            plus: true,
            ..Decoding::default()
        };
        assert_eq!(decode("a+b%2B", form).unwrap(), "a b+");
        let lenient = Decoding {
            lenient: true,
            ..Decoding::default()
        };
        assert_eq!(decode("100%zz%41", lenient).unwrap(), "100%zzA");
    }
}
