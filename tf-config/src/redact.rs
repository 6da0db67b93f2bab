//! What may be shown of a value, and how.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use secrecy::SecretBox;
use secrecy::zeroize::Zeroize;

use crate::section::Visibility;

/// Longer values are cut, so that a report stays readable.
const SHOWN_CHARS: usize = 80;

/// Stands for a value that is not shown.
pub(crate) const HIDDEN: &str = "(hidden)";

/// A value in which control characters cannot forge a line, cut after 80 characters.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    cut(text, SHOWN_CHARS)
}

/// A parser's words, which say more than a value does and are cut later.
pub(crate) fn words(text: &str) -> Cow<'_, str> {
    cut(text, SHOWN_CHARS * 5)
}

fn cut(text: &str, chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(chars) {
        None => escaped(text),
        Some((end, _)) => Cow::Owned(format!("{}… ({} bytes)", escaped(&text[..end]), text.len())),
    }
}

/// Text in which control characters cannot forge a line.
fn escaped(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        // The others are line and paragraph separators and what reverses the direction of text.
        let forges =
            char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match forges {
            true => shown.extend(char.escape_default()),
            false => shown.push(char),
        }
    }
    Cow::Owned(shown)
}

/// A value that its declaration does not call secret, unless it looks like a URL with a password.
pub(crate) fn value(text: &str) -> Cow<'_, str> {
    if may_hold_credentials(text) {
        Cow::Borrowed(HIDDEN)
    } else {
        visible(text)
    }
}

/// Whether `text` may be a URL, or a broken one, that names a user: `…:…@`.
pub(crate) fn may_hold_credentials(text: &str) -> bool {
    let mut colon = false;
    // One look at each byte; nearly every value has neither.
    text.bytes().any(|byte| {
        colon |= byte == b':';
        colon && byte == b'@'
    })
}

/// Whether a parser's words repeat the whole value or a part of its user information.
///
/// The second line of defence behind a type's own promise.
pub(crate) fn repeats(words: &str, value: &str) -> bool {
    // These stand in the texts of parsers that keep their promise.
    const HARMLESS: [&str; 4] = ["user", "username", "password", "host"];
    let value = value.trim();
    let user = value.rfind('@').map_or("", |at| &value[..at]);
    let user = user.split_once("://").map_or(user, |(_, user)| user);
    let mut parts = user.split([':', '@', '/']);
    let repeats = |part: &str| part.len() >= 4 && !HARMLESS.contains(&part) && words.contains(part);
    repeats(value) || parts.any(repeats)
}

/// Whether words of the program's own repeat a secret, or a word or number of it such as an item.
pub(crate) fn repeats_piece(words: &str, secret: &str) -> bool {
    let secret = secret.trim();
    let mut pieces = secret.split(|char: char| !char.is_alphanumeric());
    !secret.is_empty() && words.contains(secret)
        || pieces.any(|piece| piece.len() >= 4 && words.contains(piece))
}

/// Writes a field's `Debug`, unless that would show the password of a URL.
pub struct DebugField<'a, T>(pub &'a T);

impl<T: fmt::Debug> fmt::Debug for DebugField<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if f.alternate() {
            format!("{:#?}", self.0)
        } else {
            format!("{:?}", self.0)
        };
        // The second is how `url::Url` writes a password.
        let leaks = may_hold_credentials(&text) || text.contains("password: Some(");
        f.write_str(if leaks { HIDDEN } else { &text })
    }
}

/// Stands for a secret field in `Debug`: whether it is set is all that is said.
pub struct DebugSecret(bool);

impl DebugSecret {
    /// For a field that is always there; the reference counts as a use of the field.
    pub fn of<T>(_: &T) -> Self {
        Self(true)
    }

    /// For an optional field.
    pub fn of_option<T>(field: &Option<T>) -> Self {
        Self(field.is_some())
    }
}

impl fmt::Debug for DebugSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { HIDDEN } else { "None" })
    }
}

/// Writes text that hides its own secrets, without quotes.
pub struct DebugText(pub String);

impl fmt::Debug for DebugText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells secret types apart, also behind an alias: an inherent constant wins over that of a trait.
#[expect(missing_debug_implementations, reason = "it is never a value")]
pub struct Probe<T: ?Sized>(PhantomData<T>);

#[doc(hidden)]
pub trait NotSecret {
    const VISIBILITY: Visibility = Visibility::Shown;
}

impl<T: ?Sized> NotSecret for Probe<T> {}

#[doc(hidden)]
impl<S: Zeroize + ?Sized> Probe<SecretBox<S>> {
    pub const VISIBILITY: Visibility = Visibility::Secret;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cannot_be_forged() {
        assert_eq!(visible("a\nb\u{1b}[31m\u{202e}"), r"a\nb\u{1b}[31m\u{202e}");
    }

    #[test]
    fn user_information_is_recognised_in_broken_urls_too() {
        for text in [
            "postgres://u:p@h/d",
            "u:p@h",
            "postgres:/u:p@h",
            "https://token@h",
        ] {
            assert!(may_hold_credentials(text), "{text}");
        }
        assert!(!may_hold_credentials("someone@example.org"));
    }
}
