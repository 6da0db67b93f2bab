//! W3C trace context.

use std::fmt;

/// The ids of a trace and of a span in it, as the header `traceparent` carries them.
///
/// # Examples
///
/// ```
/// let parent = tf_logs::TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")?;
/// assert_eq!(parent.trace_id()[0], 0x0a);
/// assert!(parent.is_sampled());
/// assert_eq!(parent.to_string(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
/// # Ok::<(), tf_logs::TraceParentError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

/// What is wrong with a text that should be a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceParentError {
    /// It does not consist of version, trace id, span id and flags.
    #[error("expected `version-traceid-spanid-flags` with 2, 32, 16 and 2 hexadecimal digits")]
    Form,
    /// It has a character other than `0` to `9` and `a` to `f`.
    #[error("expected lower-case hexadecimal digits")]
    Digit,
    /// The version `ff` is forbidden.
    #[error("version `ff` is not allowed")]
    Version,
    /// All digits of an id are zero.
    #[error("an id of zeros only means that there is none")]
    Zero,
}

impl TraceParent {
    /// Reads the value of a `traceparent` header (W3C Trace Context, section 3.2).
    ///
    /// Versions after 00 may have more parts, which are ignored.
    ///
    /// # Errors
    ///
    /// The text has another form, or an id is zero.
    pub fn parse(text: &str) -> Result<Self, TraceParentError> {
        let bytes = text.trim_matches([' ', '\t']).as_bytes();
        let dashes = [2, 35, 52].iter().all(|at| bytes.get(*at) == Some(&b'-'));
        if bytes.len() < 55 || !dashes {
            return Err(TraceParentError::Form);
        }
        let [version] = hex(&bytes[..2])?;
        let whole = bytes.len() == 55 || (version != 0 && bytes[55] == b'-');
        if !whole {
            return Err(TraceParentError::Form);
        }
        if version == 0xff {
            return Err(TraceParentError::Version);
        }
        let (trace, span, [flags]) = (
            hex(&bytes[3..35])?,
            hex(&bytes[36..52])?,
            hex(&bytes[53..55])?,
        );
        if trace == [0; 16] || span == [0; 8] {
            return Err(TraceParentError::Zero);
        }
        Ok(Self { trace, span, flags })
    }

    /// The id of the trace.
    pub fn trace_id(&self) -> [u8; 16] {
        self.trace
    }

    /// The id of the span in it, called parent id in the header.
    pub fn span_id(&self) -> [u8; 8] {
        self.span
    }

    /// Whether the caller may have recorded the trace.
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }
}

fn hex<const N: usize>(digits: &[u8]) -> Result<[u8; N], TraceParentError> {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

fn digit(character: u8) -> Result<u8, TraceParentError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(TraceParentError::Digit),
    }
}

impl std::str::FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        Self::parse(text)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("00-")?;
        self.trace
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("-")?;
        self.span
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, "-{:02x}", self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_is_read_and_written_back() {
        let parent = TraceParent::parse(GOOD).unwrap();
        assert_eq!(parent.to_string(), GOOD);
        assert_eq!(TraceParent::parse(&format!(" {GOOD}\t")), Ok(parent));
    }

    #[test]
    fn later_versions_may_say_more() {
        assert!(TraceParent::parse(&format!("01{}-more", &GOOD[2..])).is_ok());
        assert_eq!(
            TraceParent::parse(&format!("{GOOD}-more")),
            Err(TraceParentError::Form)
        );
        assert_eq!(
            TraceParent::parse(&format!("01{}more", &GOOD[2..])),
            Err(TraceParentError::Form)
        );
    }

    #[test]
    fn each_mistake_has_its_error() {
        use TraceParentError::{Digit, Form, Version, Zero};
        let zeros = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        let no_span = format!("00-0af7651916cd43dd8448eb211c80319c-{}-01", "0".repeat(16));
        for (text, error) in [
            ("", Form),
            ("00", Form),
            (&GOOD[..54], Form),
            (&GOOD.to_uppercase(), Digit),
            (&GOOD.replace('b', "ß"), Form),
            (&format!("ff{}", &GOOD[2..]), Version),
            (&zeros, Zero),
            (&no_span, Zero),
        ] {
            assert_eq!(TraceParent::parse(text), Err(error), "{text}");
        }
    }
}
