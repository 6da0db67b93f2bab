//! Puts problems into words, from what is known about the field and never from a secret.

use std::borrow::Cow;
use std::path::Path;

use super::Reader;
use crate::decode::{Bad, Shape, Why};
use crate::error::{Problem, ProblemKind};
use crate::expected::{self, expected};
use crate::hint;
use crate::redact;
use crate::section::{self, Entry, Group, Kind, Leaf, Presence, Section, Visibility};
use crate::source::read_file;

impl Reader<'_> {
    pub(super) fn missing(&self, leaf: &'static Leaf) -> Problem {
        let scope = &self.scopes[self.scope];
        let reason = match &scope.trigger {
            Some(trigger) => format!(" (needed because {trigger} is set)"),
            None => String::new(),
        };
        missing(leaf, self.name(leaf).into_owned(), &reason)
    }

    pub(super) fn missing_by_condition(&mut self, section: &'static Section, index: usize) {
        let prefix = self.scopes[self.scope].prefix.clone();
        let (leaves, condition) = match &section.entries[index] {
            Entry::Leaf(leaf) => (vec![(leaf, prefix.clone())], leaf.required_if),
            Entry::Group(group) => (required_leaves(group, &prefix), group.required_if),
        };
        let Some(condition) = condition else { return };
        let reason = format!(" (needed because {})", condition.words(&prefix));
        // All fields have been read by now; the problem belongs where its field stands.
        let last = self.order;
        self.order = last - section::count_leaves(&section.entries[index..]) + 1;
        for (leaf, prefix) in leaves {
            let problem = missing(leaf, leaf.full_name(&prefix), &reason);
            self.report(leaf, problem);
        }
        self.order = last;
    }

    /// Reports the words of a check of the whole struct, unless they repeat a secret.
    pub(super) fn reject_struct(&mut self, section: &'static Section, words: &str) {
        let scope = &self.scopes[self.scope];
        let words = match self.repeats_secret(section, words) || redact::may_hold_credentials(words)
        {
            true => {
                "refused by the program's own check, whose words may hold a secret and are hidden"
                    .to_owned()
            }
            false => redact::words(words).into_owned(),
        };
        let field = scope.path.trim_end_matches('.').to_owned();
        let name = if scope.prefix.is_empty() {
            String::new()
        } else {
            format!("{}_*", scope.prefix)
        };
        let problem = Problem::new(ProblemKind::Rejected, name, words).of_field(field, "");
        self.problems.push((self.order, problem));
    }

    fn repeats_secret(&self, section: &'static Section, words: &str) -> bool {
        let mut repeats = false;
        section.walk_under(&self.scopes[self.scope].prefix, &mut |place| {
            if place.leaf.display == Visibility::Shown {
                return;
            }
            let others = place.leaf.other_names().map(|(name, _)| name.to_owned());
            for name in [place.name()].into_iter().chain(others) {
                let direct = self.source.get(&name).map(|value| value.text);
                let path = self.source.get(&format!("{name}_FILE"));
                let read = path.and_then(|path| read_file(Path::new(&path.text), true).ok());
                let mut texts = direct.into_iter().chain(read.map(Cow::Owned));
                repeats |= texts.any(|text| match (place.leaf.display, text.to_string_lossy()) {
                    (Visibility::Secret, text) => redact::repeats_piece(words, &text),
                    (_, text) => redact::repeats(words, &text),
                });
            }
        });
        repeats
    }
}

fn required_leaves(group: &'static Group, prefix: &str) -> Vec<(&'static Leaf, String)> {
    let mut leaves = Vec::new();
    group
        .section
        .walk_under(&group.prefix(prefix), &mut |place| {
            if matches!(place.leaf.presence, Presence::Required) && !place.is_in_optional_group() {
                leaves.push((place.leaf, place.prefix.to_owned()));
            }
        });
    leaves
}

fn missing(leaf: &'static Leaf, name: String, reason: &str) -> Problem {
    let secret = if leaf.is_secret() { ", secret" } else { "" };
    let expected = expected(leaf);
    let words = format!("missing{reason}; expected {expected}{secret}");
    let problem = Problem::new(ProblemKind::Missing, &*name, words).expecting(expected);
    match leaf.file {
        true if leaf.is_secret() => {
            problem.with_hint(format!("set it, or {name}_FILE to the path of a file"))
        }
        _ => problem,
    }
}

pub(super) fn empty(leaf: &'static Leaf, name: &str) -> Problem {
    let expected = expected(leaf);
    let words = format!("set but empty; expected {expected}");
    Problem::new(ProblemKind::Empty, name, words).expecting(expected)
}

pub(super) fn unsupported(leaf: &'static Leaf, name: impl Into<String>, what: &str) -> Problem {
    let words = format!("the type reads {what}, which no single variable holds");
    let hint = "mark the field `nested`, `list`, `map` or `from_str`, or write the type `Duration` by that name";
    Problem::new(ProblemKind::Unsupported, name, words)
        .expecting(expected(leaf))
        .with_hint(hint)
}

pub(super) fn broken_promise(leaf: &'static Leaf, name: impl Into<String>) -> Problem {
    let words = "the type is marked `redacted` but shows the password of a URL";
    Problem::new(ProblemKind::Unsupported, name, words)
        .expecting(expected(leaf))
        .with_hint("mark the field `secret`")
}

pub(super) fn bad_default(
    leaf: &'static Leaf,
    name: Cow<'static, str>,
    text: &str,
    bad: Bad,
) -> Problem {
    let problem = bad_value(leaf, &(leaf.shape)(), name.clone(), text, bad);
    let words = format!("the default in the code is {}", problem.message());
    Problem::new(ProblemKind::Default, name, words).expecting(problem.expected())
}

/// What is wrong with a text that is there.
pub(super) fn bad_value(
    leaf: &'static Leaf,
    shape: &Shape,
    variable: Cow<'static, str>,
    text: &str,
    bad: Bad,
) -> Problem {
    if let Why::Unsupported(what) = bad.why {
        return unsupported(leaf, variable, what);
    }
    let kind = match bad.why {
        Why::NotUnicode => ProblemKind::NotUnicode,
        Why::OutOfRange => ProblemKind::OutOfRange,
        Why::Rejected(_) => ProblemKind::Rejected,
        _ => ProblemKind::Invalid,
    };
    let wanted = expected(leaf);
    let mut words = match kind {
        ProblemKind::NotUnicode => "not UTF-8".to_owned(),
        ProblemKind::Rejected => "refused by the program's own check".to_owned(),
        _ => format!("not {wanted}"),
    };
    if !bad.items.is_empty() {
        words.push_str(&items(&bad.items, leaf.kind));
    }
    if leaf.display == Visibility::Shown && kind != ProblemKind::NotUnicode {
        let shown = redact::value(text);
        words.push_str(&if shown == redact::HIDDEN {
            " (the value is hidden)".into()
        } else {
            format!(": \"{shown}\"")
        });
    } else if kind == ProblemKind::NotUnicode && matches!(leaf.kind, Kind::Scalar) {
        words.push_str(&format!("; expected {wanted}"));
    }
    if let Some(said) = what_was_said(leaf, &bad.why, text) {
        words.push_str(&format!("; {said}"));
    }
    let hint = value_hint(leaf, shape, &variable, text);
    let problem = Problem::new(kind, variable, words).expecting(wanted);
    match hint {
        Some(hint) => problem.with_hint(hint),
        None => problem,
    }
}

/// The parser's or the check's words, where they cannot repeat a secret.
fn what_was_said(leaf: &Leaf, why: &Why, text: &str) -> Option<String> {
    if leaf.is_secret() {
        return None;
    }
    let words = match why {
        Why::Form | Why::NotUnicode | Why::Unsupported(_) | Why::OutOfRange => {
            return None;
        }
        Why::Explained(_) | Why::EmptyItem | Why::RepeatedKey => return Some(why.to_string()),
        Why::Words(words) | Why::Rejected(words) => words,
    };
    match leaf.display {
        Visibility::Redacted => {
            (!redact::repeats(words, text)).then(|| redact::words(words).into_owned())
        }
        Visibility::Shown | Visibility::Secret => {
            let tainted = redact::may_hold_credentials(text) || redact::may_hold_credentials(words);
            let quotes = ['"', '`', '\''];
            let repeats = quotes
                .iter()
                .any(|quote| words.contains(&format!("{quote}{}{quote}", text.trim())));
            (!tainted && !repeats).then(|| redact::words(words).into_owned())
        }
    }
}

fn items(items: &[usize], kind: Kind) -> String {
    let noun = if matches!(kind, Kind::Map { .. }) {
        "entry"
    } else {
        "item"
    };
    let plural = if matches!(kind, Kind::Map { .. }) {
        "entries"
    } else {
        "items"
    };
    let shown: Vec<String> = items.iter().take(10).map(usize::to_string).collect();
    let more = if items.len() > shown.len() {
        " and others"
    } else {
        ""
    };
    let noun = if items.len() == 1 { noun } else { plural };
    format!(" ({noun} {}{more})", shown.join(", "))
}

fn value_hint(leaf: &Leaf, shape: &Shape, variable: &str, text: &str) -> Option<String> {
    if leaf.is_secret() {
        return None;
    }
    if let Some(hint) = hint::service_link(variable, text) {
        return Some(hint);
    }
    match (shape, leaf.kind) {
        (Shape::Enum(variants), Kind::Scalar) => {
            let near = hint::nearest(text.trim(), variants)?;
            Some(format!("did you mean `{near}`?"))
        }
        (Shape::Bool, Kind::Scalar) => {
            let near = hint::nearest(text.trim(), &expected::BOOL_WORDS)?;
            Some(format!("did you mean `{near}`?"))
        }
        _ => None,
    }
}
