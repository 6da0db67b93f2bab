//! `.env` files: a strict reader that expands nothing and never repeats content in an error.

use std::path::Path;
use std::sync::Arc;

use super::file;
use crate::error::{Problem, ProblemKind};

pub(crate) struct File {
    pub(crate) path: Arc<Path>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Counted from 1.
    pub(crate) line: usize,
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum LineError {
    #[error("expected NAME=value")]
    NoName,
    #[error("expected `=` after the name `{0}`")]
    NoEquals(String),
    #[error("the quote after `{0}=` is not closed")]
    OpenQuote(String),
    #[error("unexpected text after the closing quote of `{0}`")]
    AfterQuote(String),
}

/// Reads what can be read; the rest is among the problems.
pub(crate) fn read(path: &Path) -> File {
    let (entries, problems) = match content(path) {
        Ok(text) => parse(&text),
        Err((line, words)) => (Vec::new(), vec![(line, words)]),
    };
    let problems = problems.into_iter().map(|(line, words)| {
        let place = match line {
            0 => path.display().to_string(),
            line => format!("{}:{line}", path.display()),
        };
        Problem::new(ProblemKind::Dotenv, place, words).expecting("NAME=value lines")
    });
    File {
        path: path.into(),
        entries,
        problems: problems.collect(),
    }
}

/// The text of the file; else the line, or 0 for the whole file, and what is wrong.
fn content(path: &Path) -> Result<String, (usize, String)> {
    let content = file::read(path, false).map_err(|error| (0, error.to_string()))?;
    String::from_utf8(content.into_encoded_bytes()).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        (line, "the line is not UTF-8".to_owned())
    })
}

fn parse(text: &str) -> (Vec<Entry>, Vec<(usize, String)>) {
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let before = rest;
        match entry(&mut rest) {
            Ok(Some((name, text))) => entries.push(Entry { name, text, line }),
            Ok(None) => {}
            Err(error) => {
                errors.push((line, error.to_string()));
                rest = before;
                next_line(&mut rest);
            }
        }
        let read = &before[..before.len() - rest.len()];
        line += read.bytes().filter(|byte| *byte == b'\n').count();
    }
    (entries, errors)
}

/// Reads one entry with all its lines, or one line without an entry.
fn entry(rest: &mut &str) -> Result<Option<(String, String)>, LineError> {
    skip_blanks(rest);
    if rest.starts_with(['#', '\n', '\r']) || rest.is_empty() {
        next_line(rest);
        return Ok(None);
    }
    let mut name = take_name(rest);
    skip_blanks(rest);
    if name == "export" && !rest.starts_with('=') {
        name = take_name(rest);
        skip_blanks(rest);
    }
    if name.is_empty() {
        return Err(LineError::NoName);
    }
    let name = name.to_owned();
    let Some(after) = rest.strip_prefix('=') else {
        return Err(LineError::NoEquals(name));
    };
    *rest = after;
    skip_blanks(rest);
    let Some(quote) = rest
        .chars()
        .next()
        .filter(|char| matches!(char, '"' | '\''))
    else {
        let text = unquoted(next_line(rest));
        return Ok(Some((name, text.to_owned())));
    };
    *rest = &rest[1..];
    let Some(text) = quoted(rest, quote) else {
        return Err(LineError::OpenQuote(name));
    };
    skip_blanks(rest);
    match rest.starts_with(['#', '\n', '\r']) || rest.is_empty() {
        true => next_line(rest),
        false => return Err(LineError::AfterQuote(name)),
    };
    Ok(Some((name, text)))
}

fn take_name<'a>(rest: &mut &'a str) -> &'a str {
    let first = |char: char| char.is_ascii_alphabetic() || char == '_';
    let later = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.');
    let end = rest.find(|char| !later(char)).unwrap_or(rest.len());
    let (name, after) = rest.split_at(if rest.starts_with(first) { end } else { 0 });
    *rest = after;
    name
}

fn skip_blanks(rest: &mut &str) {
    *rest = rest.trim_start_matches([' ', '\t']);
}

/// Takes the rest of the line, without its end.
fn next_line<'a>(rest: &mut &'a str) -> &'a str {
    let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
    *rest = after;
    line.strip_suffix('\r').unwrap_or(line)
}

/// An unquoted value ends at a `#` that follows white space.
fn unquoted(line: &str) -> &str {
    let comment = |(at, _): &(usize, &str)| *at == 0 || line[..*at].ends_with([' ', '\t']);
    let end = line
        .match_indices('#')
        .find(comment)
        .map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}

/// Takes the text up to the closing quote; in double quotes a backslash escapes.
fn quoted(rest: &mut &str, quote: char) -> Option<String> {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == quote {
            *rest = &rest[at + 1..];
            return Some(text);
        }
        match char {
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                escaped @ ('\\' | '"' | '$') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            '\r' if rest[at + 1..].starts_with('\n') => {}
            _ => text.push(char),
        }
    }
    None
}

/// Writes a value so that [`parse`] reads it back.
pub(crate) fn quote(text: &str) -> String {
    let plain = |char: char| {
        char.is_ascii_graphic() && !matches!(char, '#' | '"' | '\'' | '\\' | '$' | '`')
    };
    if text.chars().all(plain) {
        return text.to_owned();
    }
    if !text.contains(['\'', '\n', '\r']) {
        return format!("'{text}'");
    }
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' | '$' => quoted.extend(['\\', char]),
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
