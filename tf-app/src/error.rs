//! What is wrong with an app.

use std::fmt;

use tf_config::Config;

use crate::standard::Standard;

/// All that is wrong with how an app is put together; at least one thing is.
///
/// It depends on neither arguments nor environment, so a test that calls [`App::check`](crate::App::check) finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    problems: Vec<String>,
}

impl Error {
    /// An error, if there are problems.
    pub(crate) fn unless_empty(problems: Vec<String>) -> Result<(), Self> {
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Self { problems }),
        }
    }

    /// Lists what is wrong.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the app is put together wrongly:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The words that cannot be the name of a worker: they are process types already.
const TAKEN: [&str; 2] = ["all", "web"];

/// What is wrong with the names of process types.
pub(crate) fn bad_names<'a>(workers: impl Iterator<Item = &'a str>, webs: usize) -> Vec<String> {
    let mut problems = Vec::new();
    if webs > 1 {
        problems.push("there is more than one `web`".to_owned());
    }
    let mut seen = Vec::new();
    for name in workers {
        let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && name.len() <= 40;
        if !is_plain {
            problems.push(format!(
                "`{name}` cannot be the name of a worker; expected at most 40 small letters, digits and `-`, a letter \
                 first"
            ));
        }
        if TAKEN.contains(&name) {
            problems.push(format!("`{name}` cannot be the name of a worker"));
        }
        if seen.contains(&name) {
            problems.push(format!("there is more than one worker `{name}`"));
        }
        seen.push(name);
    }
    problems
}

/// The variables that the service declares although they are standard ones.
pub(crate) fn clashes<S: Config>() -> Vec<String> {
    let own = S::reference();
    let clash = own.variables().iter().filter_map(|variable| {
        let others = variable.aliases().iter().chain(variable.deprecated());
        let mut names = others.copied().chain([variable.name()]);
        let name = names.find(|name| Standard::has(name))?;
        let field = variable.field();
        Some(format!(
            "`{name}` is a standard variable; the field `{field}` of the configuration cannot read it"
        ))
    });
    clash.collect()
}
