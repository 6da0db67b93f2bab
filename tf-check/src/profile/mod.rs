//! What cannot be guessed about a program.

mod read;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::client::Request;
use crate::error::Problem;
use crate::{Error, Factor};

/// A program, and what its owner says about it: what the checks cannot guess.
///
/// # Examples
///
/// ```
/// use tf_check::Profile;
///
/// let profile = Profile::parse("path = \"/health\"\n[variables.GREETING]\nvalue = \"hello\"\nrequired = true")
///     .expect("a good profile")
///     .program("target/debug/app", ["web"]);
/// let error = Profile::parse("pth = \"/health\"").unwrap_err();
/// assert!(error.problems()[0].contains("did you mean `path`?"));
/// ```
#[derive(Clone)]
pub struct Profile {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) port: String,
    pub(crate) release: String,
    pub(crate) files: Option<PathBuf>,
    pub(crate) source: Option<PathBuf>,
    pub(crate) path: String,
    pub(crate) ready: Option<String>,
    pub(crate) slow: Option<String>,
    pub(crate) touch: Option<String>,
    pub(crate) startup: Option<f64>,
    pub(crate) prepare: Vec<Vec<String>>,
    pub(crate) version: Option<Vec<String>>,
    pub(crate) config: Option<Vec<String>>,
    pub(crate) libraries: Option<Vec<String>>,
    pub(crate) logs_on_stderr: bool,
    pub(crate) variables: Vec<Variable>,
    pub(crate) share: Option<Share>,
    pub(crate) admin: Admin,
    pub(crate) processes: Vec<(String, Vec<String>)>,
    pub(crate) declared: BTreeMap<Factor, String>,
    pub(crate) joel: BTreeMap<usize, String>,
}

/// A variable of the program.
#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) required: bool,
    pub(crate) junk: Option<String>,
    /// A URL with `{sink}` where the address of the service stands.
    pub(crate) service: Option<String>,
    /// What other variables hold when this one names that service.
    pub(crate) along: Vec<(String, String)>,
}

/// State that all instances must share.
#[derive(Clone)]
pub(crate) struct Share {
    pub(crate) write: Request,
    pub(crate) read: Request,
}

/// One-off tasks.
#[derive(Clone, Default)]
pub(crate) struct Admin {
    pub(crate) list: Option<Vec<String>>,
    pub(crate) task: Option<Vec<String>>,
    pub(crate) unknown: Option<Vec<String>>,
    pub(crate) interrupt: Option<Vec<String>>,
    pub(crate) json: bool,
}

impl Profile {
    /// A program about which nothing is known.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            ..read::empty()
        }
    }

    /// Reads a profile from text. Its paths are relative to the current folder; the program is named by
    /// [`Profile::program`].
    ///
    /// # Errors
    ///
    /// Fails with all mistakes at once.
    pub fn parse(text: &str) -> Result<Self, Error> {
        read::profile(text, Path::new("")).map_err(|problems| {
            let path = "(text)".to_owned();
            Problem::Profile { path, problems }.into()
        })
    }

    /// Reads a profile from a file. Its paths are relative to the folder of the file.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, and with all mistakes in it at once.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| Problem::Unreadable {
            path: shown.clone(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(
            read::profile(&text, folder).map_err(|problems| Problem::Profile {
                path: shown,
                problems,
            })?,
        )
    }

    /// The program, as a path or a name on the `PATH`, and its arguments.
    #[must_use]
    pub fn program(
        mut self,
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.program = program.into();
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// A variable for every start, over one of the same name in the profile.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        match self
            .variables
            .iter_mut()
            .find(|variable| variable.name == name)
        {
            Some(variable) => variable.value = value,
            None => self.variables.push(Variable {
                name,
                value,
                required: false,
                junk: None,
                service: None,
                along: Vec::new(),
            }),
        }
        self
    }

    /// The program and its arguments, as a shell would take them.
    pub(crate) fn command_line(&self) -> String {
        let program = self.program.display().to_string();
        let words = [&program].into_iter().chain(&self.arguments);
        let quoted = words.map(|word| {
            let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@%+,".contains(char);
            match word.chars().all(plain) && !word.is_empty() {
                true => word.clone(),
                false => format!("'{}'", word.replace('\'', r"'\''")),
            }
        });
        quoted.collect::<Vec<_>>().join(" ")
    }
}

/// Names the variables and hides what they hold.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self
            .variables
            .iter()
            .map(|variable| &*variable.name)
            .collect();
        f.debug_struct("Profile")
            .field("program", &self.program)
            .field("variables", &names)
            .finish_non_exhaustive()
    }
}
