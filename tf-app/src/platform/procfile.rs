//! A Procfile: a line per process type.

use super::{Service, names};

pub(super) fn text(service: &Service) -> String {
    let names = names::apart(service.types.iter().map(|kind| names::word(&kind.name)));
    let line = |(name, kind): (&String, &super::ProcessType)| {
        let words = std::iter::once(&service.program).chain(&kind.arguments);
        let words: Vec<_> = words.map(|word| for_shell(word)).collect();
        format!("{name}: {}\n", words.join(" "))
    };
    names.iter().zip(&service.types).map(line).collect()
}

/// A word as a POSIX shell reads it back. A line break cannot stand in a Procfile.
fn for_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", super::one_line(word).replace('\'', r"'\''")),
    }
}
