//! What a field's written type says.

use syn::{GenericArgument, PathArguments, Type};

/// A type as far as its last path segment tells.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Known {
    Bool,
    /// The least and the greatest value; the latter fits, as it is never below zero.
    Int(i128, u128),
    /// An integer of 128 bits, which serde's leaves do not know.
    Wide(i128, u128),
    Float,
    Char,
    Text,
    Os,
    Duration,
    Secret,
    SecretText,
    Url,
    Other,
}

impl Known {
    pub(crate) fn of(ty: &Type) -> Self {
        match last_segment(ty).as_deref() {
            Some("bool") => Self::Bool,
            Some("u8") => Self::Int(0, u8::MAX.into()),
            Some("NonZeroU8") => Self::Int(1, u8::MAX.into()),
            Some("u16") => Self::Int(0, u16::MAX.into()),
            Some("NonZeroU16") => Self::Int(1, u16::MAX.into()),
            Some("u32") => Self::Int(0, u32::MAX.into()),
            Some("NonZeroU32") => Self::Int(1, u32::MAX.into()),
            Some("u64" | "usize") => Self::Int(0, u64::MAX.into()),
            Some("NonZeroU64" | "NonZeroUsize") => Self::Int(1, u64::MAX.into()),
            Some("i8") => Self::Int(i8::MIN.into(), i8::MAX as u128),
            Some("i16") => Self::Int(i16::MIN.into(), i16::MAX as u128),
            Some("i32") => Self::Int(i32::MIN.into(), i32::MAX as u128),
            Some("i64" | "isize") => Self::Int(i64::MIN.into(), i64::MAX as u128),
            Some("u128") => Self::Wide(0, u128::MAX),
            Some("i128") => Self::Wide(i128::MIN, i128::MAX as u128),
            Some("f32" | "f64") => Self::Float,
            Some("char") => Self::Char,
            Some("String") => Self::Text,
            Some("PathBuf" | "OsString") => Self::Os,
            Some("Duration") => Self::Duration,
            Some("SecretString") => Self::SecretText,
            Some("SecretBox" | "SecretSlice") => Self::Secret,
            Some("Url") => Self::Url,
            _ => Self::Other,
        }
    }

    pub(crate) fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretText)
    }

    /// Whether values have an order, where that is known.
    pub(crate) fn has_order(self) -> bool {
        matches!(
            self,
            Self::Int(..)
                | Self::Wide(..)
                | Self::Float
                | Self::Duration
                | Self::Char
                | Self::Other
        )
    }

    /// Whether a number, a flag or a span of time: nothing that keeps a secret.
    pub(crate) fn is_plain_value(self) -> bool {
        matches!(
            self,
            Self::Bool | Self::Int(..) | Self::Float | Self::Duration | Self::Os
        )
    }
}

/// Whether literals are no values of the type, though texts of digits are.
pub(crate) fn is_non_zero(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| name.starts_with("NonZero"))
}

/// What to call a type whose own words say less than its name.
pub(crate) fn label(ty: &Type) -> Option<&'static str> {
    Some(match last_segment(ty)?.as_str() {
        "Url" => "a URL such as https://example.org/path",
        "SocketAddr" => "an address with a port such as 127.0.0.1:5000",
        "IpAddr" => "an IP address such as 127.0.0.1",
        "Ipv4Addr" => "an IPv4 address such as 127.0.0.1",
        "Ipv6Addr" => "an IPv6 address such as ::1",
        "Uuid" => "a UUID such as 123e4567-e89b-12d3-a456-426614174000",
        "PathBuf" => "a path",
        _ => return None,
    })
}

/// The type within `Option<…>`.
pub(crate) fn option(ty: &Type) -> Option<&Type> {
    match arguments(ty, &["Option"])?.as_slice() {
        [inner] => Some(inner),
        _ => None,
    }
}

pub(crate) const LISTS: &[&str] = &["Vec", "VecDeque", "BTreeSet", "HashSet", "LinkedList"];
pub(crate) const MAPS: &[&str] = &["BTreeMap", "HashMap"];

/// The type arguments, if the last path segment is one of `names`; any name when `names` is empty.
pub(crate) fn arguments<'a>(ty: &'a Type, names: &[&str]) -> Option<Vec<&'a Type>> {
    let path = match ty {
        Type::Path(path) => path,
        // What a macro by example passes on as a type.
        Type::Group(group) => return arguments(&group.elem, names),
        Type::Paren(paren) => return arguments(&paren.elem, names),
        _ => return None,
    };
    let last = path.path.segments.last()?;
    if !names.is_empty() && !names.iter().any(|name| last.ident == name) {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

pub(crate) fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}
