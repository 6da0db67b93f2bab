//! What the result of a task or a hook says.

use std::fmt::Display;

/// Tells whether a result is a failure.
///
/// Tasks and hooks yield `()`, a `Result`, or nothing because they run for ever. Implement it for a result type of
/// your own.
///
/// # Examples
///
/// ```
/// use tf_shutdown::Outcome;
///
/// assert_eq!(().failure(), None);
/// assert_eq!(Err::<(), _>("no disk").failure().as_deref(), Some("no disk"));
/// ```
#[diagnostic::on_unimplemented(
    message = "a task or hook cannot yield `{Self}`",
    label = "this yields `{Self}`",
    note = "it yields `()` or a `Result` whose error implements `Display`"
)]
pub trait Outcome {
    /// The text of the failure, without a final period; `None` when all is well.
    ///
    /// It goes to the log and into the report, so it must hold no secret.
    fn failure(&self) -> Option<String>;
}

impl Outcome for () {
    fn failure(&self) -> Option<String> {
        None
    }
}

/// Errors are shown by their alternate form, in which some types, such as those of anyhow, add their causes.
impl<T, E: Display> Outcome for Result<T, E> {
    fn failure(&self) -> Option<String> {
        self.as_ref().err().map(|error| format!("{error:#}"))
    }
}

/// Names the type `!`, which stable Rust can only reach through the type of a function.
trait Returns {
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

/// A task that never ends by itself.
#[expect(
    private_interfaces,
    reason = "the trait is only a way to write the type `!`"
)]
impl Outcome for <fn() -> ! as Returns>::Output {
    fn failure(&self) -> Option<String> {
        *self
    }
}
