//! A tour of `tf-config`: one struct that is the configuration, the error report and the manual.
//!
//! ```text
//! config [--format text|json]                  what the environment gives, or all that is wrong with it
//! config --reference dotenv|markdown|schema    the variables, as documentation
//! ```

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use secrecy::SecretString;
use tf_backing::Locator;
use tf_config::{Config, Error, Loaded, Vars};
use url::Url;

/// What a service needs to know, from the environment alone.
#[derive(Config)]
#[config(prefix = "SHOP", debug)]
struct Settings {
    /// Port the HTTP server listens on.
    #[config(default = 5000, range = 1..=65535)]
    port: u16,
    /// Primary database.
    #[config(redacted, example = "postgres://user:pass@host/db")]
    database_url: Locator,
    /// Signs session cookies.
    session_key: Option<SecretString>,
    /// How long requests in flight may take after a stop.
    #[config(default = "30s")]
    drain: Duration,
    /// Sites whose pages may call the service.
    #[config(list, default = [])]
    allowed_origins: Vec<Url>,
    /// Outgoing mail; without it, none is sent.
    #[config(nested)]
    mail: Option<Mail>,
    /// How log lines are written.
    #[config(alias = "LOG_FMT", default = "auto")]
    log_format: LogFormat,
}

/// A mail relay.
#[derive(Config)]
#[config(debug)]
struct Mail {
    /// Relay that takes the mail.
    host: String,
    /// Port of the relay.
    #[config(default = 25)]
    port: u16,
    /// Password of the account at the relay.
    password: SecretString,
}

/// The forms of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Config)]
enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    Json,
    Pretty,
}

/// The exit codes of this program; 78 is `EX_CONFIG` of sysexits.
mod code {
    pub(super) const FAILED: u8 = 1;
    pub(super) const USAGE: u8 = 2;
    pub(super) const CONFIG: u8 = 78;
    pub(super) const CLOSED_PIPE: u8 = 141;
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        [] | ["--format", "text"] => load(Format::Text),
        ["--format", "json"] => load(Format::Json),
        ["--reference", "dotenv"] => print(&Settings::reference().to_dotenv()),
        ["--reference", "markdown"] => print(&Settings::reference().to_markdown()),
        ["--reference", "schema"] => print(&Settings::reference().to_json_schema()),
        _ => usage(),
    };
    match result {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code::CLOSED_PIPE.into(),
        Err(_) => code::FAILED.into(),
    }
}

#[derive(Clone, Copy)]
enum Format {
    Text,
    Json,
}

fn load(format: Format) -> io::Result<ExitCode> {
    match Settings::load(&Vars::from_env()) {
        Ok(loaded) => describe(&loaded, format),
        Err(error) => report(&error, format),
    }
}

fn describe(loaded: &Loaded<Settings>, format: Format) -> io::Result<ExitCode> {
    let mut stderr = io::stderr().lock();
    for warning in loaded.warnings() {
        writeln!(stderr, "warning: {warning}")?;
    }
    match format {
        Format::Text => print(&loaded.describe_values()),
        Format::Json => print(&json(&loaded.values())?),
    }
}

fn report(error: &Error, format: Format) -> io::Result<ExitCode> {
    let text = match format {
        Format::Text => format!("{error}\n"),
        Format::Json => json(error)?,
    };
    io::stderr().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::from(code::CONFIG))
}

fn usage() -> io::Result<ExitCode> {
    let mut stderr = io::stderr().lock();
    writeln!(
        stderr,
        "usage: config [--format text|json]\n       config --reference dotenv|markdown|schema"
    )?;
    Ok(ExitCode::from(code::USAGE))
}

fn print(text: &str) -> io::Result<ExitCode> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn json(value: &impl serde::Serialize) -> io::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_valid() {
        tf_config::testing::assert_valid::<Settings>();
    }

    #[test]
    fn all_is_read() {
        let settings = Settings::from_vars([
            ("SHOP_DATABASE_URL", "postgres://app:s3cr3t@db/shop"),
            (
                "SHOP_ALLOWED_ORIGINS",
                "https://a.example, https://b.example",
            ),
            ("SHOP_MAIL_HOST", "mail"),
            ("SHOP_MAIL_PASSWORD", "m4il"),
            ("LOG_FMT", "json"),
        ]);
        let settings = settings.unwrap();
        assert_eq!((settings.port, settings.drain.as_secs()), (5000, 30));
        assert_eq!(settings.allowed_origins.len(), 2);
        assert!(settings.session_key.is_none());
        assert_eq!(settings.log_format, LogFormat::Json);
        assert_eq!(settings.database_url.resource(), Some("shop"));
        let debug = format!("{settings:?}");
        assert!(
            !debug.contains("s3cr3t") && !debug.contains("m4il"),
            "{debug}"
        );
        assert_eq!(
            settings.mail.map(|mail| (mail.host, mail.port)),
            Some(("mail".into(), 25))
        );
    }
}
