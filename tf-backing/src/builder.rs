//! Locators from raw values, so that nobody has to escape a password.

use std::net::Ipv6Addr;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::error::{ParseError, Part, Problem};
use crate::escape::{FILE_PATH, encode_into};
use crate::kind::{Kind, Path};
use crate::locator::Locator;
use crate::parse::{self, ParseOptions};

/// Builds a [`Locator`] from raw, unescaped values.
///
/// | not called | what holds |
/// |---|---|
/// | `scheme` | the name of the kind |
/// | `username`, `password`, `resource` | absent, which is not the same as empty |
/// | `host` | the kind's default, mostly `localhost` |
/// | `port` | the scheme's default |
///
/// ```
/// use tf_backing::{Kind, Locator};
///
/// let db = Locator::builder(Kind::Postgres)
///     .username("app")
///     .password("p#/?@:% ")
///     .host("db")
///     .resource("orders")
///     .option("sslmode", "require")
///     .build()?;
/// assert_eq!(db.expose_url(), "postgres://app:p%23%2F%3F%40%3A%25%20@db/orders?sslmode=require");
/// # Ok::<(), tf_backing::ParseError>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct LocatorBuilder {
    kind: Kind,
    scheme: Option<String>,
    username: Option<String>,
    password: Option<SecretString>,
    hosts: Vec<(String, Option<u16>)>,
    resource: Option<String>,
    options: Vec<(String, SecretString)>,
}

impl Locator {
    /// Returns a builder that takes raw, unescaped values.
    pub fn builder(kind: Kind) -> LocatorBuilder {
        LocatorBuilder {
            kind,
            scheme: None,
            username: None,
            password: None,
            hosts: Vec::new(),
            resource: None,
            options: Vec::new(),
        }
    }

    /// Adds an option unless the URL has it already, or another switch of encryption.
    ///
    /// For what a platform leaves out, such as Heroku's `sslmode`.
    ///
    /// ```
    /// let db = tf_backing::Locator::parse("postgres://u:p@host/db")?;
    /// let db = db.with_default_option("sslmode", "require")?;
    /// assert!(db.tls().is_required());
    /// # Ok::<(), tf_backing::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the kind's options do not take this value.
    pub fn with_default_option(self, name: &str, value: &str) -> Result<Self, ParseError> {
        let kind = self.kind();
        let is_switch = parse::is_switch(kind, name);
        let has_switch = is_switch
            && self
                .options()
                .raw()
                .any(|(key, _)| parse::is_switch(kind, key));
        if has_switch || self.options().get(name).is_some() || parse::is_part_written(&self, name) {
            return Ok(self);
        }
        let mut text = Zeroizing::new(self.expose_url());
        let without = text.strip_suffix("#insecure").map(str::len);
        let end = without.unwrap_or(text.len());
        text.truncate(end);
        let sign = if text.contains('?') { '&' } else { '?' };
        text.push(sign);
        write_option(&mut text, name, value);
        if without.is_some() {
            text.push_str("#insecure");
        }
        parse::again(&text, &self).map_err(ParseError::unplaced)
    }
}

impl LocatorBuilder {
    /// Sets the scheme, such as `rediss`; a scheme of yours for [`Kind::Other`].
    pub fn scheme(mut self, scheme: impl Into<String>) -> Self {
        self.scheme = Some(scheme.into());
        self
    }

    /// Sets the user name.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets the password.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Adds a host.
    ///
    /// A name, an address without brackets, `/path` of a socket, or `@name` of an abstract one.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push((host.into(), None));
        self
    }

    /// Sets the port of the host added last, or of the default host.
    pub fn port(mut self, port: u16) -> Self {
        match self.hosts.last_mut() {
            Some((_, last)) => *last = Some(port),
            None => self.hosts.push((String::new(), Some(port))),
        }
        self
    }

    /// Sets the database, vhost, schema, file or path; for S3 the bucket and its prefix.
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Adds an option.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Returns the locator.
    ///
    /// # Errors
    ///
    /// Fails where the values make no locator of the kind; the error has no position.
    pub fn build(self) -> Result<Locator, ParseError> {
        let scheme = self.scheme.as_deref().unwrap_or(self.kind.as_str());
        let mut rules = ParseOptions::new();
        if self.kind == Kind::Other {
            rules = rules.scheme(scheme, Kind::Other, 0);
        }
        let text = self.url(scheme)?;
        let locator =
            parse::parse(&text, &rules.expect(self.kind)).map_err(ParseError::unplaced)?;
        match locator.kind() == self.kind {
            true => Ok(locator),
            false => Err(wrong(
                Problem::WrongKind,
                "write a scheme of the kind that is built",
            )),
        }
    }

    fn url(&self, scheme: &str) -> Result<Zeroizing<String>, ParseError> {
        let mut out = Zeroizing::new(format!("{scheme}:"));
        let has_credentials = self.username.is_some() || self.password.is_some();
        let resource = self.resource.as_deref();
        if self.kind == Kind::Sqlite {
            if has_credentials || !self.hosts.is_empty() {
                return Err(wrong(Problem::UserInfo, "SQLite has a path only"));
            }
            out.push_str(if resource == Some(":memory:") {
                ""
            } else {
                "//"
            });
            encode_into(&mut out, resource.unwrap_or_default(), FILE_PATH);
        } else {
            out.push_str("//");
            self.write_user_info(&mut out);
            self.write_hosts(&mut out, has_credentials);
            if let Some(resource) = resource {
                if self.kind != Kind::S3 || !self.hosts.is_empty() {
                    out.push('/');
                }
                let also = match (self.kind, self.kind.rules().path) {
                    (Kind::Postgres, _) | (_, Path::Segment | Path::MongoName | Path::Number) => {
                        b""
                    }
                    _ => FILE_PATH,
                };
                encode_into(&mut out, resource, also);
            }
        }
        let mut sign = '?';
        for (name, value) in &self.options {
            out.push(sign);
            write_option(&mut out, name, value.expose_secret());
            sign = '&';
        }
        Ok(out)
    }

    fn write_user_info(&self, out: &mut String) {
        encode_into(out, self.username.as_deref().unwrap_or_default(), b"");
        if let Some(password) = &self.password {
            // A password alone is NATS's token, which stands where users do.
            if self.username.is_some() || self.kind != Kind::Nats {
                out.push(':');
            }
            encode_into(out, password.expose_secret(), b"");
        }
        if self.username.is_some() || self.password.is_some() {
            out.push('@');
        }
    }

    fn write_hosts(&self, out: &mut String, has_credentials: bool) {
        for (n, (host, port)) in self.hosts.iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            let (address, zone) = host.split_once('%').unwrap_or((host, ""));
            if address.parse::<Ipv6Addr>().is_ok() {
                out.push_str(&format!("[{address}"));
                out.push_str(if zone.is_empty() { "" } else { "%25" });
                encode_into(out, zone, b"");
                out.push(']');
            } else {
                encode_into(out, host, b"");
            }
            match port {
                Some(port) => out.push_str(&format!(":{port}")),
                // Without one S3 takes the host for a bucket.
                None if self.kind == Kind::S3 && !has_credentials => out.push(':'),
                None => {}
            }
        }
    }
}

fn write_option(out: &mut String, name: &str, value: &str) {
    encode_into(out, name, b"");
    out.push('=');
    encode_into(out, value, b"");
}

fn wrong(problem: Problem, hint: &'static str) -> ParseError {
    ParseError::new(problem, Part::Text, 0, hint).unplaced()
}
