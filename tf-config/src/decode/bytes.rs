//! Sizes such as `64KiB`.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A number of bytes, read from text such as `1048576`, `64KiB` or `1.5GB`.
///
/// `KiB`, `MiB`, `GiB` and `TiB` (also `Ki`, `Mi`, `Gi`, `Ti`) are powers of 1024; `kB`, `MB`, `GB` and
/// `TB` are powers of 1000. Case does not matter. A number without a unit counts bytes. `K`, `M`,
/// `G` and `T` alone are refused, because programs disagree about what they mean.
///
/// ```
/// use tf_config::{ByteSize, Config};
///
/// #[derive(Config)]
/// struct Limits {
///     #[config(default = "2MiB")]
///     body: ByteSize,
/// }
///
/// let limits = Limits::from_vars([("BODY", "64KiB")])?;
/// assert_eq!(limits.body.bytes(), 65_536);
/// # Ok::<(), tf_config::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// Makes a size from a number of bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Gives the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// Says why a text is not a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteSizeError(Reason);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("a size begins with a number, as in 64KiB")]
    NoNumber,
    #[error("the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB")]
    BadUnit,
    #[error("a unit of one letter may mean 1000 or 1024; write for example MB or MiB")]
    Ambiguous,
    #[error("it is not a whole number of bytes")]
    NotWhole,
    #[error("it is more than 18446744073709551615 bytes")]
    TooLarge,
}

impl fmt::Display for ByteSizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ByteSizeError {}

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, ByteSizeError> {
        parse(text.trim()).map(Self).map_err(ByteSizeError)
    }
}

fn parse(text: &str) -> Result<u64, Reason> {
    let end = text
        .find(|char: char| !char.is_ascii_digit() && char != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit_bytes(unit.trim_start())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
        return Err(Reason::NoNumber);
    }
    let whole: u128 = whole.parse().map_err(|_| Reason::TooLarge)?;
    let fraction = fraction.trim_end_matches('0');
    // Ten decimals times the largest unit stay far below the limit of the type.
    if fraction.len() > 12 {
        return Err(Reason::NotWhole);
    }
    let scale = 10u128.pow(fraction.len() as u32);
    let part = fraction.parse::<u128>().unwrap_or(0) * unit;
    if part % scale != 0 {
        return Err(Reason::NotWhole);
    }
    let bytes = whole
        .checked_mul(unit)
        .and_then(|bytes| bytes.checked_add(part / scale));
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .ok_or(Reason::TooLarge)
}

fn unit_bytes(unit: &str) -> Result<u128, Reason> {
    Ok(match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" | "ki" => 1 << 10,
        "mib" | "mi" => 1 << 20,
        "gib" | "gi" => 1 << 30,
        "tib" | "ti" => 1 << 40,
        "k" | "m" | "g" | "t" => return Err(Reason::Ambiguous),
        _ => return Err(Reason::BadUnit),
    })
}

impl fmt::Display for ByteSize {
    /// Writes the largest binary unit that divides the size, so that the text reads back equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        let fits = |shift: u32| self.0 != 0 && self.0.trailing_zeros() >= shift;
        match units.into_iter().find(|(shift, _)| fits(*shift)) {
            Some((shift, unit)) => write!(f, "{}{unit}", self.0 >> shift),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(SizeVisitor)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = ByteSize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as 64KiB or 10MB")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_and_of_two_differ() {
        let size = |text: &str| text.parse::<ByteSize>().map(ByteSize::bytes);
        assert_eq!(size("10MB"), Ok(10_000_000));
        assert_eq!(size("10MiB"), Ok(10_485_760));
        assert_eq!(size("1.5 GiB"), Ok(1_610_612_736));
        assert_eq!(size("1024"), Ok(1024));
        for text in [
            "",
            "MB",
            "10M",
            "1.5B",
            "0.3KiB",
            "10 mbit",
            "-1",
            "99999999TB",
            "1.2.3kB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn display_reads_back() {
        for bytes in [0, 1, 1000, 1024, 1536, 10 << 20, u64::MAX] {
            let size = ByteSize::new(bytes);
            assert_eq!(size.to_string().parse(), Ok(size));
        }
    }
}
