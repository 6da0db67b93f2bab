//! A locator from the separate values that platforms hand out.

use zeroize::Zeroizing;

use super::error::Cause;
use crate::error::{ParseError, Part, Problem};
use crate::kind::Kind;
use crate::locator::Locator;
use crate::parse::ParseOptions;
use crate::scheme;

/// A value that may be secret.
pub(super) type Value = Zeroizing<String>;

/// What a platform says about a service.
#[derive(Default)]
pub(super) struct Pieces {
    pub(super) kind: Option<Kind>,
    pub(super) uri: Option<Value>,
    pub(super) host: Option<Value>,
    pub(super) port: Option<Value>,
    pub(super) username: Option<Value>,
    pub(super) password: Option<Value>,
    pub(super) resource: Option<Value>,
}

impl Pieces {
    /// The locator's full text; a URL needs only what it lacks.
    pub(super) fn into_text(self) -> Result<Value, Cause> {
        let locator = match self.uri {
            Some(_) => self.complete_uri().map_err(Cause::Invalid)?,
            None => self.compose()?,
        };
        Ok(Zeroizing::new(locator.expose_url()))
    }

    /// The URL, with the credentials that stand beside it if it has none.
    fn complete_uri(self) -> Result<Locator, ParseError> {
        let rules = match self.kind {
            Some(kind) => ParseOptions::new().expect(kind),
            None => ParseOptions::new(),
        };
        let mut locator = Locator::parse_with(&self.uri.unwrap_or_default(), &rules)?;
        if locator.username().is_some() || locator.password.is_some() {
            return Ok(locator);
        }
        if let Some(username) = self.username {
            locator = locator.with_username(&username);
        }
        locator.password = self.password.map(|password| password.as_str().into());
        Ok(locator)
    }

    /// A locator from the values alone.
    fn compose(self) -> Result<Locator, Cause> {
        let missing = |name: &str| Cause::Incomplete(name.to_owned());
        let mut builder = Locator::builder(self.kind.ok_or_else(|| missing("type"))?);
        let hosts = self.host.ok_or_else(|| missing("host"))?;
        let common = self.port.as_deref().map(|text| port(text)).transpose()?;
        for host in hosts.split(',') {
            // A list may name the ports itself; more than one colon is an IPv6 address.
            let (name, own) = match host.split_once(':') {
                Some((name, digits)) if !digits.contains(':') => (name, Some(port(digits)?)),
                _ => (host, None),
            };
            builder = builder.host(name);
            if let Some(port) = own.or(common) {
                builder = builder.port(port);
            }
        }
        if let Some(username) = self.username {
            builder = builder.username(username.as_str());
        }
        if let Some(password) = self.password {
            builder = builder.password(password.as_str());
        }
        if let Some(resource) = self.resource {
            builder = builder.resource(resource.as_str());
        }
        builder.build().map_err(Cause::Invalid)
    }
}

fn port(text: &str) -> Result<u16, Cause> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|port| plain && *port != 0)
        .ok_or_else(|| {
            let hint = "expected a number from 1 to 65535";
            Cause::Invalid(ParseError::new(Problem::Port, Part::Port, 0, hint).unplaced())
        })
}

/// The kind that a platform's word for it means.
pub(super) fn kind(word: &str) -> Option<Kind> {
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "rabbitmq" => Some(Kind::Amqp),
        word => scheme::lookup(word).map(|scheme| scheme.kind),
    }
}
