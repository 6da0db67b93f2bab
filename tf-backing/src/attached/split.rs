//! Separate variables for host, port, user, password and name.

use super::Attached;
use super::error::{AttachError, Cause};
use super::pieces::{Pieces, Value};
use super::source::{Found, Origin};
use crate::kind::Kind;

impl Attached {
    /// Reads `PREFIX_HOST` and its siblings.
    pub(super) fn split(&self, kind: Kind, prefix: &str) -> Result<Option<Found>, AttachError> {
        let read = |name: &str| -> Result<Option<Value>, AttachError> {
            Ok(self
                .text(&format!("{prefix}_{name}"))?
                .map(|found| found.text))
        };
        let pieces = Pieces {
            kind: Some(kind),
            uri: None,
            host: read("HOST")?,
            port: read("PORT")?,
            username: read("USER")?,
            password: read("PASSWORD")?,
            resource: read("NAME")?,
        };
        let origin = Origin::Split(prefix.to_owned());
        if pieces.host.is_none() {
            // A host that was forgotten must not look like a service that is not attached.
            return match pieces.username.is_some() || pieces.password.is_some() {
                true => Err(AttachError::new(
                    Some(origin),
                    Cause::Incomplete(format!("{prefix}_HOST")),
                )),
                false => Ok(None),
            };
        }
        match pieces.into_text() {
            Ok(text) => Ok(Some(Found { text, origin })),
            Err(cause) => Err(AttachError::new(Some(origin), cause)),
        }
    }
}
