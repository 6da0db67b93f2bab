//! The options of a locator: ordered, repeatable, shown only where harmless.

use std::fmt;

use crate::kind::Kind;
use crate::known::{self, Class};

/// The options of a locator in the order written.
///
/// Names are compared as the kind's clients do: without case for MySQL and MongoDB, exactly
/// elsewhere.
///
/// ```
/// let db: tf_backing::Locator = "postgres://db/x?sslmode=require&sslpassword=hunter2".parse()?;
/// let options = db.options();
/// assert_eq!(options.get("sslmode").and_then(|value| value.shown()), Some("require"));
/// assert_eq!(options.get("sslpassword").map(|value| value.expose_value()), Some("hunter2"));
/// assert_eq!(format!("{options:?}"), r#"{"sslmode": require, "sslpassword": ***}"#);
/// # Ok::<(), tf_backing::ParseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Options<'a> {
    kind: Kind,
    /// Name, NUL, value, NUL for each option; a third NUL where no `=` is written.
    text: &'a str,
}

impl<'a> Options<'a> {
    pub(crate) fn new(kind: Kind, text: &'a str) -> Self {
        Self { kind, text }
    }

    /// Returns the value of an option, the last one where it is repeated.
    pub fn get(&self, name: &str) -> Option<OptionValue<'a>> {
        self.get_all(name).last()
    }

    /// Returns every value of an option, in order.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = OptionValue<'a>> {
        let fold = self.kind.rules().fold_keys;
        self.iter()
            .filter(move |(key, _)| *key == name || (fold && key.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value)
    }

    /// Returns every name with its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, OptionValue<'a>)> + use<'a> {
        let kind = self.kind;
        pairs(self.text).map(move |(name, text)| {
            let harmless = known::class(kind, name) == Class::Harmless;
            (name, OptionValue { text, harmless })
        })
    }

    /// Returns whether there are no options.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text of the last option of this name.
    pub(crate) fn last(&self, name: &str) -> Option<&'a str> {
        let fold = self.kind.rules().fold_keys;
        let same = |key: &str| key == name || (fold && key.eq_ignore_ascii_case(name));
        let value = pairs(self.text).filter(|(key, _)| same(key)).last()?.1;
        Some(value.unwrap_or_default())
    }

    /// Every name with its text, where a `=` is written.
    pub(crate) fn raw(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        pairs(self.text)
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The decoded value of an option, hidden unless its name is known to be harmless.
///
/// `Debug` and `Display` show `***` for a hidden one.
#[derive(Clone, Copy)]
pub struct OptionValue<'a> {
    text: Option<&'a str>,
    harmless: bool,
}

impl<'a> OptionValue<'a> {
    /// Returns the value if it may be shown.
    pub fn shown(&self) -> Option<&'a str> {
        self.text.filter(|_| self.harmless)
    }

    /// Returns the value, secret or not; empty where no `=` is written.
    pub fn expose_value(&self) -> &'a str {
        self.text.unwrap_or_default()
    }
}

impl fmt::Display for OptionValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.text {
            Some(text) if self.harmless => text,
            Some(_) => HIDDEN,
            None => "",
        })
    }
}

impl fmt::Debug for OptionValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What stands in the place of a secret.
pub(crate) const HIDDEN: &str = "***";

fn pairs(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once('\0')?;
        let (value, after) = after.split_once('\0')?;
        let (value, after) = match after.strip_prefix('\0') {
            Some(after) => (None, after),
            None => (Some(value), after),
        };
        rest = after;
        Some((name, value))
    })
}

/// Ends the option whose name and value stand at the end of `text`.
pub(crate) fn end_pair(text: &mut String, has_value: bool) {
    text.push_str(if has_value { "\0" } else { "\0\0" });
}
