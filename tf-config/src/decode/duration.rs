//! Durations such as `1m30s`.

use std::time::Duration;

use super::{Bad, Input, Why};

#[derive(Clone, Copy, Debug, thiserror::Error)]
enum DurationError {
    #[error("the unit is missing; write for example 30s, 500ms or 1m30s")]
    NoUnit,
    #[error("the units are d, h, m, s, ms, us and ns, in small letters")]
    BadUnit,
    #[error("larger units come first, each once, as in 1m30s")]
    BadOrder,
    #[error("a duration is not negative")]
    Negative,
    #[error("it is longer than 18446744073709551615 seconds")]
    TooLong,
    #[error("a number comes before each unit, as in 1m30s")]
    NoNumber,
    #[error("the fraction is finer than a nanosecond")]
    TooFine,
}

/// A duration: whole or decimal numbers, each followed by its unit, larger units first.
pub fn duration(input: &Input<'_>) -> Result<Duration, Bad> {
    parse(input.text.as_bytes()).map_err(|error| match error {
        DurationError::TooLong => Bad::new(Why::OutOfRange),
        other => Bad::new(Why::Explained(other.to_string())),
    })
}

/// Stops the compiler at a default that is no duration.
pub const fn assert_duration(text: &str) {
    assert!(
        parse(text.as_bytes()).is_ok(),
        "the default is not a duration such as 30s or 1m30s"
    );
}

/// Nanoseconds of one unit and the bytes that the unit's name takes.
const fn unit(text: &[u8], at: usize) -> Result<(u128, usize), DurationError> {
    const SECOND: u128 = 1_000_000_000;
    let mut end = at;
    while end < text.len() && !text[end].is_ascii_digit() && text[end] != b' ' {
        end += 1;
    }
    let (_, rest) = text.split_at(at);
    let (name, _) = rest.split_at(end - at);
    let nanoseconds = match name {
        b"" => return Err(DurationError::NoUnit),
        b"d" => 86_400 * SECOND,
        b"h" => 3_600 * SECOND,
        b"m" => 60 * SECOND,
        b"s" => SECOND,
        b"ms" => 1_000_000,
        b"us" | b"\xc2\xb5s" => 1_000,
        b"ns" => 1,
        _ => return Err(DurationError::BadUnit),
    };
    Ok((nanoseconds, name.len()))
}

const fn parse(text: &[u8]) -> Result<Duration, DurationError> {
    const LONGEST: u128 = u64::MAX as u128 * 1_000_000_000 + 999_999_999;
    if let [b'0'] = text {
        return Ok(Duration::ZERO);
    }
    if let [b'-', ..] = text {
        return Err(DurationError::Negative);
    }
    let mut total: u128 = 0;
    let mut last_unit = u128::MAX;
    let mut at = 0;
    while at < text.len() {
        let (number, decimals, end) = match number(text, at) {
            Ok(number) => number,
            Err(error) => return Err(error),
        };
        let (unit, length) = match unit(text, end) {
            Ok(unit) => unit,
            Err(error) => return Err(error),
        };
        if unit >= last_unit {
            return Err(DurationError::BadOrder);
        }
        last_unit = unit;
        if unit % decimals != 0 {
            return Err(DurationError::TooFine);
        }
        total = match number.checked_mul(unit / decimals) {
            Some(part) if part <= LONGEST - total => total + part,
            _ => return Err(DurationError::TooLong),
        };
        at = end + length;
        while at + 1 < text.len() && text[at] == b' ' {
            at += 1;
        }
    }
    if at == 0 {
        return Err(DurationError::NoNumber);
    }
    let seconds = (total / 1_000_000_000) as u64;
    Ok(Duration::new(seconds, (total % 1_000_000_000) as u32))
}

/// The digits at `at` as one integer, ten to the number of its decimals, and where they end.
const fn number(text: &[u8], mut at: usize) -> Result<(u128, u128, usize), DurationError> {
    let mut number: u128 = 0;
    let mut decimals: u128 = 1;
    let mut point = false;
    let start = at;
    while at < text.len() && (text[at].is_ascii_digit() || text[at] == b'.' && !point) {
        if text[at] == b'.' {
            point = true;
        } else {
            number = match number.checked_mul(10) {
                Some(tens) => tens + (text[at] - b'0') as u128,
                None => return Err(DurationError::TooLong),
            };
            if point {
                decimals = match decimals.checked_mul(10) {
                    Some(decimals) => decimals,
                    None => return Err(DurationError::TooFine),
                };
            }
        }
        at += 1;
    }
    if at == start || point && decimals == 1 || text[start] == b'.' {
        return Err(DurationError::NoNumber);
    }
    Ok((number, decimals, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> f64 {
        parse(text.as_bytes()).unwrap().as_secs_f64()
    }

    #[test]
    fn numbers_with_units_add_up() {
        assert_eq!(seconds("1m30s"), 90.0);
        assert_eq!(seconds("1h 2m 3s"), 3723.0);
        assert_eq!(seconds("500ms"), 0.5);
        assert_eq!(seconds("1.5h"), 5400.0);
        assert_eq!(seconds("0"), 0.0);
        assert_eq!(seconds("2d"), 172_800.0);
        assert_eq!(
            parse("18446744073709551615s".as_bytes()).unwrap().as_secs(),
            u64::MAX
        );
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "30",
            "-1s",
            "s",
            "1S",
            "1sec",
            "1s1m",
            "1s1s",
            "1.s",
            ".5s",
            "1..5s",
            "1 s",
            "1s ",
            "1e3s",
            "0.0000000001s",
            "18446744073709551616s",
            "99999999999999999999999999999999999999999s",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
