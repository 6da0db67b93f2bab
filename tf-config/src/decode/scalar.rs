//! Values that serde or `FromStr` reads.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use secrecy::SecretString;
use serde::de::{self, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Bad, Input, Shape, Why};

const BOOL_WORDS: [(&str, &str); 8] = [
    ("true", "true"),
    ("1", "true"),
    ("yes", "true"),
    ("on", "true"),
    ("false", "false"),
    ("0", "false"),
    ("no", "false"),
    ("off", "false"),
];

/// A value that serde reads, by way of envy.
pub fn leaf<T: DeserializeOwned>(input: &Input<'_>) -> Result<T, Bad> {
    let text = match input.shape {
        Shape::Bool => bool_word(input.text)?,
        Shape::Float { single } => finite(input.text, *single)?,
        Shape::Unsupported(what) => return Err(Bad::new(Why::Unsupported(what))),
        _ => input.text,
    };
    decode_leaf(text).map_err(|error| explain(input, error))
}

/// The one place that knows envy. It gets a single pair, and the value's visitor takes that pair
/// without a map: envy's handling of names, order and missing values never comes into play.
fn decode_leaf<T: DeserializeOwned>(text: &str) -> Result<T, envy::Error> {
    let pair = (String::new(), text.to_owned());
    envy::from_iter::<_, One<T>>([pair]).map(|One(value)| value)
}

struct One<T>(T);

impl<'de, T: DeserializeOwned> de::Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OneEntry(PhantomData))
    }
}

struct OneEntry<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for OneEntry<T> {
    type Value = One<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one variable")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<One<T>, A::Error> {
        map.next_key::<IgnoredAny>()?;
        map.next_value().map(One)
    }
}

fn explain(input: &Input<'_>, error: envy::Error) -> Bad {
    let why = match input.shape {
        Shape::Integer { .. } => integer_trouble(input.text),
        Shape::Float { .. } => Why::Form,
        _ => Why::Words(error.to_string()),
    };
    Bad::new(why)
}

fn integer_trouble(text: &str) -> Why {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Why::OutOfRange;
    }
    let plain = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'x' | b'X' | b'.');
    if digits.starts_with(|first: char| first.is_ascii_digit()) && digits.bytes().all(plain) {
        return Why::Explained("write it in plain decimal digits".to_owned());
    }
    Why::Form
}

fn bool_word(text: &str) -> Result<&'static str, Bad> {
    let word = BOOL_WORDS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text));
    word.map(|(_, canonical)| *canonical)
        .ok_or_else(|| Bad::new(Why::Form))
}

/// Refuses what parses as a float without being a number a setting can mean.
fn finite(text: &str, single: bool) -> Result<&str, Bad> {
    // Few digits without an exponent are always finite, and nearly always what is there.
    let is_short = text.len() < 38;
    if is_short
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'))
    {
        return Ok(text);
    }
    let number = match text.parse::<f64>() {
        Err(_) => return Err(Bad::new(Why::Form)),
        Ok(number) if single => f64::from(number as f32),
        Ok(number) => number,
    };
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    match number.is_finite() {
        true => Ok(text),
        false if has_digits => Err(Bad::new(Why::OutOfRange)),
        false => Err(Bad::new(Why::Explained("it must be finite".to_owned()))),
    }
}

/// A value that the type parses itself.
pub fn from_str<T: FromStr<Err: fmt::Display>>(input: &Input<'_>) -> Result<T, Bad> {
    input.text.parse().map_err(|error: T::Err| {
        Bad::new(match input.shape {
            Shape::Integer { .. } => integer_trouble(input.text),
            _ => Why::Words(error.to_string()),
        })
    })
}

/// Platform text, which need not be UTF-8.
pub fn os<T: From<OsString>>(input: &Input<'_>) -> Result<T, Bad> {
    Ok(input.raw.to_owned().into())
}

/// A secret text. It does not pass through serde, so that no further copy is left behind.
pub fn secret_text(input: &Input<'_>) -> Result<SecretString, Bad> {
    Ok(SecretString::from(input.text))
}

/// Reads the name of a unit variant; gives its place in `variants`.
pub fn unit_variant<'de, D: Deserializer<'de>>(
    deserializer: D,
    name: &'static str,
    variants: &'static [&'static str],
) -> Result<usize, D::Error> {
    deserializer.deserialize_enum(name, variants, VariantVisitor { name, variants })
}

struct VariantVisitor {
    name: &'static str,
    variants: &'static [&'static str],
}

impl<'de> Visitor<'de> for VariantVisitor {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a variant of {}", self.name)
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<usize, A::Error> {
        let (name, access) = data.variant::<Cow<'_, str>>()?;
        de::VariantAccess::unit_variant(access)?;
        let found = self.variants.iter().position(|variant| **variant == *name);
        found.ok_or_else(|| de::Error::unknown_variant(&name, self.variants))
    }
}
