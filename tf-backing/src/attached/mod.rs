//! Where locators come from: variables, files, mounted bindings, the platform's JSON.

mod binding;
mod error;
mod pieces;
mod source;
mod split;
#[cfg(feature = "vcap")]
mod vcap;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

pub use error::{AttachError, AttachErrorKind};
pub(crate) use source::{Files, Variables};

use crate::error::ParseError;
use crate::kind::Kind;
use crate::locator::Locator;
use error::Cause;
use source::Found;
pub use source::Origin;

/// Finds an attached resource in the environment.
///
/// The places are tried in the order they are added; the first that has something decides, and
/// what it has must be valid. Nothing is merged and nothing is remembered: ask again for a value
/// that the platform has rotated.
///
/// For services without a typed configuration; the places are
///
/// | place | what it reads |
/// |---|---|
/// | [`var`](Self::var) | the variable `NAME`, or the file that `NAME_FILE` names |
/// | [`or_binding`](Self::or_binding) | the folder `$SERVICE_BINDING_ROOT/name` of a Kubernetes service binding |
/// | [`or_vcap_tag`](Self::or_vcap_tag), `or_vcap_name` | `VCAP_SERVICES`, or the file that `VCAP_SERVICES_FILE_PATH` names |
/// | [`or_split`](Self::or_split) | `PREFIX_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `_NAME`, each also as `…_FILE` |
///
/// ```
/// use tf_backing::{Attached, MySql};
///
/// let vars = [("DATABASE_URL", "mysql://app:s3cret@db/orders")];
/// let db: MySql = Attached::from_vars(vars).var("DATABASE_URL").or_binding("orders-db").get()?;
/// assert_eq!(db.database(), Some("orders"));
/// # Ok::<(), tf_backing::AttachError>(())
/// ```
#[must_use = "nothing is read until `get` or `find`"]
pub struct Attached {
    variables: Variables,
    files: Files,
    places: Vec<Look>,
    password: Option<String>,
}

/// A place to look.
#[derive(Debug)]
enum Look {
    Variable(String),
    Binding(String),
    #[cfg(feature = "vcap")]
    Vcap(vcap::Select),
    Split(Kind, String),
}

impl Attached {
    pub(crate) fn new(variables: Variables, files: Files) -> Self {
        Self {
            variables,
            files,
            places: Vec::new(),
            password: None,
        }
    }

    /// Looks into the given variables, and on disk for the files they name.
    pub fn from_vars<I, N, V>(variables: I) -> Self
    where
        I: IntoIterator<Item = (N, V)>,
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let given = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self::new(Variables::Given(given.collect()), Files::Disk)
    }

    /// Takes the given paths and contents for the file system.
    pub fn files<I, P, C>(mut self, files: I) -> Self
    where
        I: IntoIterator<Item = (P, C)>,
        P: Into<PathBuf>,
        C: Into<Vec<u8>>,
    {
        let given = files
            .into_iter()
            .map(|(path, content)| (path.into(), content.into()));
        self.files = Files::Given(given.collect());
        self
    }

    /// Adds a variable, or the file that the variable with `_FILE` after its name names.
    pub fn var(mut self, name: impl Into<String>) -> Self {
        self.places.push(Look::Variable(name.into()));
        self
    }

    /// Adds a Kubernetes service binding, by the name of its folder.
    pub fn or_binding(mut self, name: impl Into<String>) -> Self {
        self.places.push(Look::Binding(name.into()));
        self
    }

    /// Adds the one service in `VCAP_SERVICES` with this tag or label.
    #[cfg(feature = "vcap")]
    pub fn or_vcap_tag(mut self, tag: impl Into<String>) -> Self {
        self.places.push(Look::Vcap(vcap::Select::Tag(tag.into())));
        self
    }

    /// Adds the one service in `VCAP_SERVICES` with this name.
    #[cfg(feature = "vcap")]
    pub fn or_vcap_name(mut self, name: impl Into<String>) -> Self {
        self.places
            .push(Look::Vcap(vcap::Select::Name(name.into())));
        self
    }

    /// Adds separate variables that start with `prefix` and `_`.
    ///
    /// `_HOST` is required; `_PORT`, `_USER`, `_PASSWORD` and `_NAME`, the resource, are not.
    pub fn or_split(mut self, kind: Kind, prefix: impl Into<String>) -> Self {
        self.places.push(Look::Split(kind, prefix.into()));
        self
    }

    /// Reads the password from this variable, or its file, for a URL that has none.
    pub fn password_var(mut self, name: impl Into<String>) -> Self {
        self.password = Some(name.into());
        self
    }

    /// Returns the attached resource, as a [`Locator`] or as a typed view.
    ///
    /// # Errors
    ///
    /// Fails if no place has it, or if the first that has it holds something wrong; the error
    /// says where, and nothing of what stands there.
    pub fn get<T>(&self) -> Result<T, AttachError>
    where
        T: FromStr<Err = ParseError> + Into<Locator>,
    {
        match self.find()? {
            Some(attachment) => Ok(attachment.value),
            None => Err(AttachError::new(None, Cause::Missing(self.names()))),
        }
    }

    /// Returns the attached resource with its origin; `None` if no place has it.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), but for a resource that no place has.
    pub fn find<T>(&self) -> Result<Option<Attachment<T>>, AttachError>
    where
        T: FromStr<Err = ParseError> + Into<Locator>,
    {
        for place in &self.places {
            let found = match place {
                Look::Variable(name) => self.text(name)?,
                Look::Binding(name) => self.binding(name)?,
                #[cfg(feature = "vcap")]
                Look::Vcap(select) => self.vcap(select)?,
                Look::Split(kind, prefix) => self.split(*kind, prefix)?,
            };
            if let Some(found) = found {
                return self.attach(found).map(Some);
            }
        }
        Ok(None)
    }

    fn attach<T>(&self, found: Found) -> Result<Attachment<T>, AttachError>
    where
        T: FromStr<Err = ParseError> + Into<Locator>,
    {
        let invalid = |error| AttachError::new(Some(found.origin.clone()), Cause::Invalid(error));
        let mut value: T = found.text.parse().map_err(invalid)?;
        if let Some(name) = &self.password {
            if let Some(password) = self.text(name)? {
                let mut locator: Locator = value.into();
                if locator.password.is_some() {
                    return Err(AttachError::new(Some(password.origin), Cause::TwoPasswords));
                }
                locator.password = Some(password.text.as_str().into());
                value = Zeroizing::new(locator.expose_url())
                    .parse()
                    .map_err(invalid)?;
            }
        }
        let origin = found.origin;
        Ok(Attachment { value, origin })
    }

    /// What was looked for, for the error.
    fn names(&self) -> Vec<String> {
        let name = |place: &Look| match place {
            Look::Variable(name) => format!("`{name}` or `{name}_FILE`"),
            Look::Binding(name) => format!("a service binding named `{name}`"),
            #[cfg(feature = "vcap")]
            Look::Vcap(select) => format!("a service {select} in `VCAP_SERVICES`"),
            Look::Split(_, prefix) => format!("`{prefix}_HOST`"),
        };
        self.places.iter().map(name).collect()
    }
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

/// An attached resource and the place it came from.
#[derive(Debug, Clone)]
pub struct Attachment<T> {
    value: T,
    origin: Origin,
}

impl<T> Attachment<T> {
    /// Returns the resource.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the resource without its origin.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Returns the place it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}
