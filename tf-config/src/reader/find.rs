//! Finds the text of a variable: under which name, directly or in a file.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

use super::{Reader, explain};
use crate::error::{Problem, ProblemKind, WarningKind};
use crate::section::{Kind, Leaf, Presence, Section};
use crate::source::{Origin, Value, read_file};

pub(super) enum Found<'s> {
    Text(Text<'s>),
    Nothing,
    /// Set to nothing under this name, although a value is required.
    Empty(String),
    /// Reported already.
    Problem,
}

pub(super) struct Text<'s> {
    pub(super) name: GivenName,
    pub(super) text: Cow<'s, OsStr>,
    pub(super) origin: Origin,
}

/// The name by which a value was given.
pub(super) enum GivenName {
    Current,
    Other(String),
}

impl GivenName {
    pub(super) fn in_full(self, current: impl FnOnce() -> String) -> String {
        match self {
            Self::Current => current(),
            Self::Other(name) => name,
        }
    }
}

impl<'s> Reader<'s> {
    /// The value under the current name, else under the others in order; all are looked at.
    pub(super) fn find(&mut self, leaf: &'static Leaf) -> Found<'s> {
        let mut name = std::mem::take(&mut self.name);
        leaf.name.write(&self.scopes[self.scope].prefix, &mut name);
        let mut found = self.find_name(leaf, &mut name);
        for (other, deprecated) in leaf.other_names() {
            found = self.find_other(leaf, &name, found, other, deprecated);
        }
        self.name = name;
        match &found {
            Found::Text(text) if leaf.is_secret() => self.warn_of_newline(leaf, text),
            Found::Empty(name) => {
                self.report(leaf, explain::empty(leaf, name));
                return Found::Problem;
            }
            _ => {}
        }
        found
    }

    fn find_other(
        &mut self,
        leaf: &'static Leaf,
        current: &str,
        found: Found<'s>,
        other: &str,
        deprecated: bool,
    ) -> Found<'s> {
        if matches!(found, Found::Text(_) | Found::Problem) {
            if self.set_name(leaf, other.to_owned()).is_some() {
                let words =
                    format!("is another name of {current} and was not used, as both are set");
                self.warn(WarningKind::Superseded, other.to_owned(), words);
            }
            return found;
        }
        match self.find_name(leaf, &mut other.to_owned()) {
            Found::Nothing => found,
            Found::Text(mut text) => {
                if deprecated {
                    let words = format!("is deprecated; use {current} (the value was used)");
                    self.warn(WarningKind::Deprecated, other.to_owned(), words);
                }
                text.name = GivenName::Other(text.name.in_full(|| other.to_owned()));
                Found::Text(text)
            }
            other => other,
        }
    }

    /// The value under one name. `name` is as it was when this returns.
    fn find_name(&mut self, leaf: &'static Leaf, name: &mut String) -> Found<'s> {
        let direct = self.source.get(name);
        let file = if leaf.file {
            name.push_str("_FILE");
            let file = self.source.get(name);
            name.truncate(name.len() - "_FILE".len());
            file.filter(|path| !path.text.is_empty())
        } else {
            None
        };
        match (direct, file) {
            (None, None) => Found::Nothing,
            (Some(value), None) => self.take(leaf, name, value),
            (None, Some(path)) => self.read(leaf, name, &path.text),
            (Some(value), Some(path)) if is_blank(&value.text) => {
                self.warn_of_empty(name, &format!("{name}_FILE is used"));
                self.read(leaf, name, &path.text)
            }
            (Some(_), Some(_)) => {
                let words = format!("both {name} and {name}_FILE are set");
                let problem = Problem::new(ProblemKind::BothSet, name.as_str(), words);
                self.report(leaf, problem.with_hint("unset one of them"));
                Found::Problem
            }
        }
    }

    fn take(&mut self, leaf: &'static Leaf, name: &str, value: Value<'s>) -> Found<'s> {
        if value.repeated {
            self.warn(
                WarningKind::Repeated,
                name.to_owned(),
                "is set more than once",
            );
        }
        if leaf.allow_empty || !counts_as_empty(leaf, &value.text) {
            return Found::Text(Text {
                name: GivenName::Current,
                text: value.text,
                origin: value.origin,
            });
        }
        let instead = match leaf.presence {
            Presence::Required => return Found::Empty(name.to_owned()),
            Presence::Optional => "it counts as not set".to_owned(),
            Presence::Default(_) if leaf.is_secret() => "the default is used".to_owned(),
            Presence::Default("") => "the default, which is empty, is used".to_owned(),
            Presence::Default(text) => format!("the default {text} is used"),
            Presence::DefaultWith(_) => "the default is used".to_owned(),
        };
        self.warn_of_empty(name, &instead);
        Found::Nothing
    }

    fn read(&mut self, leaf: &'static Leaf, name: &str, path: &OsStr) -> Found<'s> {
        let path = Path::new(path);
        let variable = format!("{name}_FILE");
        match read_file(path, leaf.is_secret()) {
            Ok(text) if counts_as_empty(leaf, &text) && !leaf.allow_empty => {
                let problem = Problem::new(ProblemKind::Empty, variable, "the file is empty");
                self.report(leaf, problem);
                Found::Problem
            }
            Ok(text) => Found::Text(Text {
                name: GivenName::Other(variable),
                text: Cow::Owned(text),
                origin: Origin::File(path.into()),
            }),
            Err(error) => {
                self.report(
                    leaf,
                    Problem::new(ProblemKind::File, variable, error.to_string()),
                );
                Found::Problem
            }
        }
    }

    fn warn_of_empty(&mut self, name: &str, instead: &str) {
        self.warn(
            WarningKind::Empty,
            name.to_owned(),
            format!("is set but empty; {instead}"),
        );
    }

    fn warn_of_newline(&mut self, leaf: &'static Leaf, found: &Text<'_>) {
        if !found.text.as_encoded_bytes().ends_with(b"\n") {
            return;
        }
        let name = match &found.name {
            GivenName::Current => self.full_name(leaf),
            GivenName::Other(name) => name.clone(),
        };
        self.warn(
            WarningKind::TrailingNewline,
            name,
            "ends in a newline, which is kept",
        );
    }

    /// The first name below `section` that is set to something.
    pub(super) fn first_set(&self, section: &'static Section, prefix: &str) -> Option<String> {
        let mut first = None;
        section.walk_under(prefix, &mut |place| {
            if first.is_none() {
                let others = place.leaf.other_names().map(|(name, _)| name.to_owned());
                let mut names = [place.name()].into_iter().chain(others);
                first = names.find_map(|name| self.set_name(place.leaf, name));
            }
        });
        first
    }

    /// The name, or the name of its file, if it is set to something.
    fn set_name(&self, leaf: &Leaf, name: String) -> Option<String> {
        let file = leaf.file.then(|| format!("{name}_FILE"));
        let mut names = [Some(name), file].into_iter().flatten();
        names.find(|name| {
            self.source
                .get(name)
                .is_some_and(|value| !is_blank(&value.text))
        })
    }
}

/// White space alone is empty, except for text that need not be there, which is kept as it is.
fn counts_as_empty(leaf: &Leaf, text: &OsStr) -> bool {
    let is_exact = || matches!(leaf.kind, Kind::Scalar) && (leaf.shape)().is_exact();
    let is_required = || matches!(leaf.presence, Presence::Required);
    text.is_empty() || is_blank(text) && (is_required() || !is_exact())
}

fn is_blank(text: &OsStr) -> bool {
    // A value begins with something visible nearly always, and then this is cheap.
    text.as_encoded_bytes().iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Shape;

    #[test]
    fn only_exact_text_that_is_not_required_may_be_white_space() {
        let required = Leaf::NEW;
        let text = Leaf {
            presence: Presence::Optional,
            ..Leaf::NEW
        };
        let number = Leaf {
            presence: Presence::Optional,
            shape: || Shape::Bool,
            ..Leaf::NEW
        };
        let blank = OsStr::new(" \n");
        assert!(counts_as_empty(&required, blank) && counts_as_empty(&number, blank));
        assert!(!counts_as_empty(&text, blank) && counts_as_empty(&text, OsStr::new("")));
    }
}
