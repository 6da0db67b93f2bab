//! Kubernetes service bindings: a folder for each, a file for each value.

use std::path::{Path, PathBuf};

use super::Attached;
use super::error::{AttachError, Cause};
use super::pieces::{self, Pieces, Value};
use super::source::{Found, Origin};

impl Attached {
    /// Reads `$SERVICE_BINDING_ROOT/name`; a folder without the file `type` is no binding.
    pub(super) fn binding(&self, name: &str) -> Result<Option<Found>, AttachError> {
        let Some(root) = self.variable("SERVICE_BINDING_ROOT")? else {
            return Ok(None);
        };
        // The specification's names need no more, and these cannot leave the folder.
        let is_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if name.is_empty() || name.starts_with("..") || !name.bytes().all(is_name) {
            return Ok(None);
        }
        let folder = PathBuf::from(&*root).join(name);
        let origin = Origin::Binding(folder.clone());
        let Some(service) = self.entry(&folder, &["type"], &origin)? else {
            return Ok(None);
        };
        let read = |names: &[&str]| self.entry(&folder, names, &origin);
        let pieces = Pieces {
            kind: pieces::kind(&service),
            uri: read(&["uri"])?,
            host: read(&["host", "bootstrap-servers", "bootstrapServers"])?,
            port: read(&["port"])?,
            username: read(&["username"])?,
            password: read(&["password"])?,
            resource: read(&["database", "vhost"])?,
        };
        match pieces.into_text() {
            Ok(text) => Ok(Some(Found { text, origin })),
            Err(Cause::Incomplete(name)) if name == "type" => Err(AttachError::new(
                Some(origin),
                Cause::Incomplete("uri".to_owned()),
            )),
            Err(cause) => Err(AttachError::new(Some(origin), cause)),
        }
    }

    /// Reads the first of these files that there is.
    fn entry(
        &self,
        folder: &Path,
        names: &[&str],
        origin: &Origin,
    ) -> Result<Option<Value>, AttachError> {
        for name in names {
            if let Some(text) = self.file(&folder.join(name), origin)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}
