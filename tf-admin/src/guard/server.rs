//! What the guards that need a database server have in common: its URL, and how a holder shows itself there.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::{GuardError, Holder, unescape};
use crate::mask::Mask;

/// How long a server may take to let a session in and to answer what it asks first.
const LIMIT: Duration = Duration::from_secs(5);

/// Before the holder's line in a comment and in the name of an application.
pub(super) const MARK: &str = "tf-admin ";

/// The address of a server. No text that this type gives out has its password.
#[derive(Clone)]
pub(super) struct Server {
    url: SecretString,
    mask: Mask,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Server {
    pub(super) fn new(url: SecretString) -> Self {
        let mask = Mask::default();
        for secret in passwords(url.expose_secret()) {
            mask.add(secret);
            mask.add(&unescape(secret));
        }
        Self { url, mask }
    }

    /// The URL, if its scheme is one of these.
    pub(super) fn expose_url(&self, schemes: [&str; 2]) -> Result<&str, GuardError> {
        let url = self.url.expose_secret();
        let scheme = url.split_once("://").map(|(scheme, _)| scheme);
        if scheme.is_some_and(|scheme| schemes.contains(&scheme)) {
            Ok(url)
        } else {
            let scheme = schemes[0];
            Err(GuardError::config(format!(
                "the URL of the lock's server is not one; expected `{scheme}://user:password@host/database`"
            )))
        }
    }

    /// Bounds what is asked of the server and words its failure.
    pub(super) async fn ask<T>(
        &self,
        question: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, GuardError> {
        match timeout(LIMIT, question).await {
            Ok(answer) => answer.map_err(|error| self.error(&error)),
            Err(_) => Err(GuardError::unavailable(format!(
                "the server did not answer within {LIMIT:?}"
            ))),
        }
    }

    /// The driver's error as one that can be shown: without a source, whose texts are the driver's own.
    pub(super) fn error(&self, error: &sqlx::Error) -> GuardError {
        let shown = self.shown(error);
        match error {
            sqlx::Error::Database(refusal) if is_final(refusal.code().as_deref()) => {
                GuardError::config(format!("the server refuses the login: {shown}"))
            }
            sqlx::Error::Configuration(_) | sqlx::Error::Tls(_) => {
                GuardError::config(format!("the server cannot be asked: {shown}"))
            }
            _ => GuardError::unavailable(format!("the server: {shown}")),
        }
    }

    /// The text of an error without a password.
    pub(super) fn shown(&self, error: &sqlx::Error) -> String {
        match error {
            // Its text may have any part of the URL.
            sqlx::Error::Configuration(_) => "the URL is wrong".to_owned(),
            error => self.mask.apply(&error.to_string()).into_owned(),
        }
    }
}

/// Whether trying again with the same URL is no use: the login or the name of the database is wrong.
///
/// The classes are those of SQLSTATE; MySQL's for an unknown database is 42000.
fn is_final(code: Option<&str>) -> bool {
    matches!(code, Some("28000" | "28P01" | "3D000" | "42000"))
}

/// The passwords of a URL as they are written there.
fn passwords(url: &str) -> Vec<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let login = authority.rsplit_once('@').map(|(login, _)| login);
    let password = login.and_then(|login| login.split_once(':'));
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let options = query.split('&').filter_map(|option| option.split_once('='));
    let options = options.filter(|(name, _)| name.to_ascii_lowercase().contains("pass"));
    let passwords = password.into_iter().chain(options);
    passwords.map(|(_, password)| password).collect()
}

/// How a holder's sessions name themselves: ASCII that can stand in a comment and in a quoted text.
pub(super) fn mark(holder: &Holder) -> String {
    /// Shorter than what servers keep of a statement's text, 1024 bytes by default in PostgreSQL.
    const LONGEST: usize = 700;
    let mut mark = MARK.to_owned();
    for char in holder.to_line().chars() {
        match char {
            // `%` is what the line itself escapes with.
            ' ' | '%' | '-' | '.' | '_' | ':' | '@' | '+' => mark.push(char),
            _ if char.is_ascii_alphanumeric() => mark.push(char),
            _ => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    mark.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    mark.truncate(LONGEST);
    mark
}

/// Reads a mark at the beginning of a name or of a comment that begins a statement.
pub(super) fn marked(text: &str) -> Option<Holder> {
    let text = text.trim_start_matches("/* ");
    let line = text.strip_prefix(MARK)?;
    let line = line.split_once("*/").map_or(line, |(line, _)| line);
    Holder::from_line(line.trim_end())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn holder(actor: &str) -> Holder {
        Holder {
            run_id: "0199-a".into(),
            task: "prune */ DROP".into(),
            host: "web-1".into(),
            pid: 42,
            actor: actor.into(),
            since: SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_123),
        }
    }

    #[test]
    fn a_mark_ends_neither_a_comment_nor_a_text() {
        let odd = holder("änne' */ /* \\ ; -- \0 ? $1 {}");
        let mark = mark(&odd);
        assert!(mark.is_ascii() && !mark.contains(['\'', '*', '/', '\\', ';', '\0', '?']));
        assert_eq!(marked(&mark), Some(odd.clone()));
        assert_eq!(marked(&format!("/* {mark} */ SELECT 1")), Some(odd));
    }

    #[test]
    fn a_mark_that_was_cut_still_names_the_run() {
        let mark = mark(&holder(&"long ".repeat(1000)));
        let cut = marked(&mark[..40]).expect("it has a run id");
        assert_eq!(cut.run_id, "0199-a");
        for foreign in ["", "psql", "SELECT 1", "/* tf-admin */", "tf-admin "] {
            assert_eq!(marked(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn every_password_of_a_url_is_found() {
        for (url, found) in [
            ("postgres://u:p%40w@h/d?sslmode=disable", vec!["p%40w"]),
            ("mysql://u:a:b@c@h:1", vec!["a:b@c"]),
            (
                "postgres://h/d?password=x1&sslPassword=y2#f",
                vec!["x1", "y2#f"],
            ),
            ("postgres://u@h/a:b@c", vec![]),
            ("nonsense", vec![]),
        ] {
            assert_eq!(passwords(url), found, "{url}");
        }
    }
}
