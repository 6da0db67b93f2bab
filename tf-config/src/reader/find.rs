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
    Empty(Name),
    /// Reported already.
    Problem,
}

pub(super) struct Text<'s> {
    /// The name by which the value was given.
    pub(super) name: Name,
    pub(super) text: Cow<'s, OsStr>,
    pub(super) origin: Origin,
}

/// The complete name of a variable.
type Name = Cow<'static, str>;

impl<'s> Reader<'s> {
    /// The value under the current name, else under the others in order; all are looked at.
    pub(super) fn find(&mut self, leaf: &'static Leaf) -> Found<'s> {
        let mut found = self.find_name(leaf, self.name(leaf));
        for (other, deprecated) in leaf.other_names() {
            found = self.find_other(leaf, found, other, deprecated);
        }
        match &found {
            Found::Text(text) if leaf.is_secret() => self.warn_of_newline(text),
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
        found: Found<'s>,
        other: &'static str,
        deprecated: bool,
    ) -> Found<'s> {
        if matches!(found, Found::Text(_) | Found::Problem) {
            if self.set_name(leaf, other.to_owned()).is_some() {
                let current = self.name(leaf);
                let words =
                    format!("is another name of {current} and was not used, as both are set");
                self.warn(WarningKind::Superseded, other, words);
            }
            return found;
        }
        match self.find_name(leaf, Cow::Borrowed(other)) {
            Found::Nothing => found,
            Found::Text(text) => {
                if deprecated {
                    let current = self.name(leaf);
                    let words = format!("is deprecated; use {current} (the value was used)");
                    self.warn(WarningKind::Deprecated, other, words);
                }
                Found::Text(text)
            }
            other => other,
        }
    }

    /// The value under one name.
    fn find_name(&mut self, leaf: &'static Leaf, name: Name) -> Found<'s> {
        let direct = self.source.get(&name);
        let file = match leaf.file && self.has_files {
            true => self
                .source
                .get(&format!("{name}_FILE"))
                .filter(|path| !path.text.is_empty()),
            false => None,
        };
        match (direct, file) {
            (None, None) => Found::Nothing,
            (Some(value), None) => self.take(leaf, name, value),
            (None, Some(path)) => self.read(leaf, &name, &path.text),
            (Some(value), Some(path)) if is_blank(&value.text) => {
                let words = format!("is set but empty; {name}_FILE is used");
                self.warn(WarningKind::Empty, name.clone(), words);
                self.read(leaf, &name, &path.text)
            }
            (Some(_), Some(_)) => {
                let words = format!("both {name} and {name}_FILE are set");
                let problem = Problem::new(ProblemKind::BothSet, name, words);
                self.report(leaf, problem.with_hint("unset one of them"));
                Found::Problem
            }
        }
    }

    fn take(&mut self, leaf: &'static Leaf, name: Name, value: Value<'s>) -> Found<'s> {
        if value.repeated {
            self.warn(WarningKind::Repeated, name.clone(), "is set more than once");
        }
        if leaf.allow_empty || !counts_as_empty(leaf, &value.text) {
            return Found::Text(Text {
                name,
                text: value.text,
                origin: value.origin,
            });
        }
        let instead = match leaf.presence {
            Presence::Required => return Found::Empty(name),
            Presence::Optional => "it counts as not set".to_owned(),
            Presence::Default(_) if leaf.is_secret() => "the default is used".to_owned(),
            Presence::Default("") => "the default, which is empty, is used".to_owned(),
            Presence::Default(text) => format!("the default {text} is used"),
            Presence::DefaultWith(_) => "the default is used".to_owned(),
        };
        self.warn(
            WarningKind::Empty,
            name,
            format!("is set but empty; {instead}"),
        );
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
                name: Cow::Owned(variable),
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

    fn warn_of_newline(&mut self, found: &Text<'_>) {
        if found.text.as_encoded_bytes().ends_with(b"\n") {
            let words = "ends in a newline, which is kept";
            self.warn(WarningKind::TrailingNewline, found.name.clone(), words);
        }
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
