//! Text as the inside of a JSON string.
//!
//! Beyond what RFC 8259 demands, everything that a terminal or a line splitter takes for a control character is
//! escaped: U+007F, U+0080 to U+009F, U+2028 and U+2029. NUL becomes U+FFFD, because some readers end a string there.

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = ONES << 7;

/// Appends `text`, in runs between what must be escaped.
pub(super) fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let (mut copied, mut at) = (0, 0);
    loop {
        at = next(bytes, at);
        if at == bytes.len() {
            break;
        }
        let length = special(bytes, at);
        if length == 0 {
            at += 1;
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        write(out, &bytes[at..at + length]);
        at += length;
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
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

#[cold]
fn write(out: &mut Vec<u8>, character: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let code = match *character {
        [0] => return out.extend_from_slice(b"\\ufffd"),
        [b'"'] => return out.extend_from_slice(b"\\\""),
        [b'\\'] => return out.extend_from_slice(b"\\\\"),
        [b'\n'] => return out.extend_from_slice(b"\\n"),
        [b'\r'] => return out.extend_from_slice(b"\\r"),
        [b'\t'] => return out.extend_from_slice(b"\\t"),
        [0xe2, .., last] => {
            return out.extend_from_slice(if last == 0xa8 { b"\\u2028" } else { b"\\u2029" });
        }
        [.., last] => last,
        [] => return,
    };
    out.extend_from_slice(b"\\u00");
    out.extend_from_slice(&[HEX[usize::from(code >> 4)], HEX[usize::from(code & 15)]]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape(&mut out, text);
        String::from_utf8(out).unwrap()
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
