//! Arguments whose values never stand on a command line.

use std::ffi::OsStr;
use std::fmt;

use clap::builder::{TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;
use clap::{Arg, Command};
use secrecy::{ExposeSecret, SecretString};

/// A secret argument, which is named on the command line and never written there.
///
/// A field `key: SecretArg` with `#[arg(long)]` gives a task the options `--key-env NAME`,
/// `--key-file PATH` and `--key-stdin`; there is no `--key VALUE`, because the list of processes and the
/// shell's history show command lines. `Option<SecretArg>` makes it optional. One newline at the end of a
/// file or of stdin is removed, and an empty secret is refused. The value is masked in all that the run
/// writes, its audit and the text of a panic among it.
///
/// # Examples
///
/// ```
/// use tf_admin::{Env, Io, Registry, SecretArg, Task};
///
/// #[derive(clap::Args)]
/// struct Rotate {
///     /// Key of the payment service.
///     #[arg(long)]
///     key: SecretArg,
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let rotate = Task::new("keys:rotate", "Rotate the key")
///     .args::<Rotate>()
///     .run(|cx, args| async move {
///         cx.note(format!("the key is {}", args.key.expose_secret()));
///         Ok(())
///     });
/// let registry = Registry::builder("shop").add(rotate).build()?;
/// let env = Env::from_vars([("PAYMENT_KEY", "s3cr3t")]);
/// let report = registry.run(["keys:rotate", "--key-env", "PAYMENT_KEY"], env, Io::captured()).await;
/// assert_eq!(report.code(), 0);
/// assert!(report.stderr().contains("the key is ***"));
/// # Ok::<(), tf_admin::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct SecretArg(SecretString);

impl SecretArg {
    pub(crate) fn new(value: SecretString) -> Self {
        Self(value)
    }

    /// Returns the value, in the open.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<SecretArg> for SecretString {
    fn from(secret: SecretArg) -> Self {
        secret.0
    }
}

impl fmt::Debug for SecretArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretArg(***)")
    }
}

impl ValueParserFactory for SecretArg {
    type Parser = SecretParser;

    fn value_parser() -> Self::Parser {
        SecretParser(None)
    }
}

/// The parser of [`SecretArg`], which takes no text from the command line.
#[derive(Clone, Debug)]
pub struct SecretParser(Option<SecretArg>);

impl SecretParser {
    /// A parser whose every text stands for this secret.
    pub(crate) fn resolved(secret: SecretArg) -> Self {
        Self(Some(secret))
    }
}

impl TypedValueParser for SecretParser {
    type Value = SecretArg;

    fn parse_ref(
        &self,
        _: &Command,
        arg: Option<&Arg>,
        _: &OsStr,
    ) -> Result<SecretArg, clap::Error> {
        self.0.clone().ok_or_else(|| {
            let name = arg.and_then(Arg::get_long).unwrap_or("secret");
            clap::Error::raw(ErrorKind::ValueValidation, misplaced(name))
        })
    }
}

fn misplaced(name: &str) -> String {
    format!(
        "`--{name}` is a secret and has no place on a command line; \
         give it by `--{name}-env NAME`, `--{name}-file PATH` or `--{name}-stdin`\n"
    )
}
