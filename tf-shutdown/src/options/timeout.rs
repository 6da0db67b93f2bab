//! Durations as text: `25s`, `500ms`, `1m30s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Reads a duration from text, as `SHUTDOWN_TIMEOUT` has it.
///
/// Whole or decimal numbers, each followed by its unit (`h`, `m`, `s`, `ms`), larger units first, each
/// once. A bare number is refused, but for `0`. For a configuration type of your own: it is the type of
/// the variable, and [`Options::total`](crate::Options::total) takes it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tf_shutdown::Timeout;
///
/// let timeout: Timeout = "1m30s".parse()?;
/// assert_eq!(Duration::from(timeout), Duration::from_secs(90));
///
/// let error = "30".parse::<Timeout>().unwrap_err();
/// assert_eq!(error.to_string(), "the unit is missing; write for example 25s, 500ms or 1m30s");
/// # Ok::<(), tf_shutdown::TimeoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timeout(Duration);

/// Says why a text is no duration; holds nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct TimeoutError(#[from] Mistake);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Mistake {
    #[error("it is empty; expected a duration such as 25s, 500ms or 1m30s")]
    Empty,
    #[error("the unit is missing; write for example 25s, 500ms or 1m30s")]
    NoUnit,
    #[error("the units are h, m, s and ms, in small letters")]
    BadUnit,
    #[error("larger units come first, each once, as in 1m30s")]
    BadOrder,
    #[error("a duration is not negative")]
    Negative,
    #[error("a number comes before each unit, as in 1m30s")]
    NoNumber,
    #[error("the fraction is finer than a nanosecond")]
    TooFine,
    #[error("it is too long; at most 30 days make sense")]
    TooLong,
}

impl FromStr for Timeout {
    type Err = TimeoutError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(parse(text.trim())?))
    }
}

impl From<Timeout> for Duration {
    fn from(timeout: Timeout) -> Self {
        timeout.0
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

/// The shortest text that reads back as the same duration.
impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let parts = [
            (seconds / 3600, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ];
        for (number, unit) in parts {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        match self.0.subsec_nanos() {
            0 if seconds == 0 => f.write_str("0s"),
            0 => Ok(()),
            nanos if nanos % 1_000_000 == 0 => write!(f, "{}ms", nanos / 1_000_000),
            nanos => {
                let fraction = format!("{:06}", nanos % 1_000_000);
                let fraction = fraction.trim_end_matches('0');
                write!(f, "{}.{fraction}ms", nanos / 1_000_000)
            }
        }
    }
}

const SECOND: u128 = 1_000_000_000;

fn parse(text: &str) -> Result<Duration, Mistake> {
    match text.as_bytes() {
        [] => return Err(Mistake::Empty),
        b"0" => return Ok(Duration::ZERO),
        [b'-', ..] => return Err(Mistake::Negative),
        _ => {}
    }
    let mut rest = text;
    let mut total: u128 = 0;
    let mut last_unit = u128::MAX;
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (name, after) = split(after, |c| !c.is_ascii_digit() && !c.is_whitespace());
        let (number, decimals) = decimal(number)?;
        let unit = unit(name)?;
        if unit >= last_unit {
            return Err(Mistake::BadOrder);
        }
        last_unit = unit;
        if unit % decimals != 0 {
            return Err(Mistake::TooFine);
        }
        let part = number
            .checked_mul(unit / decimals)
            .ok_or(Mistake::TooLong)?;
        total = total.checked_add(part).ok_or(Mistake::TooLong)?;
        rest = after.trim_start();
    }
    let seconds = u64::try_from(total / SECOND).map_err(|_| Mistake::TooLong)?;
    Ok(Duration::new(seconds, (total % SECOND) as u32))
}

/// The longest beginning of which every character passes, and what follows.
fn split(text: &str, passes: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !passes(c)).unwrap_or(text.len()))
}

/// The digits as one integer, and ten to the number of its decimals.
fn decimal(text: &str) -> Result<(u128, u128), Mistake> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return Err(Mistake::NoNumber),
        Some(parts) => parts,
        None => (text, ""),
    };
    if whole.is_empty() || fraction.contains('.') {
        return Err(Mistake::NoNumber);
    }
    let decimals = u32::try_from(fraction.len())
        .ok()
        .and_then(|digits| 10_u128.checked_pow(digits))
        .ok_or(Mistake::TooFine)?;
    let digits = format!("{whole}{fraction}");
    let number = digits.parse().map_err(|_| Mistake::TooLong)?;
    Ok((number, decimals))
}

/// Nanoseconds of one unit.
fn unit(name: &str) -> Result<u128, Mistake> {
    match name {
        "" => Err(Mistake::NoUnit),
        "h" => Ok(3600 * SECOND),
        "m" => Ok(60 * SECOND),
        "s" => Ok(SECOND),
        "ms" => Ok(SECOND / 1000),
        _ => Err(Mistake::BadUnit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> Mistake {
        text.parse::<Timeout>().unwrap_err().0
    }

    #[test]
    fn numbers_with_units_add_up() {
        let seconds = |text: &str| text.parse::<Timeout>().unwrap().0.as_secs_f64();
        assert_eq!(seconds("25s"), 25.0);
        assert_eq!(seconds("500ms"), 0.5);
        assert_eq!(seconds("1m30s"), 90.0);
        assert_eq!(seconds(" 1h 2m 3s "), 3723.0);
        assert_eq!(seconds("4.5s"), 4.5);
        assert_eq!(seconds("0"), 0.0);
    }

    #[test]
    fn a_mistake_is_named() {
        assert_eq!(mistake(""), Mistake::Empty);
        assert_eq!(mistake(" "), Mistake::Empty);
        assert_eq!(mistake("30"), Mistake::NoUnit);
        assert_eq!(mistake("1m30"), Mistake::NoUnit);
        assert_eq!(mistake("30 s"), Mistake::NoUnit);
        assert_eq!(mistake("-1s"), Mistake::Negative);
        assert_eq!(mistake("30S"), Mistake::BadUnit);
        assert_eq!(mistake("30sec"), Mistake::BadUnit);
        assert_eq!(mistake("1s1m"), Mistake::BadOrder);
        assert_eq!(mistake("1s1s"), Mistake::BadOrder);
        assert_eq!(mistake("s"), Mistake::NoNumber);
        assert_eq!(mistake("1.s"), Mistake::NoNumber);
        assert_eq!(mistake(".5s"), Mistake::NoNumber);
        assert_eq!(mistake("1.2.3s"), Mistake::NoNumber);
        assert_eq!(mistake("0.0000000001s"), Mistake::TooFine);
        assert_eq!(mistake(&format!("{}s", "9".repeat(40))), Mistake::TooLong);
        assert_eq!(mistake(&format!("{}s", u128::MAX)), Mistake::TooLong);
    }

    #[test]
    fn the_text_reads_back() {
        for text in ["0s", "25s", "1h", "1m30s", "1s500ms", "2.25ms"] {
            assert_eq!(text.parse::<Timeout>().unwrap().to_string(), text);
        }
    }
}
