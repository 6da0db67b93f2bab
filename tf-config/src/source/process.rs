//! The one door to the process environment.

use std::env;

use super::Origin;
use super::vars::Vars;

impl Vars {
    /// Takes a snapshot of the process environment.
    ///
    /// Names and values need not be UTF-8: only a variable that the configuration declares is
    /// ever looked at. Where a name occurs twice, the first one counts, as it does for `getenv`.
    #[must_use]
    pub fn from_env() -> Self {
        Self::collect(env::vars_os, Origin::Environment)
    }
}
