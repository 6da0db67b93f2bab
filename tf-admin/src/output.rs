//! The result of a task as text or JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::mask::{Mask, printable};

/// The forms of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// Why a result was not taken.
#[derive(Debug)]
pub struct OutputError(Kind);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("the task has given a result already")]
    Again,
    #[error("the result cannot be serialised")]
    Serialize(#[source] serde_json::Error),
    #[error("the result has a secret in a place where it cannot be masked")]
    Secret,
}

impl OutputError {
    pub(crate) fn again() -> Self {
        Self(Kind::Again)
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// One JSON document in one line.
pub(crate) fn render<T: Serialize + ?Sized>(value: &T, mask: &Mask) -> Result<String, OutputError> {
    let json = serde_json::to_string(value).map_err(|error| OutputError(Kind::Serialize(error)))?;
    let json = match mask.apply(&json) {
        Cow::Borrowed(_) => json,
        // A mask inside a text leaves a document, one over other tokens does not.
        Cow::Owned(masked) => match serde_json::from_str::<IgnoredAny>(&masked) {
            Ok(_) => masked,
            Err(_) => return Err(OutputError(Kind::Secret)),
        },
    };
    Ok(format!("{json}\n"))
}

/// Lines for people.
pub(crate) fn render_text<T: Serialize + ?Sized>(
    value: &T,
    mask: &Mask,
) -> Result<String, OutputError> {
    let json = serde_json::to_string(value).map_err(|error| OutputError(Kind::Serialize(error)))?;
    let node = serde_json::from_str::<Node>(&json);
    let mut text = String::new();
    node.map_err(|error| OutputError(Kind::Serialize(error)))?
        .write(&mut text, "");
    Ok(printable(&mask.apply(&text)).into_owned())
}

/// A JSON value whose fields are in order.
enum Node {
    Scalar(String),
    List(Vec<Self>),
    Fields(Vec<(String, Self)>),
}

impl Node {
    fn write(&self, text: &mut String, indent: &str) {
        match self {
            Self::Scalar(scalar) => {
                text.push_str(indent);
                text.push_str(scalar);
                text.push('\n');
            }
            Self::List(items) => {
                for item in items {
                    item.write_item(text, indent);
                }
            }
            Self::Fields(fields) => {
                for (name, value) in fields {
                    match value {
                        Self::Scalar(scalar) => {
                            text.push_str(&format!("{indent}{name}: {scalar}\n"));
                        }
                        Self::List(_) | Self::Fields(_) => {
                            text.push_str(&format!("{indent}{name}:\n"));
                            value.write(text, &format!("{indent}  "));
                        }
                    }
                }
            }
        }
    }

    fn write_item(&self, text: &mut String, indent: &str) {
        match self {
            Self::Scalar(_) => self.write(text, indent),
            Self::List(_) | Self::Fields(_) => {
                let start = text.len();
                self.write(text, &format!("{indent}  "));
                let marker = start + indent.len();
                if text.len() > marker {
                    text.replace_range(marker..=marker, "-");
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = access.next_entry()? {
            fields.push(field);
        }
        Ok(Node::Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        render_text(&value, &Mask::default()).unwrap()
    }

    #[test]
    fn structures_have_a_line_per_field_and_lists_one_per_item() {
        assert_eq!(text(r#""hello\nworld""#), "hello\nworld\n");
        assert_eq!(text(r#"{"a": 1, "b": null}"#), "a: 1\nb: \n");
        assert_eq!(text(r#"["x", "y"]"#), "x\ny\n");
        assert_eq!(
            text(r#"[{"a": 1, "b": [2, 3]}, {"a": 4}]"#),
            "- a: 1\n  b:\n    2\n    3\n- a: 4\n"
        );
        assert_eq!(text("[[], {}]"), "");
    }

    #[test]
    fn secrets_are_masked_where_json_stays_valid_and_refused_elsewhere() {
        let mask = Mask::default();
        mask.add("123456");
        let shown = render(&serde_json::json!({"key": "a123456b"}), &mask).unwrap();
        assert_eq!(shown, "{\"key\":\"a***b\"}\n");
        let error = render(&123_456, &mask).unwrap_err();
        assert!(!error.to_string().contains("123456"), "{error}");
        assert_eq!(render_text(&123_456, &mask).unwrap(), "***\n");
    }
}
