//! What differs from server to server.

use std::process::Command;

use super::place::Place;

/// A user's name with everything that a URL must encode.
pub(super) const USER: &str = "tf#/?@:%";
/// A password with everything that a URL must encode.
pub(super) const PASSWORD: &str = "p#/?@:%w";

/// How a server is set up, started, and asked whether it is ready.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// In lower case; `TF_TEST_<NAME>_URL` names another server.
    pub(super) name: &'static str,
    pub(super) scheme: &'static str,
    /// The user and password; `None` if everybody may enter.
    pub(super) login: Option<(&'static str, &'static str)>,
    /// The path of the URL, encoded.
    pub(super) path: &'static str,
    /// Fills the folder, once.
    pub(super) prepare: fn(&Place),
    /// Adds the program and its arguments to a command line.
    pub(super) start: fn(&Place, &mut Command),
    /// What a client says first; nothing if the server does.
    pub(super) hello: &'static [u8],
    /// Whether this is the answer of a server that takes clients.
    pub(super) is_ready: fn(&[u8]) -> bool,
    /// The signal for an orderly stop.
    pub(super) stop: &'static str,
    /// The signal for an end without regard to the data.
    pub(super) discard: &'static str,
}
