//! A configuration together with what was seen while it was read.

use std::borrow::Cow;
use std::fmt;

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
    values: Vec<Resolved>,
    warnings: Vec<Warning>,
}

impl<T> Loaded<T> {
    pub(crate) fn new(value: T, values: Vec<Resolved>, warnings: Vec<Warning>) -> Self {
        Self {
            value,
            values,
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
    pub fn values(&self) -> &[Resolved] {
        &self.values
    }

    /// Writes a table of variable, value and origin, one variable a line, without any secret.
    #[must_use]
    pub fn describe_values(&self) -> String {
        let width = |text: fn(&Resolved) -> &str| {
            self.values
                .iter()
                .map(|value| text(value).chars().count())
                .max()
                .unwrap_or(0)
        };
        let (names, values) = (width(Resolved::variable), width(Resolved::text));
        let lines = self.values.iter().map(|value| {
            let (name, text) = (value.variable(), value.text());
            format!("{name:names$}  {text:values$}  {}\n", value.origin())
        });
        lines.collect()
    }

    /// Gives a fingerprint of the configuration: equal settings have equal fingerprints.
    ///
    /// It is the 64-bit FNV-1a hash over the name and the shown text of each variable in the order
    /// of declaration. Of a secret only whether it is set goes into it, so that it may be logged
    /// and compared between instances without helping anybody to guess.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.values.iter().fold(FNV_OFFSET, |hash, value| {
            let hash = fnv(hash, value.variable().as_bytes());
            let hash = fnv(hash, &[0, value.shown.tag()]);
            fnv(fnv(hash, value.shown.full_text().as_bytes()), &[0])
        })
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// One variable as it was resolved.
#[derive(Clone, Debug)]
pub struct Resolved {
    leaf: &'static Leaf,
    variable: Cow<'static, str>,
    /// Borrowed where no struct is around it.
    field: Cow<'static, str>,
    origin: Origin,
    shown: Shown,
}

/// What may be shown of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// The whole text, and the text for people where that differs.
    Text {
        full: String,
        visible: Option<String>,
    },
    Hidden,
    NotSet,
    /// Made by a function of the program; there is no text.
    Made,
}

impl Shown {
    pub(crate) fn of_text(text: &str) -> Self {
        if redact::may_hold_credentials(text) {
            return Self::Hidden;
        }
        Self::of_redacted(text)
    }

    pub(crate) fn of_redacted(text: &str) -> Self {
        let visible = match redact::visible(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(visible) => Some(visible),
        };
        Self::Text {
            full: text.to_owned(),
            visible,
        }
    }

    fn tag(&self) -> u8 {
        match self {
            Self::Text { .. } => b't',
            Self::Hidden => b'h',
            Self::NotSet => b'n',
            Self::Made => b'm',
        }
    }

    fn full_text(&self) -> &str {
        match self {
            Self::Text { full, .. } => full,
            _ => "",
        }
    }
}

impl Resolved {
    pub(crate) fn new(
        leaf: &'static Leaf,
        variable: Cow<'static, str>,
        field: Cow<'static, str>,
        origin: Origin,
        shown: Shown,
    ) -> Self {
        Self {
            leaf,
            variable,
            field,
            origin,
            shown,
        }
    }

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
        self.leaf.is_secret()
    }

    /// Gives what may be shown: the text, `(empty)`, `(hidden)`, `(not set)`, or `(made)` for a default
    /// that a function makes.
    ///
    /// Long text is cut, and control characters are written as escapes.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.shown {
            Shown::Text { full, .. } if full.is_empty() => "(empty)",
            Shown::Text { full, visible } => visible.as_deref().unwrap_or(full),
            Shown::Hidden => redact::HIDDEN,
            Shown::NotSet => "(not set)",
            Shown::Made => "(made)",
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
        object.serialize_field("value", self.text())?;
        object.serialize_field("secret", &self.is_secret())?;
        object.serialize_field("origin", &self.origin.to_string())?;
        object.end()
    }
}
