//! To and from the `url` crate, which knows one TCP host and drops what is empty.

use std::fmt;

use url::Url;

use crate::error::ParseError;
use crate::host::Host;
use crate::kind::Kind;
use crate::locator::Locator;
use crate::parse;
use crate::show::Secrets;

impl Locator {
    /// Returns the full URL, with every secret in it, for clients that want a `Url`.
    ///
    /// A host that is not written becomes `localhost`.
    ///
    /// # Errors
    ///
    /// Fails where `Url` cannot hold the locator: several hosts, a socket, a file, an IPv6 zone, an
    /// empty password, a database named `..`.
    pub fn expose_to_url(&self) -> Result<Url, ToUrlError> {
        match self.hosts().len() {
            0 | 1 => self
                .expose_to_urls()?
                .pop()
                .ok_or(ToUrlError(ToUrlErrorKind::NoHost)),
            _ => Err(ToUrlError(ToUrlErrorKind::SeveralHosts)),
        }
    }

    /// Returns one full URL for each host, with every secret in it.
    ///
    /// # Errors
    ///
    /// As [`expose_to_url`](Self::expose_to_url), but for several hosts.
    pub fn expose_to_urls(&self) -> Result<Vec<Url>, ToUrlError> {
        let is_bucket = self.kind() == Kind::S3 && self.hosts().len() == 0;
        if is_bucket {
            return Ok(vec![self.one_url(String::new())?]);
        }
        if self.hosts().len() == 0 {
            return Err(ToUrlError(ToUrlErrorKind::NoHost));
        }
        let texts = self.node_texts();
        self.hosts()
            .zip(texts)
            .map(|(node, text)| match node.host {
                Host::Unix(_) | Host::Abstract(_) => Err(ToUrlError(ToUrlErrorKind::Socket)),
                Host::Default => self.one_url(format!("localhost{text}")),
                _ => self.one_url(text),
            })
            .collect()
    }

    fn one_url(&self, node: String) -> Result<Url, ToUrlError> {
        let lossy = ToUrlError(ToUrlErrorKind::Lossy);
        let nodes = if node.is_empty() {
            Vec::new()
        } else {
            vec![node]
        };
        let text = self.url(&nodes, Secrets::Shown);
        let url = Url::parse(&text).map_err(|_| lossy)?;
        // `Url` normalises what it parses: for HTTP that is meant, elsewhere it loses names.
        let same =
            || Some(parse::again(url.as_str(), self).ok()? == parse::again(&text, self).ok()?);
        match self.kind() == Kind::Http || same() == Some(true) {
            true => Ok(url),
            false => Err(lossy),
        }
    }
}

impl TryFrom<&Url> for Locator {
    type Error = ParseError;

    /// Parses the text of a `Url`, which has lost empty passwords and `..` by then.
    fn try_from(url: &Url) -> Result<Self, ParseError> {
        Self::parse(url.as_str())
    }
}

/// Why a locator does not fit into a `url::Url`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ToUrlError(ToUrlErrorKind);

impl ToUrlError {
    /// Returns the reason.
    pub fn kind(&self) -> ToUrlErrorKind {
        self.0
    }
}

/// The reason of a [`ToUrlError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ToUrlErrorKind {
    /// The locator has more than one host; there may be one URL for each.
    SeveralHosts,
    /// A host is a Unix socket.
    Socket,
    /// The locator is a file.
    NoHost,
    /// `Url` refuses, changes or drops a part.
    Lossy,
}

impl fmt::Display for ToUrlErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SeveralHosts => "the locator has several hosts; take one URL for each",
            Self::Socket => "a URL has no place for a socket",
            Self::NoHost => "the locator has no host",
            Self::Lossy => "the `url` crate would change or drop a part of the locator",
        })
    }
}
