//! Text as the inside of a JSON string.
//!
//! Beyond what RFC 8259 demands, everything that a terminal or a line splitter takes for a control character is
//! escaped: U+007F, U+0080 to U+009F, U+2028 and U+2029. NUL becomes U+FFFD, because some readers end a string there.

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = ONES << 7;

/// Escapes what stands in `out` from `from` on, which is text.
#[inline]
pub(super) fn escape(out: &mut Vec<u8>, from: usize) {
    let at = next(out, from);
    if at < out.len() {
        rewrite(out, at);
    }
}

/// Whether the text certainly stays as it is.
pub(super) fn is_plain(text: &str) -> bool {
    next(text.as_bytes(), 0) == text.len()
}

/// A character that must be escaped.
struct Special {
    at: usize,
    length: usize,
}

/// Appends the text from `start` on again, escaped, and moves it to its place.
#[inline(never)]
fn rewrite(out: &mut Vec<u8>, start: usize) {
    let end = out.len();
    let mut copied = start;
    while let Some(special) = find(&out[..end], copied) {
        out.extend_from_within(copied..special.at);
        copied = special.at + special.length;
        write(out, special.length, out[copied - 1]);
    }
    if copied == start {
        return;
    }
    out.extend_from_within(copied..end);
    out.copy_within(end.., start);
    out.truncate(out.len() - (end - start));
}

/// The first character from `at` on that must be escaped.
#[inline]
fn find(bytes: &[u8], mut at: usize) -> Option<Special> {
    loop {
        at = next(bytes, at);
        if at == bytes.len() {
            return None;
        }
        match special(bytes, at) {
            0 => at += 1,
            length => return Some(Special { at, length }),
        }
    }
}

/// The position of the first byte from `at` on that may have to be escaped.
#[inline]
fn next(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let hits = suspects(u64::from_le_bytes(*chunk));
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    if at == bytes.len() {
        return at;
    }
    // The rest is the top of the last eight bytes, most of which are known to be fine.
    if let Some(chunk) = bytes.last_chunk::<8>() {
        let skip = 8 - (bytes.len() - at);
        let hits =
            suspects(u64::from_le_bytes(*chunk) >> (skip * 8) | ONES << 5 << ((8 - skip) * 8));
        return at + (hits.trailing_zeros() / 8).min(8 - skip as u32) as usize;
    }
    while at < bytes.len() && !is_suspect(bytes[at]) {
        at += 1;
    }
    at
}

/// The top bit of each byte that is a control character, `"`, `\`, DEL or not ASCII; above the lowest hit there may
/// be false ones.
#[inline]
fn suspects(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below =
        word.wrapping_sub(ONES * 0x20) | quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES);
    let above = word | (word & !TOPS).wrapping_add(ONES);
    (below | above) & TOPS
}

fn is_suspect(byte: u8) -> bool {
    !matches!(byte, 0x20..=0x7e) || byte == b'"' || byte == b'\\'
}

/// How many bytes at `at` are one character that must be escaped.
fn special(bytes: &[u8], at: usize) -> usize {
    match bytes[at..] {
        [0..0x20 | b'"' | b'\\' | 0x7f, ..] => 1,
        [0xc2, 0x80..=0x9f, ..] => 2,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}

/// Appends the escape of a character of `length` bytes that ends with `last`.
#[inline]
fn write(out: &mut Vec<u8>, length: usize, last: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match (length, last) {
        (1, b'"' | b'\\') => out.extend_from_slice(&[b'\\', last]),
        (1, b'\n') => out.extend_from_slice(b"\\n"),
        (1, b'\r') => out.extend_from_slice(b"\\r"),
        (1, b'\t') => out.extend_from_slice(b"\\t"),
        (1, 0) => out.extend_from_slice(b"\\ufffd"),
        (3, 0xa8) => out.extend_from_slice(b"\\u2028"),
        (3, _) => out.extend_from_slice(b"\\u2029"),
        (_, code) => {
            let [high, low] = [code >> 4, code & 15].map(|digit| HEX[usize::from(digit)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = b"before \"".to_vec();
        let from = out.len();
        out.extend_from_slice(text.as_bytes());
        escape(&mut out, from);
        assert!(out.starts_with(b"before \""));
        String::from_utf8(out.split_off(from)).unwrap()
    }

    fn parsed(inside: &str) -> String {
        serde_json::from_str(&format!("\"{inside}\"")).unwrap()
    }

    #[test]
    fn each_character_alone_and_at_every_offset_survives() {
        for character in (0..=0x2100).filter_map(char::from_u32) {
            for offset in 0..10 {
                let text = format!("{}{character}{}", &"aaaaaaaaaa"[..offset], "bb");
                let inside = escaped(&text);
                assert_eq!(parsed(&inside), text.replace('\0', "\u{fffd}"));
                assert!(
                    !inside
                        .contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}'),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn harmless_text_is_copied_as_it_is() {
        for text in [
            "",
            "a",
            "plain words",
            "Grüße, 日本語, 🙂",
            "â\u{80}".trim_end_matches('\u{80}'),
        ] {
            assert_eq!(escaped(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_back(text in "\\PC*|[\\x00-\\xff\u{2020}-\u{2030}\"\\\\]{0,40}") {
            let inside = escaped(&text);
            prop_assert_eq!(parsed(&inside), text.replace('\0', "\u{fffd}"));
            prop_assert!(!inside.contains(char::is_control));
        }
    }
}
