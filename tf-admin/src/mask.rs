//! What keeps secrets out of every text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::{fmt, str};

use secrecy::{ExposeSecret, SecretString};

const MASK: &str = "***";

/// A shorter text would be found everywhere.
const SHORTEST: usize = 3;

/// A part of a secret is masked if it has at least so many bytes, and half of the secret's.
const SHORTEST_PIECE: usize = 8;

/// The secrets of one run; clones share them.
#[derive(Clone, Default)]
pub(crate) struct Mask {
    secrets: Arc<RwLock<Vec<SecretString>>>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask(***)")
    }
}

impl Mask {
    /// Masks this text from now on: as it is, as `Debug` and JSON write it, and line by line.
    pub(crate) fn add(&self, secret: &str) {
        let debug = secret.escape_debug().to_string();
        let json = serde_json::to_string(secret).unwrap_or_default();
        let json = json.trim_matches('"');
        let trimmed = secret.trim();
        let lines = trimmed.lines().map(str::trim);
        let forms = [secret, &debug, json, trimmed].into_iter().chain(lines);
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms {
            let known = secrets.iter().any(|known| known.expose_secret() == form);
            if form.len() >= SHORTEST && !known {
                secrets.push(form.into());
            }
        }
        // The longest first, so that none hides a part of another one.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    /// The text with every secret, and every large piece of one, replaced.
    pub(crate) fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        let mut hidden = vec![false; if secrets.is_empty() { 0 } else { text.len() }];
        for secret in secrets.iter() {
            let secret = secret.expose_secret();
            cover(text, secret, &mut hidden);
        }
        if hidden.contains(&true) {
            Cow::Owned(replace(text, &hidden))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// Marks the bytes of the text that belong to the secret.
fn cover(text: &str, secret: &str, hidden: &mut [bool]) {
    for (start, found) in text.match_indices(secret) {
        hidden[start..start + found.len()].fill(true);
    }
    let width = SHORTEST_PIECE.max(secret.len().div_ceil(2));
    if secret.len() > width && text.len() >= width {
        let pieces: HashSet<&[u8]> = secret.as_bytes().windows(width).collect();
        for (start, window) in text.as_bytes().windows(width).enumerate() {
            if pieces.contains(window) {
                hidden[start..start + width].fill(true);
            }
        }
    }
}

/// A character is replaced if any of its bytes is hidden; neighbours become one mask.
fn replace(text: &str, hidden: &[bool]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut within = false;
    for (start, char) in text.char_indices() {
        let hide = hidden[start..start + char.len_utf8()].contains(&true);
        if hide && !within {
            shown.push_str(MASK);
        } else if !hide {
            shown.push(char);
        }
        within = hide;
    }
    shown
}

/// The text with control characters and separators of lines escaped, so that it stays one line.
pub(crate) fn one_line(text: &str) -> String {
    escape(text, |char| char.is_control() || is_deceptive(char)).into_owned()
}

/// The text without what steers a terminal; its lines stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |char| {
        (char.is_control() && char != '\n') || is_deceptive(char)
    })
}

/// Separators of lines and marks that turn the direction of writing (UAX #9).
fn is_deceptive(char: char) -> bool {
    matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if is_escaped(char) {
            escaped.extend(char.escape_default());
        } else {
            escaped.push(char);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(secret: &str) -> Mask {
        let mask = Mask::default();
        mask.add(secret);
        mask
    }

    #[test]
    fn a_secret_is_replaced_in_every_form_it_takes() {
        let secret = "pa\"ss\nwörd\\x";
        let mask = mask(secret);
        for text in [
            format!("plain {secret} end"),
            format!("debug {secret:?} end"),
            format!("json {} end", serde_json::to_string(secret).unwrap()),
            "line wörd\\x end".to_owned(),
        ] {
            let shown = mask.apply(&text);
            assert!(shown.contains(MASK) && shown.ends_with("end"), "{shown}");
            assert!(!shown.contains("rd\\") && !shown.contains("pa"), "{shown}");
        }
    }

    #[test]
    fn a_cut_secret_is_replaced_too() {
        let shown = mask("s3cr3t-marker-0123456789");
        let shown = shown.apply("found s3cr3t-marker-01 and marker-0123456789!");
        assert_eq!(shown, "found *** and ***!");
    }

    #[test]
    fn text_without_a_secret_is_left_alone() {
        assert_eq!(Mask::default().apply("hello"), "hello");
        assert_eq!(mask("s3cr3t").apply("hello"), "hello");
        assert_eq!(mask("").apply("hello"), "hello");
    }

    #[test]
    fn escaped_text_is_one_line() {
        let text = one_line("a\r\nb\u{1b}[2J\u{2028}c\u{202e}d");
        assert!(
            !text
                .chars()
                .any(|char| char.is_control() || is_deceptive(char))
        );
        assert!(text.contains('a') && text.contains('d'), "{text}");
    }
}
