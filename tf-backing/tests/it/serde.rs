//! Through serde: parsed on the way in, redacted on the way out.

use serde::de::value::{Error as ValueError, StrDeserializer, U64Deserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use tf_backing::{Kafka, Locator, MySql};

#[test]
fn errors_are_the_parsers_own() {
    let error = serde_json::from_str::<Locator>(r#""mysql://u:pa#ss@h""#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unencoded `#` in the password at byte 12; write %23 at line 1 column 19"
    );
    let error = serde_json::from_str::<MySql>(r#""postgres://u:hunter2@h""#).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("service of another kind; expected a MySQL URL: mysql,")
    );
    let number: U64Deserializer<ValueError> = 12_345_678u64.into_deserializer();
    let error = MySql::deserialize(number).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid type: number, expected a MySQL URL"
    );
    let error = serde_json::from_str::<Locator>("null").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("invalid type: null, expected a URL of a backing service")
    );
}

#[test]
fn values_come_in_whole_and_go_out_redacted() {
    let locator: Locator = serde_json::from_str(r#""postgres://u:pw@h/d?sslpassword=x""#).unwrap();
    assert_eq!(
        serde_json::to_string(&locator).unwrap(),
        r#""postgres://u:***@h/d?sslpassword=***""#
    );
    let kafka: Kafka = serde_json::from_str(r#""a:9092,b""#).unwrap();
    assert_eq!(
        serde_json::to_string(&kafka).unwrap(),
        r#""kafka://a:9092,b""#
    );
}

/// Takes note of the method that a type asks for.
struct OnlyStr<'a>(StrDeserializer<'a, ValueError>);

impl<'de> Deserializer<'de> for OnlyStr<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(serde::de::Error::custom(
            "asked for something else than a text",
        ))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.0.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[test]
fn types_ask_for_a_text() {
    let from = |text: &'static str| OnlyStr(text.into_deserializer());
    assert!(Locator::deserialize(from("redis://h")).is_ok());
    assert!(MySql::deserialize(from("mysql://h")).is_ok());
}
