//! Reads a struct field by field and keeps everything that is wrong.

mod check;
mod explain;
mod find;
mod finish;

use std::borrow::Cow;
use std::fmt;

use crate::config::Config;
use crate::decode::{Bad, Input, Shape};
use crate::error::{Problem, Warning, WarningKind};
use crate::loaded::{Seen, Shown};
use crate::section::{self, Entry, Group, Leaf, Presence, Section, Visibility};
use crate::source::{Origin, Source};

use self::find::Found;

/// What generated code passes for a leaf beside its static description.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "it holds functions alone")]
pub struct Door<T> {
    pub decode: fn(&Input<'_>) -> Result<T, Bad>,
    /// For `redacted` fields: the `Display` that hides its own secrets.
    pub show: Option<fn(&T) -> String>,
    pub default_with: Option<fn() -> T>,
}

/// The state of one load.
#[expect(
    missing_debug_implementations,
    reason = "it holds values, which may be secrets"
)]
pub struct Reader<'s> {
    source: &'s dyn Source,
    has_files: bool,
    purpose: Purpose,
    scopes: Vec<Scope>,
    /// The scope of the fields that are being read.
    scope: usize,
    /// The place in the order of declaration.
    order: usize,
    seen: Seen,
    /// Names that are not set, which a misspelt one may have meant.
    unset: Vec<String>,
    problems: Vec<(usize, Problem)>,
    warnings: Vec<Warning>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// Only the value is wanted.
    Value,
    /// Values are kept with their origins, and warnings are made.
    Report,
    /// The declaration itself is tested: every default is decoded, nothing is missing.
    Check,
}

pub(crate) struct Scope {
    prefix: String,
    /// Whether `prefix` is the struct's own, so that its names are known as they stand.
    is_root: bool,
    /// The fields that lead here, each followed by a dot.
    path: String,
    /// The variable because of which an optional group is read.
    trigger: Option<String>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s dyn Source, section: &'static Section, purpose: Purpose) -> Self {
        let root = Scope {
            prefix: section.prefix.to_owned(),
            is_root: true,
            path: String::new(),
            trigger: None,
        };
        let kept = if purpose == Purpose::Report {
            section::count_leaves(section.entries)
        } else {
            0
        };
        Self {
            source,
            has_files: source.has_files(),
            purpose,
            scopes: vec![root],
            scope: 0,
            order: 0,
            seen: Seen::with_room_for(kept),
            unset: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// A field whose value is there in the end: given, or by default.
    pub fn leaf<T>(&mut self, leaf: &'static Leaf, door: &Door<T>) -> Option<T> {
        self.order += 1;
        if self.purpose == Purpose::Check {
            return self.check(leaf, door);
        }
        match self.find(leaf) {
            Found::Text(value) => self.decode(leaf, door, value),
            Found::Nothing => self.default(leaf, door),
            Found::Problem | Found::Empty(_) => None,
        }
    }

    /// A field of type `Option`: the outer `None` says that the value is wrong.
    pub fn optional<T>(&mut self, leaf: &'static Leaf, door: &Door<T>) -> Option<Option<T>> {
        self.order += 1;
        if self.purpose == Purpose::Check {
            return self.check(leaf, door).map(Some);
        }
        match self.find(leaf) {
            Found::Text(value) => self.decode(leaf, door, value).map(Some),
            Found::Nothing => {
                self.note(leaf, Origin::Unset, Shown::NotSet);
                self.note_unset(leaf);
                Some(None)
            }
            Found::Problem | Found::Empty(_) => None,
        }
    }

    /// A struct within the struct.
    pub fn group<T: Config>(&mut self, group: &'static Group) -> Option<T> {
        self.enter(group, None, |reader| T::read(reader))
    }

    /// A struct that is there when any of its variables is set.
    pub fn optional_group<T: Config>(&mut self, group: &'static Group) -> Option<Option<T>> {
        let prefix = group.prefix(&self.scopes[self.scope].prefix);
        match self.first_set(group.section, &prefix) {
            None if self.purpose != Purpose::Check => {
                self.enter(group, None, |reader| reader.skip(group.section));
                Some(None)
            }
            trigger => self
                .enter(group, trigger, |reader| T::read(reader))
                .map(Some),
        }
    }

    /// Makes an optional field required, because `condition` holds for another one.
    pub fn required_if<T>(
        &mut self,
        section: &'static Section,
        index: usize,
        field: &Option<Option<T>>,
        condition: Option<bool>,
    ) {
        if self.purpose != Purpose::Check && matches!((field, condition), (Some(None), Some(true)))
        {
            self.missing_by_condition(section, index);
        }
    }

    /// The struct, if the user's check lets it pass.
    pub fn validated<T: Config, E: fmt::Display>(
        &mut self,
        value: T,
        verdict: Result<(), E>,
    ) -> Option<T> {
        match verdict {
            Ok(()) => Some(value),
            Err(words) => {
                self.reject_struct(T::SECTION, &words.to_string());
                None
            }
        }
    }

    fn enter<R>(
        &mut self,
        group: &'static Group,
        trigger: Option<String>,
        read: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let outer = &self.scopes[self.scope];
        let mut path = outer.path.clone();
        if !group.field.is_empty() {
            path.push_str(group.field);
            path.push('.');
        }
        let trigger = trigger.or_else(|| outer.trigger.clone());
        let scope = Scope {
            prefix: group.prefix(&outer.prefix),
            is_root: group.root,
            path,
            trigger,
        };
        self.scopes.push(scope);
        let outer = std::mem::replace(&mut self.scope, self.scopes.len() - 1);
        let result = read(self);
        self.scope = outer;
        result
    }

    /// Notes the variables of an optional group that is not there.
    fn skip(&mut self, section: &'static Section) {
        for entry in section.entries {
            match entry {
                Entry::Group(group) => self.enter(group, None, |reader| reader.skip(group.section)),
                Entry::Leaf(leaf) => {
                    self.order += 1;
                    let name = self.name(leaf);
                    if self.source.get(&name).is_some() {
                        let words = "is set but empty; it counts as not set";
                        self.warn(WarningKind::Empty, name, words);
                    }
                    self.note(leaf, Origin::Unset, Shown::NotSet);
                    self.note_unset(leaf);
                }
            }
        }
    }

    fn decode<T>(
        &mut self,
        leaf: &'static Leaf,
        door: &Door<T>,
        found: find::Text<'s>,
    ) -> Option<T> {
        let shape = (leaf.shape)();
        let input = Input::new(&found.text, &shape, leaf.kind);
        match input.and_then(|input| Ok(((door.decode)(&input)?, input.text))) {
            Ok((value, text)) => {
                match (leaf.display, door.show) {
                    _ if self.purpose != Purpose::Report => {}
                    (Visibility::Secret, _) => self.note(leaf, found.origin, Shown::Hidden),
                    (Visibility::Redacted, Some(show)) => {
                        self.note(leaf, found.origin, Shown::Text(&show(&value)));
                    }
                    _ if shape == Shape::Os => {
                        self.note(leaf, found.origin, Shown::of(&found.text.to_string_lossy()));
                    }
                    _ => self.note(leaf, found.origin, Shown::of(text)),
                }
                Some(value)
            }
            Err(bad) => {
                let text = found.text.to_string_lossy();
                let problem = explain::bad_value(leaf, &shape, found.name, &text, bad);
                self.report(leaf, problem);
                None
            }
        }
    }

    fn default<T>(&mut self, leaf: &'static Leaf, door: &Door<T>) -> Option<T> {
        let value = match leaf.presence {
            Presence::Required | Presence::Optional => {
                let problem = self.missing(leaf);
                self.report(leaf, problem);
                self.note_unset(leaf);
                return None;
            }
            Presence::Default(text) => match decode_default(leaf, door, text) {
                Ok(value) => value,
                Err(bad) => {
                    let problem = explain::bad_default(leaf, self.name(leaf), text, bad);
                    self.report(leaf, problem);
                    return None;
                }
            },
            Presence::DefaultWith(_) => door.default_with.map(|make| make())?,
        };
        let origin = Origin::Default;
        match (leaf.display, leaf.presence, door.show) {
            (Visibility::Secret, ..) => self.note(leaf, origin, Shown::Hidden),
            (Visibility::Redacted, _, Some(show)) => {
                self.note(leaf, origin, Shown::Text(&show(&value)));
            }
            (_, Presence::Default(text), _) => self.note(leaf, origin, Shown::of(text)),
            _ => self.note(leaf, origin, Shown::Made),
        }
        self.note_unset(leaf);
        Some(value)
    }

    /// The current name of the variable.
    fn name(&self, leaf: &'static Leaf) -> Cow<'static, str> {
        let scope = &self.scopes[self.scope];
        match scope.is_root {
            true => Cow::Borrowed(leaf.full),
            false => Cow::Owned(leaf.full_name(&scope.prefix)),
        }
    }

    fn note(&mut self, leaf: &'static Leaf, origin: Origin, shown: Shown<&str>) {
        if self.purpose == Purpose::Report {
            self.seen.note(leaf, self.scope, origin, shown);
        }
    }

    fn note_unset(&mut self, leaf: &'static Leaf) {
        let name = self.name(leaf);
        self.unset.push(name.into_owned());
    }

    fn warn(&mut self, kind: WarningKind, variable: impl Into<String>, message: impl Into<String>) {
        self.warnings
            .push(Warning::new(kind, variable.into(), message));
    }

    fn report(&mut self, leaf: &'static Leaf, problem: Problem) {
        let field = format!("{}{}", self.scopes[self.scope].path, leaf.field);
        let doc = leaf.doc.lines().next().unwrap_or("");
        self.problems
            .push((self.order, problem.of_field(field, doc)));
    }
}

/// Whether a value is what `text` from the declaration would give.
pub fn equals<T: PartialEq>(leaf: &Leaf, door: &Door<T>, value: &T, text: &str) -> bool {
    decode_default(leaf, door, text).is_ok_and(|wanted| wanted == *value)
}

fn decode_default<T>(leaf: &Leaf, door: &Door<T>, text: &str) -> Result<T, Bad> {
    let shape = (leaf.shape)();
    (door.decode)(&Input::new(text.as_ref(), &shape, leaf.kind)?)
}
