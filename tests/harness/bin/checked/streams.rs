//! Standard output and error.

use std::fmt::Display;
use std::io::{self, Write};

/// A line on standard output; panics if nobody reads it, as `println` does.
pub(crate) fn say(text: impl Display) {
    writeln!(io::stdout(), "{text}").expect("somebody reads");
}

/// A line on standard error, for whoever reads it.
pub(crate) fn complain(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
