//! What was probably meant.

use super::parse;

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// What other systems and people call the levels.
const SYNONYMS: [(&str, &str); 15] = [
    ("all", "trace"),
    ("critical", "error"),
    ("debugging", "debug"),
    ("err", "error"),
    ("fatal", "error"),
    ("information", "info"),
    ("informational", "info"),
    ("none", "off"),
    ("notice", "info"),
    ("quiet", "off"),
    ("severe", "error"),
    ("silent", "off"),
    ("verbose", "debug"),
    ("warning", "warn"),
    ("warnings", "warn"),
];

/// The level that is at most two changes away from the word, or that it means elsewhere.
pub(super) fn level(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    if let Some((_, level)) = SYNONYMS.iter().find(|(synonym, _)| *synonym == word) {
        return Some(level);
    }
    // Two changes make any short word an `off`.
    let limit = |level: &str| {
        if level.len() > 3 && word.len() > 2 {
            2
        } else {
            1
        }
    };
    LEVELS
        .into_iter()
        .map(|level| (distance(&word, level), level))
        .filter(|(distance, level)| *distance <= limit(level))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, level)| level)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, a) in left.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, b) in right.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The directive without what stands in brackets, if that is one.
pub(super) fn without_span(directive: &str) -> Option<String> {
    let (before, rest) = directive.split_once('[')?;
    let (_, after) = rest.rsplit_once(']')?;
    checked(format!("{before}{after}"))
}

/// The target up to its first wildcard, if that is one.
pub(super) fn without_pattern(name: &str) -> Option<String> {
    let before = name.split(['*', '?']).next()?.trim_end_matches(':');
    checked(format!("{before}=debug"))
}

/// `target=level` for `level=target`.
pub(super) fn swapped(level: &str, target: &str) -> Option<String> {
    parse::level(level)?;
    checked(format!("{target}={level}"))
}

/// The directives with commas between them, if they are some.
pub(super) fn with_commas(text: &str) -> Option<String> {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let right = parts.len() > 1 && parts.iter().all(|part| parse::rule(part).is_ok());
    right.then(|| parts.join(","))
}

/// The directive, if it is one.
pub(super) fn checked(directive: String) -> Option<String> {
    parse::rule(&directive).is_ok().then_some(directive)
}
