//! What one would write without any crate: the floor of the comparison.

use std::fmt::Debug;
use std::str::FromStr;

/// Settings whose two readers are spelt out field by field.
pub trait ByHand: Debug + Sized {
    /// The variables in ascending order, one per field.
    const NAMES: &'static [&'static str];

    /// Asks the process environment once per field.
    fn from_process() -> Self;

    /// Parses one text per field.
    fn from_texts(texts: &[&str]) -> Self;
}

/// One pass over the pairs with a binary search per name under the prefix.
pub fn scan<T: ByHand>(pairs: &[(String, String)]) -> T {
    let mut texts = [""; 200];
    for (name, text) in pairs {
        if !name.starts_with("APP_") {
            continue;
        }
        if let Ok(at) = T::NAMES.binary_search(&name.as_str()) {
            texts[at] = text;
        }
    }
    T::from_texts(&texts)
}

pub fn variable(name: &str) -> String {
    std::env::var(name).expect("the runner sets every variable")
}

pub fn parse<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("the runner sets values that parse")
}
