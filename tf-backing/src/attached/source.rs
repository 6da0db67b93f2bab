//! Reading variables and files, the process's or given ones.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Attached;
use super::error::{AttachError, Cause};
use crate::process;

/// Where variables are looked up.
pub(crate) enum Variables {
    Process,
    Given(BTreeMap<OsString, OsString>),
}

/// Where files are read.
pub(crate) enum Files {
    Disk,
    Given(BTreeMap<PathBuf, Vec<u8>>),
}

/// The place of an attached resource: a name or a path, never a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// A variable.
    Variable(String),
    /// A file that a variable names.
    File {
        /// The variable, such as `DATABASE_URL_FILE`.
        variable: String,
        /// The file.
        path: PathBuf,
    },
    /// The folder of a service binding.
    Binding(PathBuf),
    /// A service in `VCAP_SERVICES`, by its name.
    Vcap(String),
    /// Separate variables that start like this.
    Split(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "`{name}`"),
            Self::File { variable, path } => write!(f, "file `{}` of `{variable}`", visible(path)),
            Self::Binding(path) => write!(f, "service binding `{}`", visible(path)),
            Self::Vcap(name) => write!(f, "service `{name}` in `VCAP_SERVICES`"),
            Self::Split(prefix) => write!(f, "`{prefix}_HOST` and its siblings"),
        }
    }
}

/// A path in which control characters cannot forge a line.
fn visible(path: &Path) -> String {
    path.to_string_lossy().escape_debug().to_string()
}

/// The text of a locator and where it was found.
pub(super) struct Found {
    pub(super) text: Zeroizing<String>,
    pub(super) origin: Origin,
}

impl Attached {
    /// Reads a variable or the file that its `_FILE` twin names.
    pub(super) fn text(&self, name: &str) -> Result<Option<Found>, AttachError> {
        let twin = format!("{name}_FILE");
        let value = self.variable(name)?;
        let Some(path) = self.variable(&twin)? else {
            let origin = Origin::Variable(name.to_owned());
            return Ok(value.map(|text| Found { text, origin }));
        };
        if value.is_some() {
            let origin = Origin::Variable(name.to_owned());
            return Err(AttachError::new(Some(origin), Cause::FileToo(twin)));
        }
        let path = PathBuf::from(&*path);
        let existing = match &self.files {
            Files::Disk => process::existing_part(&path),
            Files::Given(given) => given.contains_key(&path).then_some(&*path),
        };
        // A path that leads nowhere may be the value itself, in the wrong variable.
        let origin = match existing == Some(&path) {
            true => Origin::File {
                variable: twin,
                path: path.clone(),
            },
            false => Origin::Variable(twin),
        };
        let Some(text) = self.file(&path, &origin)? else {
            let part =
                existing.map(|part| format!("; of its path, only `{}` is there", visible(part)));
            return Err(AttachError::new(
                Some(origin),
                Cause::Absent(part.unwrap_or_default()),
            ));
        };
        Ok(Some(Found { text, origin }))
    }

    /// Reads a variable; set but empty is a mistake.
    pub(super) fn variable(&self, name: &str) -> Result<Option<Zeroizing<String>>, AttachError> {
        let value = match &self.variables {
            Variables::Process => process::variable(name),
            Variables::Given(given) => given.get(&OsString::from(name)).cloned(),
        };
        let Some(value) = value else {
            return Ok(None);
        };
        let origin = || Some(Origin::Variable(name.to_owned()));
        match value.into_string() {
            Ok(text) if text.trim().is_empty() => Err(AttachError::new(origin(), Cause::Empty)),
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(_) => Err(AttachError::new(origin(), Cause::NotUtf8)),
        }
    }

    /// Reads a file without the line break at its end; `None` if it does not exist.
    pub(super) fn file(
        &self,
        path: &Path,
        origin: &Origin,
    ) -> Result<Option<Zeroizing<String>>, AttachError> {
        let fail = |cause| AttachError::new(Some(origin.clone()), cause);
        let bytes = match &self.files {
            Files::Disk => process::read(path),
            Files::Given(given) => given
                .get(path)
                .cloned()
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(Cause::Unreadable(error))),
        };
        let mut text = Zeroizing::new(String::from_utf8(bytes).map_err(|_| fail(Cause::NotUtf8))?);
        let end = text.strip_suffix('\n').map_or(text.len(), |line| {
            line.strip_suffix('\r').unwrap_or(line).len()
        });
        text.truncate(end);
        match text.trim().is_empty() {
            true => Err(fail(Cause::Empty)),
            false => Ok(Some(text)),
        }
    }
}
