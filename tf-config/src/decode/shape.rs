//! Asks a type what text it reads, by running its `Deserialize` against a deserializer that only listens.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// What kind of text a type reads from one variable.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Bool,
    Integer {
        min: i128,
        max: u128,
    },
    Float {
        single: bool,
    },
    Char,
    /// Kept exactly as written.
    Text,
    /// A path or other platform text, which need not be UTF-8.
    Os,
    Duration,
    Enum(&'static [&'static str]),
    /// Parsed by the type itself, whose words for it these are.
    Parsed(String),
    /// Not readable from one variable; says what the type asked for.
    Unsupported(&'static str),
}

impl Shape {
    /// Whether white space around a value belongs to it.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Text | Self::Os | Self::Char)
    }
}

/// The shape of an integer of 128 bits, which serde's leaves do not know.
#[must_use]
pub fn integer<T: Wide>() -> Shape {
    T::SHAPE
}

#[doc(hidden)]
pub trait Wide {
    const SHAPE: Shape;
}

impl Wide for u128 {
    const SHAPE: Shape = Shape::Integer {
        min: 0,
        max: Self::MAX,
    };
}

impl Wide for i128 {
    const SHAPE: Shape = Shape::Integer {
        min: Self::MIN,
        max: Self::MAX as u128,
    };
}

/// The shape of a type that serde reads.
#[must_use]
pub fn of<T: for<'de> Deserialize<'de>>() -> Shape {
    match T::deserialize(Listener) {
        Err(Heard(shape)) => shape,
        // A type that asks for nothing reads nothing from a variable either.
        Ok(_) => Shape::Unsupported("nothing"),
    }
}

struct Listener;

#[derive(Debug)]
struct Heard(Shape);

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only the shape was asked for")
    }
}

impl de::StdError for Heard {}

impl de::Error for Heard {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(Shape::Parsed(text.to_string()))
    }
}

struct Expecting<V>(V);

impl<'de, V: Visitor<'de>> fmt::Display for Expecting<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

macro_rules! integers {
    ($($method:ident $type:ty;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Heard> {
            Err(Heard(Shape::Integer { min: <$type>::MIN as i128, max: <$type>::MAX as u128 }))
        }
    )*};
}

macro_rules! shapes {
    ($($method:ident => $shape:expr;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Heard> {
            Err(Heard($shape))
        }
    )*};
}

impl<'de> Deserializer<'de> for Listener {
    type Error = Heard;

    integers! {
        deserialize_i8 i8; deserialize_i16 i16; deserialize_i32 i32; deserialize_i64 i64;
        deserialize_u8 u8; deserialize_u16 u16; deserialize_u32 u32; deserialize_u64 u64;
    }

    shapes! {
        deserialize_bool => Shape::Bool;
        deserialize_f32 => Shape::Float { single: true };
        deserialize_f64 => Shape::Float { single: false };
        deserialize_char => Shape::Char;
        deserialize_string => Shape::Text;
        deserialize_i128 => Shape::Unsupported("a 128-bit integer inside another type");
        deserialize_u128 => Shape::Unsupported("a 128-bit integer inside another type");
        deserialize_bytes => Shape::Unsupported("bytes");
        deserialize_byte_buf => Shape::Unsupported("bytes");
        deserialize_unit => Shape::Unsupported("nothing");
        deserialize_seq => Shape::Unsupported("a sequence");
        deserialize_map => Shape::Unsupported("a map");
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Heard> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Parsed(Expecting(visitor).to_string())))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Heard> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Heard> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Enum(variants)))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Unsupported("nothing")))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Unsupported("a tuple")))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Unsupported("a tuple")))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Unsupported("a struct")))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Heard> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Heard> {
        Err(Heard(Shape::Unsupported("nothing")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_say_what_they_read() {
        assert_eq!(of::<u16>(), Shape::Integer { min: 0, max: 65535 });
        assert_eq!(of::<Option<bool>>(), Shape::Bool);
        assert_eq!(of::<String>(), Shape::Text);
        assert_eq!(of::<std::time::Duration>(), Shape::Unsupported("a struct"));
        assert_eq!(of::<std::net::IpAddr>(), Shape::Parsed("IP address".into()));
        assert_eq!(of::<(u8, u8)>(), Shape::Unsupported("a tuple"));
    }
}
