//! Finds the text of a variable: under which name, directly or in a file.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

use super::Reader;
use crate::error::{Problem, ProblemKind, WarningKind};
use crate::section::{Kind, Leaf, Presence, Section};
use crate::source::{Origin, Value, read_file};

pub(super) enum Found<'s> {
    Text(Text<'s>),
    Nothing,
    /// Reported already.
    Problem,
}

pub(super) struct Text<'s> {
    /// The name by which the value was given.
    pub(super) name: String,
    pub(super) text: Cow<'s, OsStr>,
    pub(super) origin: Origin,
}

impl<'s> Reader<'s> {
    /// The value under the current name, else under the others in order; all are looked at.
    pub(super) fn find(&mut self, leaf: &'static Leaf) -> Found<'s> {
        let mut name = std::mem::take(&mut self.name);
        leaf.name.write(&self.scopes[self.scope].prefix, &mut name);
        let mut found = self.find_name(leaf, &mut name);
        if !leaf.aliases.is_empty() || !leaf.deprecated.is_empty() {
            found = self.find_others(leaf, &name, found);
        }
        if let (Found::Text(text), true) = (&found, leaf.is_secret()) {
            self.warn_of_newline(text);
        }
        self.name = name;
        found
    }

    fn find_others(&mut self, leaf: &'static Leaf, current: &str, first: Found<'s>) -> Found<'s> {
        let mut best = first;
        for (other, deprecated) in leaf.other_names() {
            let mut name = other.to_owned();
            let found = self.find_name(leaf, &mut name);
            if matches!(found, Found::Nothing) {
                continue;
            }
            match &best {
                Found::Nothing => {
                    if deprecated {
                        let words = format!("is deprecated; use {current} (the value was used)");
                        self.warn(WarningKind::Deprecated, name, words);
                    }
                    best = found;
                }
                _ => {
                    let words =
                        format!("is another name of {current} and was not used, as both are set");
                    self.warn(WarningKind::Superseded, name, words);
                }
            }
        }
        best
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
        if self.is_unset(leaf, name, &value.text) {
            return Found::Nothing;
        }
        if value.text.is_empty() && !leaf.allow_empty || self.is_blank_required(leaf, &value.text) {
            return self.reject_empty(leaf, name);
        }
        Found::Text(Text {
            name: name.to_owned(),
            text: value.text,
            origin: value.origin,
        })
    }

    /// Whether an empty value gives way to a default, with a warning.
    fn is_unset(&mut self, leaf: &'static Leaf, name: &str, text: &OsStr) -> bool {
        if leaf.allow_empty || !counts_as_empty(leaf, text) {
            return false;
        }
        let instead = match leaf.presence {
            Presence::Required => return false,
            Presence::Optional => "it counts as not set".to_owned(),
            Presence::Default(_) if leaf.is_secret() => "the default is used".to_owned(),
            Presence::Default("") => "the default, which is empty, is used".to_owned(),
            Presence::Default(text) => format!("the default {text} is used"),
            Presence::DefaultWith(_) => "the default is used".to_owned(),
        };
        self.warn_of_empty(name, &instead);
        true
    }

    fn is_blank_required(&self, leaf: &'static Leaf, text: &OsStr) -> bool {
        matches!(leaf.presence, Presence::Required) && !leaf.allow_empty && is_blank(text)
    }

    fn reject_empty(&mut self, leaf: &'static Leaf, name: &str) -> Found<'s> {
        let problem = super::explain::empty(leaf, name);
        self.report(leaf, problem);
        Found::Problem
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
                name: variable,
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

    fn warn_of_newline(&mut self, found: &Text<'_>) {
        if found.text.as_encoded_bytes().ends_with(b"\n") {
            self.warn(
                WarningKind::TrailingNewline,
                found.name.clone(),
                "ends in a newline, which is kept",
            );
        }
    }

    /// The first name below `section` that is set to something.
    pub(super) fn first_set(&self, section: &'static Section, prefix: &str) -> Option<String> {
        let mut first = None;
        section.walk_under(prefix, &mut |place| {
            if first.is_some() {
                return;
            }
            let others = place.leaf.other_names().map(|(name, _)| name.to_owned());
            for name in [place.name()].into_iter().chain(others) {
                let file = format!("{name}_FILE");
                let is_set = |name: &str| {
                    self.source
                        .get(name)
                        .is_some_and(|value| !is_blank(&value.text))
                };
                first = match is_set(&name) {
                    true => Some(name),
                    false => Some(file).filter(|file| place.leaf.file && is_set(file)),
                };
                if first.is_some() {
                    return;
                }
            }
        });
        first
    }
}

/// White space alone is empty, except for text that is kept exactly as it is.
fn counts_as_empty(leaf: &Leaf, text: &OsStr) -> bool {
    text.is_empty()
        || is_blank(text) && !(matches!(leaf.kind, Kind::Scalar) && (leaf.shape)().is_exact())
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
    fn only_exact_text_may_be_white_space() {
        let text = Leaf::NEW;
        let number = Leaf {
            shape: || Shape::Bool,
            ..Leaf::NEW
        };
        let blank = OsStr::new(" \n");
        assert!(!counts_as_empty(&text, blank) && counts_as_empty(&number, blank));
        assert!(counts_as_empty(&text, OsStr::new("")));
    }
}
