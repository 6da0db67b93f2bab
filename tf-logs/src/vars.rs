//! The environment variables that a builder may read.

use std::ffi::OsString;

use crate::error::{Fault, Problem};
use crate::process;

/// All of them; nothing else is ever looked at or kept.
const KNOWN: [&str; 21] = [
    "CI",
    "DYNO",
    "FLY_APP_NAME",
    "HEROKU_APP_NAME",
    "HEROKU_RELEASE_VERSION",
    "HEROKU_SLUG_COMMIT",
    "HOSTNAME",
    "K_REVISION",
    "K_SERVICE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "LOG_STREAM",
    "NO_COLOR",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SERVICE_NAME",
    "POD_NAME",
    "RELEASE_ID",
    "RUST_LOG",
    "SERVICE_NAME",
    "SERVICE_VERSION",
    "TERM",
];

/// Known variables and their values; of two with one name the later.
#[derive(Default)]
pub(crate) struct Vars(Vec<(&'static str, OsString)>);

impl Vars {
    pub(crate) fn from_env() -> Self {
        let set = |name| Some((name, process::variable(name)?));
        Self(KNOWN.into_iter().filter_map(set).collect())
    }

    pub(crate) fn from_pairs(pairs: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut vars = Self::default();
        for (name, value) in pairs {
            if let Some(known) = KNOWN.into_iter().find(|known| name == *known) {
                vars.0.retain(|(name, _)| *name != known);
                vars.0.push((known, value));
            }
        }
        vars
    }

    fn raw(&self, name: &str) -> Option<&OsString> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Whether the variable has a value; one that is empty or white space counts as not set.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.first(&[name]).is_some()
    }

    pub(crate) fn is_dumb_terminal(&self) -> bool {
        self.raw("TERM").is_some_and(|term| term == "dumb")
    }

    /// The first of them that is set, trimmed. Bytes that are not UTF-8 become U+FFFD: a name of this kind
    /// must not keep a service from starting.
    pub(crate) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let text = self.raw(name)?.to_string_lossy();
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        })
    }

    /// The first of them that is set, with its name, for a value that must be right.
    pub(crate) fn strict(
        &self,
        names: &[&'static str],
    ) -> Result<Option<(&'static str, &str)>, Problem> {
        let Some(name) = names.iter().find(|name| self.is_set(name)) else {
            return Ok(None);
        };
        let value = self.raw(name).and_then(|value| value.to_str());
        match value {
            Some(text) => Ok(Some((name, text))),
            None => Err(Problem::at(Some(name), Fault::NotUnicode)),
        }
    }
}
