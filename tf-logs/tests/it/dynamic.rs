//! Callsites with names that are not written in the source, and a reader that takes no duplicate key.

use std::fmt;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use tracing::callsite::{Callsite, Identifier};
use tracing::field::{FieldSet, Value as Recorded};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Span};

struct Site(OnceLock<Metadata<'static>>);

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0
            .get()
            .expect("it is set before anybody sees the callsite")
    }
}

fn metadata(kind: Kind, target: &'static str, names: &[String]) -> &'static Metadata<'static> {
    let site: &'static Site = Box::leak(Box::new(Site(OnceLock::new())));
    let names: Vec<&'static str> = names.iter().map(|name| &*name.clone().leak()).collect();
    let fields = FieldSet::new(names.leak(), Identifier(site));
    let file = Some("src/some.rs");
    site.0.get_or_init(|| {
        Metadata::new(
            "dynamic",
            target,
            Level::INFO,
            file,
            Some(7),
            Some("some"),
            fields,
            kind,
        )
    })
}

/// A field's value in every type that tracing knows.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    U64(u64),
    I64(i64),
    U128(u128),
    I128(i128),
    F64(f64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
    Debug(String),
    Absent,
}

struct Verbatim(String);

impl fmt::Debug for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

impl Sample {
    fn recorded(&self) -> Option<Box<dyn Recorded + '_>> {
        Some(match self {
            Self::U64(value) => Box::new(*value),
            Self::I64(value) => Box::new(*value),
            Self::U128(value) => Box::new(*value),
            Self::I128(value) => Box::new(*value),
            Self::F64(value) => Box::new(*value),
            Self::Bool(value) => Box::new(*value),
            Self::Text(value) => Box::new(value.as_str()),
            Self::Bytes(value) => Box::new(value.as_slice()),
            Self::Debug(value) => Box::new(tracing::field::debug(Verbatim(value.clone()))),
            Self::Absent => return None,
        })
    }

    /// The JSON value that a line has.
    pub(crate) fn expected(&self) -> Option<Value> {
        let text = |text: &str| Value::from(text.replace('\0', "\u{fffd}"));
        let integer = |number: i128| {
            i64::try_from(number).map_or_else(|_| number.to_string().into(), Value::from)
        };
        Some(match self {
            Self::U64(value) => integer((*value).into()),
            Self::I64(value) => integer((*value).into()),
            Self::U128(value) => {
                i64::try_from(*value).map_or_else(|_| value.to_string().into(), Value::from)
            }
            Self::I128(value) => integer(*value),
            Self::F64(value) => Value::from(*value),
            Self::Bool(value) => Value::from(*value),
            Self::Text(value) | Self::Debug(value) => text(value),
            Self::Bytes(value) => match std::str::from_utf8(value) {
                Ok(value) => text(value),
                Err(_) => format!(
                    "0x{}",
                    value
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect::<String>()
                )
                .into(),
            },
            Self::Absent => return None,
        })
    }
}

pub(crate) fn samples() -> impl Strategy<Value = Sample> {
    prop_oneof![
        any::<u64>().prop_map(Sample::U64),
        any::<i64>().prop_map(Sample::I64),
        any::<u128>().prop_map(Sample::U128),
        any::<i128>().prop_map(Sample::I128),
        any::<f64>().prop_map(Sample::F64),
        any::<bool>().prop_map(Sample::Bool),
        any::<String>().prop_map(Sample::Text),
        "[\\x00-\\xff\u{2020}-\u{2030}\"\\\\]{0,40}".prop_map(Sample::Text),
        any::<Vec<u8>>().prop_map(Sample::Bytes),
        any::<String>().prop_map(Sample::Debug),
        Just(Sample::Absent),
    ]
}

/// Fields of an event or a span.
pub(crate) type Fields = Vec<(String, Sample)>;

/// Logs an event with these fields.
pub(crate) fn event(fields: &Fields) {
    event_of("dynamic", fields);
}

pub(crate) fn event_of(target: &'static str, fields: &Fields) {
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let metadata = metadata(Kind::EVENT, target, &names);
    let values: Vec<Option<Box<dyn Recorded + '_>>> =
        fields.iter().map(|(_, value)| value.recorded()).collect();
    let values: Vec<Option<&dyn Recorded>> = values.iter().map(|value| value.as_deref()).collect();
    Event::dispatch(metadata, &metadata.fields().value_set_all(&values));
}

/// Opens a span with these fields inside the current one.
pub(crate) fn span(fields: &Fields) -> Span {
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let metadata = metadata(Kind::SPAN, "dynamic", &names);
    let values: Vec<Option<Box<dyn Recorded + '_>>> =
        fields.iter().map(|(_, value)| value.recorded()).collect();
    let values: Vec<Option<&dyn Recorded>> = values.iter().map(|value| value.as_deref()).collect();
    Span::new(metadata, &metadata.fields().value_set_all(&values))
}

/// Reads a line, in which no key may occur twice in one object.
#[track_caller]
pub(crate) fn strict(line: &str) -> Value {
    match serde_json::from_str::<Strict>(line) {
        Ok(Strict(value)) => value,
        Err(error) => panic!("{error}: {line}"),
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Strict(value))) = access.next_entry::<String, Strict>()? {
            if map.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("`{key}` occurs twice")));
            }
        }
        Ok(Value::Object(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = access.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
