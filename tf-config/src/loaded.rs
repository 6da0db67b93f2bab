//! A configuration together with what was seen while it was read.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::error::Warning;
use crate::redact;
use crate::section::Leaf;
use crate::source::Origin;

/// A configuration with its warnings and the origin of each value.
///
/// `Debug` and `Serialize` are left out on purpose, as the value may hold secrets;
/// [`values`](Self::values) has what may be shown.
///
/// ```
/// use tf_config::{Config, Origin, Vars};
///
/// #[derive(Config)]
/// struct Settings {
///     #[config(default = 5000)]
///     port: u16,
///     #[config(secret)]
///     token: String,
/// }
///
/// let loaded = Settings::load(&Vars::from_vars([("TOKEN", "t0psecret")]))?;
/// assert_eq!(loaded.values()[0].origin(), &Origin::Default);
/// assert!(!loaded.describe_values().contains("t0psecret"));
/// assert_eq!(loaded.into_value().port, 5000);
/// # Ok::<(), tf_config::Error>(())
/// ```
#[expect(missing_debug_implementations, reason = "the value may hold secrets")]
pub struct Loaded<T> {
    value: T,
    seen: Seen,
    warnings: Vec<Warning>,
}

impl<T> Loaded<T> {
    pub(crate) fn new(value: T, seen: Seen, warnings: Vec<Warning>) -> Self {
        Self {
            value,
            seen,
            warnings,
        }
    }

    /// Gives the configuration.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Takes the configuration out.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// Lists what was noticed, in the order of declaration.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Lists every variable with its origin and what may be shown of its value.
    #[must_use]
    pub fn values(&self) -> Vec<Resolved> {
        self.seen.resolve()
    }

    /// Writes a table of variable, value and origin, one variable a line, without any secret.
    #[must_use]
    pub fn describe_values(&self) -> String {
        let values = self.values();
        let rows: Vec<_> = values
            .iter()
            .map(|value| (value.variable(), value.text(), value.origin()))
            .collect();
        let names = rows
            .iter()
            .map(|(name, ..)| name.chars().count())
            .max()
            .unwrap_or(0);
        let texts = rows
            .iter()
            .map(|(_, text, _)| text.chars().count())
            .max()
            .unwrap_or(0);
        let lines = rows
            .iter()
            .map(|(name, text, origin)| format!("{name:names$}  {text:texts$}  {origin}\n"));
        lines.collect()
    }

    /// Gives a fingerprint of the configuration: equal settings have equal fingerprints.
    ///
    /// It is the 64-bit FNV-1a hash over the name and the shown text of each variable in the order
    /// of declaration. Of a secret only whether it is set goes into it, so that it may be logged
    /// and compared between instances without helping anybody to guess.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint_of(|_| true)
    }

    /// Gives the fingerprint of some variables, for a configuration of which a part differs between
    /// processes that are meant to be equal, as their port does.
    #[must_use]
    pub fn fingerprint_of(&self, counts: impl Fn(&str) -> bool) -> u64 {
        self.seen.fingerprint(counts)
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// What a reader notes for each variable: no more than it must, as few ever look at it.
#[derive(Default)]
pub(crate) struct Seen {
    notes: Vec<Note>,
    /// The texts of all that may be shown, one after the other.
    texts: String,
    /// The prefixes and the paths of fields under which the variables stand.
    scopes: Vec<(String, String)>,
}

struct Note {
    leaf: &'static Leaf,
    /// The place of its scope.
    scope: usize,
    origin: Origin,
    shown: Shown<Range<usize>>,
}

/// What may be shown of a value.
#[derive(Clone, Debug)]
pub(crate) enum Shown<T> {
    Text(T),
    Hidden,
    NotSet,
    /// Made by a function of the program; there is no text.
    Made,
}

impl Seen {
    pub(crate) fn with_room_for(variables: usize) -> Self {
        Self {
            notes: Vec::with_capacity(variables),
            ..Self::default()
        }
    }

    pub(crate) fn note(
        &mut self,
        leaf: &'static Leaf,
        scope: usize,
        origin: Origin,
        shown: Shown<&str>,
    ) {
        let shown = shown.map(|text| {
            let start = self.texts.len();
            self.texts.push_str(text);
            start..self.texts.len()
        });
        self.notes.push(Note {
            leaf,
            scope,
            origin,
            shown,
        });
    }

    /// Adds the scopes to which the notes refer.
    pub(crate) fn within(mut self, scopes: impl Iterator<Item = (String, String)>) -> Self {
        self.scopes.extend(scopes);
        self
    }

    fn fingerprint(&self, counts: impl Fn(&str) -> bool) -> u64 {
        let mut hash = FNV_OFFSET;
        for note in &self.notes {
            let (prefix, _) = &self.scopes[note.scope];
            let variable = note.leaf.full_name(prefix);
            if !counts(&variable) {
                continue;
            }
            let (tag, text) = match &note.shown {
                Shown::Text(range) => (b't', &self.texts[range.clone()]),
                Shown::Hidden => (b'h', ""),
                Shown::NotSet => (b'n', ""),
                Shown::Made => (b'm', ""),
            };
            hash = fnv(hash, variable.as_bytes());
            hash = fnv(fnv(fnv(hash, &[0, tag]), text.as_bytes()), &[0]);
        }
        hash
    }

    fn resolve(&self) -> Vec<Resolved> {
        let resolved = self.notes.iter().map(|note| {
            let (prefix, path) = &self.scopes[note.scope];
            Resolved {
                variable: note.leaf.full_name(prefix),
                field: format!("{path}{}", note.leaf.field),
                is_secret: note.leaf.is_secret(),
                origin: note.origin.clone(),
                shown: note.shown.clone().map(|range| self.texts[range].to_owned()),
            }
        });
        resolved.collect()
    }
}

/// One variable as it was resolved.
#[derive(Clone, Debug)]
pub struct Resolved {
    variable: String,
    field: String,
    is_secret: bool,
    origin: Origin,
    shown: Shown<String>,
}

impl<T> Shown<T> {
    fn map<U>(self, text: impl FnOnce(T) -> U) -> Shown<U> {
        match self {
            Self::Text(shown) => Shown::Text(text(shown)),
            Self::Hidden => Shown::Hidden,
            Self::NotSet => Shown::NotSet,
            Self::Made => Shown::Made,
        }
    }
}

impl Shown<&str> {
    /// The text itself, unless it looks like a URL with a user name.
    pub(crate) fn of(text: &str) -> Shown<&str> {
        if redact::may_hold_credentials(text) {
            Shown::Hidden
        } else {
            Shown::Text(text)
        }
    }
}

impl Resolved {
    /// Names the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Names the field in the code, such as `mail.host`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Says where the value came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Tells whether the field is secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Gives what may be shown: the text, `(empty)`, `(hidden)`, `(not set)`, or `(made)` for a default
    /// that a function makes.
    ///
    /// Long text is cut, and control characters are written as escapes.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.shown {
            Shown::Text(text) if text.is_empty() => Cow::Borrowed("(empty)"),
            Shown::Text(text) => redact::visible(text),
            Shown::Hidden => Cow::Borrowed(redact::HIDDEN),
            Shown::NotSet => Cow::Borrowed("(not set)"),
            Shown::Made => Cow::Borrowed("(made)"),
        }
    }
}

impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={} ({})", self.variable, self.text(), self.origin)
    }
}

impl Serialize for Resolved {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Resolved", 5)?;
        object.serialize_field("variable", &self.variable)?;
        object.serialize_field("field", &self.field)?;
        object.serialize_field("value", &*self.text())?;
        object.serialize_field("secret", &self.is_secret())?;
        object.serialize_field("origin", &self.origin.to_string())?;
        object.end()
    }
}
