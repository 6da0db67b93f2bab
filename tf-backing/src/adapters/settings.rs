//! The parameters of a PostgreSQL server in the option `options`.

use super::error::AdapterError;
use super::options::Item;

/// Whether this may be the name of a server's parameter.
pub(super) fn is_setting(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    name.bytes().all(plain) && name.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Reads `-c name=value` and `--name=value`, where a backslash escapes a blank.
pub(super) fn settings(item: &Item<'_>) -> Result<Vec<(String, String)>, AdapterError> {
    let error = || item.expected("expected settings as in `-c geqo=off`");
    let mut found = Vec::new();
    let mut words = words(item.value).into_iter();
    while let Some(word) = words.next() {
        let pair = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(pair), _) => pair.to_owned(),
            (_, Some("")) => words.next().ok_or_else(error)?,
            (_, Some(pair)) => pair.to_owned(),
            _ => return Err(error()),
        };
        let (name, value) = pair.split_once('=').ok_or_else(error)?;
        let name = name.replace('-', "_");
        if !is_setting(&name) {
            return Err(error());
        }
        found.push((name, value.to_owned()));
    }
    Ok(found)
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut escaped = false;
    for character in text.chars() {
        match words.last_mut() {
            Some(word) if escaped || !matches!(character, '\\') && !character.is_whitespace() => {
                word.push(character);
                escaped = false;
            }
            _ if character == '\\' => escaped = true,
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
