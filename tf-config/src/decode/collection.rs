//! Lists and maps in one variable.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::hash::Hash;

use super::{Bad, Input, Shape, Why};

type Decode<T> = fn(&Input<'_>) -> Result<T, Bad>;

/// A list: items between delimiters, `\` before a delimiter that belongs to an item.
///
/// One delimiter after the last item is allowed; any other empty item is a problem.
pub fn list<C, T>(
    input: &Input<'_>,
    delimiter: char,
    trim: bool,
    decode: Decode<T>,
) -> Result<C, Bad>
where
    C: FromIterator<T>,
{
    let mut parts = split(input.text, delimiter);
    if parts.last().is_some_and(|last| last.trim().is_empty()) {
        parts.pop();
    }
    let mut troubles = Troubles::default();
    let items: Vec<Option<T>> = (1..)
        .zip(parts)
        .map(|(number, part)| troubles.note(number, item(input, part, &[delimiter], trim, decode)))
        .collect();
    troubles.or(items.into_iter().flatten().collect())
}

/// A map: `key=value` entries between delimiters; `\` before what belongs to a key or a value.
pub fn map<C, K, V>(
    input: &Input<'_>,
    (delimiter, separator): (char, char),
    (key_shape, key): (fn() -> Shape, Decode<K>),
    value: Decode<V>,
) -> Result<C, Bad>
where
    C: FromIterator<(K, V)>,
    K: Eq + Hash,
{
    let mut parts = split(input.text, delimiter);
    if parts.last().is_some_and(|last| last.trim().is_empty()) {
        parts.pop();
    }
    let escaped = [delimiter, separator];
    let key_shape = key_shape();
    let mut troubles = Troubles::default();
    let mut entries: Vec<(K, V)> = Vec::with_capacity(parts.len());
    let mut numbers = Vec::with_capacity(parts.len());
    for (number, part) in (1..).zip(parts) {
        let sides = split(part, separator);
        let entry = match part.get(sides[0].len() + separator.len_utf8()..) {
            None => Err(Bad::new(Why::Explained(
                "the entry has no separator".to_owned(),
            ))),
            Some(rest) => item(
                &Input {
                    shape: &key_shape,
                    ..*input
                },
                sides[0],
                &escaped,
                true,
                key,
            )
            .and_then(|key| Ok((key, item(input, rest, &escaped, true, value)?))),
        };
        entries.extend(troubles.note(number, entry));
        numbers.resize(entries.len(), number);
    }
    let mut known = HashSet::with_capacity(entries.len());
    for ((key, _), number) in entries.iter().zip(numbers) {
        if !known.insert(key) {
            troubles.note::<()>(number, Err(Bad::new(Why::RepeatedKey)));
        }
    }
    troubles.or(entries.into_iter().collect())
}

fn item<T>(
    input: &Input<'_>,
    part: &str,
    escaped: &[char],
    trim: bool,
    decode: Decode<T>,
) -> Result<T, Bad> {
    let part = if trim { part.trim() } else { part };
    if part.is_empty() {
        return Err(Bad::new(Why::EmptyItem));
    }
    let text = unescape(part, escaped);
    decode(&Input {
        text: &text,
        raw: OsStr::new(&*text),
        shape: input.shape,
    })
}

/// Splits at each delimiter that no backslash precedes.
fn split(text: &str, delimiter: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut escape = false;
    for (at, char) in text.char_indices() {
        if escape {
            escape = false;
        } else if char == '\\' {
            escape = true;
        } else if char == delimiter {
            parts.push(&text[start..at]);
            start = at + char.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Takes away the backslash before another backslash and before what it escapes; others stay.
fn unescape<'a>(part: &'a str, escaped: &[char]) -> Cow<'a, str> {
    if !part.contains('\\') {
        return Cow::Borrowed(part);
    }
    let mut text = String::with_capacity(part.len());
    let mut chars = part.chars().peekable();
    while let Some(char) = chars.next() {
        match chars.peek() {
            Some(next) if char == '\\' && (*next == '\\' || escaped.contains(next)) => {
                text.extend(chars.next());
            }
            _ => text.push(char),
        }
    }
    Cow::Owned(text)
}

/// All items that are wrong, with the reason of the first.
#[derive(Default)]
struct Troubles {
    first: Option<Why>,
    items: Vec<usize>,
}

impl Troubles {
    fn note<T>(&mut self, number: usize, item: Result<T, Bad>) -> Option<T> {
        match item {
            Ok(item) => Some(item),
            Err(bad) => {
                self.first.get_or_insert(bad.why);
                self.items.push(number);
                None
            }
        }
    }

    fn or<T>(self, value: T) -> Result<T, Bad> {
        match self.first {
            None => Ok(value),
            Some(why) => Err(Bad {
                why,
                items: self.items,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_keeps_a_delimiter_and_itself() {
        let parts = split(r"a\,b,c\\,d\e", ',');
        assert_eq!(parts, [r"a\,b", r"c\\", r"d\e"]);
        let items: Vec<_> = parts.iter().map(|part| unescape(part, &[','])).collect();
        assert_eq!(items, ["a,b", r"c\", r"d\e"]);
    }
}
