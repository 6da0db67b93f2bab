//! Values as JSON.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::line::{Buf, Start};

/// Stands for a value whose formatting failed or panicked.
const FAILED: &str = "<formatting failed>";

/// Stands for a value that must not appear.
pub(crate) const REDACTED: &str = "[redacted]";

/// More causes than this are a cycle.
const CAUSES: usize = 64;

/// One recorded value.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    U64(u64),
    I64(i64),
    U128(u128),
    I128(i128),
    F64(f64),
    Bool(bool),
    Str(&'a str),
    Bytes(&'a [u8]),
    Debug(&'a dyn fmt::Debug),
    /// An error with its causes, in one text.
    Error(&'a (dyn Error + 'static)),
    /// An error without its causes.
    Message(&'a (dyn Error + 'static)),
    /// An error with its causes, one per line.
    Causes(&'a (dyn Error + 'static)),
    /// JSON already.
    Json(&'a [u8]),
    Redacted,
}

/// Gives an error with its causes to a field: `error = tf_logs::error(&e)`.
///
/// The line then has `error.message`, `error.type` and, where there are causes, `error.stack_trace`. It is the cast
/// `&e as &dyn std::error::Error` by a shorter name; a field with `%e` has the message only.
///
/// # Examples
///
/// ```
/// # let io = std::io::Error::other("connection refused");
/// tracing::warn!(error = tf_logs::error(&io), "payment failed");
/// ```
pub fn error<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error
}

/// Appends `value` with its type.
#[inline(always)]
pub(crate) fn json(out: &mut Buf, value: Value<'_>) {
    match value {
        Value::Str(text) => out.string(text),
        Value::U64(number) => unsigned(out, number),
        Value::I64(number) => signed(out, number),
        Value::Debug(value) => {
            out.push(b'"');
            debug(out, value);
            out.push(b'"');
        }
        Value::F64(number) => float(out, number),
        Value::Bool(true) => out.raw(b"true"),
        Value::Bool(false) => out.raw(b"false"),
        Value::Json(json) => out.raw(json),
        other => rare(out, other),
    }
}

/// Appends `value` as a text, whatever its type, where only texts may stand.
#[inline(always)]
pub(crate) fn at(out: &mut Buf, is_text: bool, value: Value<'_>) {
    match value {
        value if !is_text => json(out, value),
        Value::Json(text) if text.starts_with(b"\"") => out.raw(text),
        value => as_text(out, value),
    }
}

#[inline(never)]
fn as_text(out: &mut Buf, value: Value<'_>) {
    out.push(b'"');
    text(out, value);
    out.push(b'"');
}

#[inline]
fn unsigned(out: &mut Buf, number: u64) {
    if i64::try_from(number).is_ok() {
        out.unsigned(number);
    } else {
        huge(out, number);
    }
}

#[inline]
fn signed(out: &mut Buf, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    out.unsigned(number.unsigned_abs());
}

/// A number that many readers would round, as a text.
#[cold]
fn huge(out: &mut Buf, number: u64) {
    quoted(out, itoa::Buffer::new().format(number).as_bytes());
}

fn quoted(out: &mut Buf, text: &[u8]) {
    out.push(b'"');
    out.raw(text);
    out.push(b'"');
}

fn float(out: &mut Buf, number: f64) {
    if number.is_finite() {
        out.raw(zmij::Buffer::new().format_finite(number).as_bytes());
    } else {
        out.raw(b"null");
    }
}

#[inline(never)]
fn rare(out: &mut Buf, value: Value<'_>) {
    match value {
        Value::U128(number) => match i64::try_from(number) {
            Ok(number) => signed(out, number),
            Err(_) => quoted(out, itoa::Buffer::new().format(number).as_bytes()),
        },
        Value::I128(number) => match i64::try_from(number) {
            Ok(number) => signed(out, number),
            Err(_) => quoted(out, itoa::Buffer::new().format(number).as_bytes()),
        },
        other => as_text(out, other),
    }
}

/// Appends `value` as the inside of a string.
pub(crate) fn text(out: &mut Buf, value: Value<'_>) {
    match value {
        Value::Debug(value) => debug(out, value),
        Value::Error(error) => chain(out, error, ": "),
        Value::Causes(error) => chain(out, error, "\nCaused by: "),
        Value::Message(error) => guarded(out, |out| write!(out, "{error}")),
        Value::Str(value) => out.text(value),
        Value::Redacted => out.text(REDACTED),
        Value::Bytes(value) => bytes(out, value),
        Value::U64(value) => out.raw(itoa::Buffer::new().format(value).as_bytes()),
        Value::I64(value) => out.raw(itoa::Buffer::new().format(value).as_bytes()),
        Value::U128(value) => out.raw(itoa::Buffer::new().format(value).as_bytes()),
        Value::I128(value) => out.raw(itoa::Buffer::new().format(value).as_bytes()),
        Value::F64(value) => out.text(zmij::Buffer::new().format(value)),
        Value::Bool(true) => out.raw(b"true"),
        Value::Bool(false) => out.raw(b"false"),
        Value::Json(json) => out.raw(json),
    }
}

fn bytes(out: &mut Buf, value: &[u8]) {
    if let Ok(value) = std::str::from_utf8(value) {
        return out.text(value);
    }
    guarded(out, |out| {
        out.write_str("0x")?;
        value.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    });
}

/// Appends what a stranger's `Debug` writes, or a marker when it fails or panics.
#[inline]
fn debug(out: &mut Buf, value: &dyn fmt::Debug) {
    guarded(out, |out| write!(out, "{value:?}"));
}

fn guarded(out: &mut Buf, write: impl FnOnce(&mut Buf) -> fmt::Result) {
    let start = out.begin();
    match catch_unwind(AssertUnwindSafe(|| write(out))) {
        Ok(Ok(())) => out.end(&start),
        Ok(Err(_)) => failed(out, &start),
        Err(payload) => {
            // A payload may panic again when it is dropped.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
            failed(out, &start);
        }
    }
}

#[cold]
fn failed(out: &mut Buf, start: &Start) {
    out.undo(start);
    out.text(FAILED);
}

/// Appends the messages of `error` and its causes.
fn chain(out: &mut Buf, error: &dyn Error, between: &str) {
    guarded(out, |out| {
        write!(out, "{error}")?;
        let mut cause = error.source();
        for _ in 0..CAUSES {
            let Some(error) = cause else { break };
            write!(out, "{between}{error}")?;
            cause = error.source();
        }
        Ok(())
    });
}

/// The type that the `Debug` of an error begins with, if it looks like one.
pub(crate) fn type_name<'n>(error: &dyn Error, name: &'n mut String) -> Option<&'n str> {
    let mut leading = Leading { name, end: None };
    // An error stops the text behind the name.
    let done = catch_unwind(AssertUnwindSafe(|| write!(leading, "{error:?}").is_ok()));
    let end = leading.end;
    let is_type = done.is_ok()
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && matches!(end, None | Some('(' | '{'));
    is_type.then_some(name.trim_end())
}

/// Keeps the identifier at the beginning of a text.
struct Leading<'a> {
    name: &'a mut String,
    /// What stands behind it.
    end: Option<char>,
}

impl fmt::Write for Leading<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            let part = c.is_ascii_alphanumeric() || c == '_';
            if (part && !self.name.ends_with(' ')) || (c == ' ' && !self.name.ends_with(' ')) {
                self.name.push(c);
            } else {
                self.end = Some(c);
                return Err(fmt::Error);
            }
            if self.name.len() > 80 {
                self.end = Some('.');
                return Err(fmt::Error);
            }
        }
        Ok(())
    }
}
