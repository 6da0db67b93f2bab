//! What a right value looks like, in words, from the field's type and range.

use crate::decode::Shape;
use crate::section::{Kind, Leaf};

pub(crate) const BOOL_WORDS: [&str; 8] = ["true", "false", "1", "0", "yes", "no", "on", "off"];

/// A noun phrase such as `an integer from 1 to 65535`.
pub(crate) fn expected(leaf: &Leaf) -> String {
    let one = one_value(leaf);
    match leaf.kind {
        Kind::Scalar => one,
        Kind::List { delimiter } => format!("a list with `{delimiter}` between items, each {one}"),
        Kind::Map {
            delimiter,
            separator,
        } => {
            format!("a map such as `a{separator}x{delimiter}b{separator}y`, each value {one}")
        }
    }
}

fn one_value(leaf: &Leaf) -> String {
    let noun = match ((leaf.shape)(), leaf.label) {
        (_, label) if !label.is_empty() => label.to_owned(),
        (Shape::Bool, _) => "a boolean (true, false, 1, 0, yes, no, on, off)".to_owned(),
        (Shape::Integer { min, max }, _) => match leaf.range {
            None => integer(min, max),
            Some(_) => "an integer".to_owned(),
        },
        (Shape::Float { .. }, _) => "a number".to_owned(),
        (Shape::Char, _) => "one character".to_owned(),
        (Shape::Duration, _) => "a duration such as 30s, 1m30s or 500ms".to_owned(),
        (Shape::Enum(variants), _) => one_of(variants),
        (Shape::Os, _) => "a path or other text".to_owned(),
        (Shape::Parsed(words), _) if is_telling(&words) => with_article(&words),
        _ => "text".to_owned(),
    };
    match (leaf.range, leaf.example) {
        (Some(range), _) => format!("{noun} {}", range_words(range)),
        (None, Some(example)) => with_example(&noun, example),
        (None, None) => noun,
    }
}

/// The field's own example says more than that of its type.
fn with_example(noun: &str, example: &str) -> String {
    let noun = noun.split(" such as ").next().unwrap_or(noun);
    format!("{noun} such as {example}")
}

fn integer(min: i128, max: u128) -> String {
    match (min, max) {
        (_, max) if max < u128::from(u64::MAX) => format!("an integer from {min} to {max}"),
        (0, _) => "an integer of 0 or more".to_owned(),
        _ => "an integer".to_owned(),
    }
}

fn one_of(variants: &[&str]) -> String {
    let quoted: Vec<String> = variants
        .iter()
        .map(|variant| format!("`{variant}`"))
        .collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", quoted.join(", ")),
    }
}

/// Words of a visitor that say more than that it reads a string.
fn is_telling(words: &str) -> bool {
    !matches!(words, "" | "a string" | "string" | "str")
}

fn with_article(words: &str) -> String {
    let first = words.split(' ').next().unwrap_or_default();
    if matches!(first, "a" | "an" | "the" | "one" | "any") {
        return words.to_owned();
    }
    let vowel = words.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    format!("{} {words}", if vowel { "an" } else { "a" })
}

/// `1..=65535` in words.
fn range_words(range: &str) -> String {
    let (from, to) = range.split_once("..").unwrap_or((range, ""));
    match (from, to.strip_prefix('=')) {
        ("", Some(to)) => format!("up to {to}"),
        ("", None) => format!("below {to}"),
        (from, Some(to)) => format!("from {from} to {to}"),
        (from, None) if to.is_empty() => format!("of {from} or more"),
        (from, None) => format!("from {from} to below {to}"),
    }
}
