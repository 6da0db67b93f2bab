//! Where the text of variables comes from.

mod dotenv;
mod file;
mod process;
mod vars;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::error::Problem;
use crate::redact;

pub(crate) use self::dotenv::quote;
pub(crate) use self::file::read as read_file;
pub use self::vars::Vars;
pub(crate) use self::vars::borrowed;

/// A set of variables that [`Config::load`](crate::Config::load) reads.
///
/// Implement it for what is neither the process environment nor pairs nor a `.env` file, such as
/// a vault. The names are the variables' own; the rules for `NAME_FILE`, empty values, defaults
/// and secrets hold for every source.
///
/// ```
/// use std::{borrow::Cow, collections::BTreeMap, ffi::OsStr};
/// use tf_config::{Config, Origin, Source, Value};
///
/// struct Vault(BTreeMap<String, String>);
///
/// impl Source for Vault {
///     fn get(&self, name: &str) -> Option<Value<'_>> {
///         self.0.get(name).map(|text| Value::new(OsStr::new(text), Origin::custom("vault")))
///     }
///     fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
///         Box::new(self.0.keys().map(|name| Cow::Borrowed(name.as_str())))
///     }
/// }
///
/// #[derive(Config)]
/// struct Settings {
///     port: u16,
/// }
///
/// let vault = Vault(BTreeMap::from([("PORT".into(), "80".into())]));
/// assert_eq!(Settings::load(&vault)?.value().port, 80);
/// # Ok::<(), tf_config::Error>(())
/// ```
pub trait Source {
    /// Gives the value of the variable with exactly this name.
    fn get(&self, name: &str) -> Option<Value<'_>>;

    /// Lists the names that are set, in any order; they serve the search for misspelt ones.
    ///
    /// Names that are not UTF-8 may be left out.
    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_>;

    /// Whether any name may end in `_FILE`; only saves look-ups.
    #[doc(hidden)]
    fn has_files(&self) -> bool {
        true
    }

    /// Gives what went wrong while the source was read; it is reported with everything else.
    fn problems(&self) -> &[Problem] {
        &[]
    }
}

/// The text of one variable and where it came from.
///
/// It has no `Debug` and no `Display`: whether the text is a secret is not known here.
#[expect(missing_debug_implementations, reason = "the text may be a secret")]
pub struct Value<'a> {
    pub(crate) text: Cow<'a, OsStr>,
    pub(crate) origin: Origin,
    pub(crate) repeated: bool,
}

impl<'a> Value<'a> {
    /// Makes a value from its text, which need not be UTF-8.
    pub fn new(text: impl Into<Cow<'a, OsStr>>, origin: Origin) -> Self {
        Self {
            text: text.into(),
            origin,
            repeated: false,
        }
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A variable of the process environment.
    Environment,
    /// A pair given by the caller.
    Vars,
    /// A line of a `.env` file, counted from 1.
    Dotenv {
        /// The file.
        path: Arc<Path>,
        /// The line.
        line: usize,
    },
    /// A file named by the variable `…_FILE`.
    File(Arc<Path>),
    /// A source of the user's own, by the name it gave itself.
    Custom(Arc<str>),
    /// The default in the code.
    Default,
    /// Nowhere: the variable is optional and not set.
    Unset,
}

impl Origin {
    /// Makes the origin of a source of your own; `label` appears in `describe_values`.
    #[must_use]
    pub fn custom(label: &str) -> Self {
        Self::Custom(label.into())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::Vars => f.write_str("given"),
            Self::Dotenv { path, line } => write!(f, "{}:{line}", path.display()),
            Self::File(path) => write!(f, "file {}", redact::visible(&path.to_string_lossy())),
            Self::Custom(label) => f.write_str(label),
            Self::Default => f.write_str("default"),
            Self::Unset => f.write_str("-"),
        }
    }
}
