//! Cloud Foundry: one JSON object with every bound service.

use std::fmt;
use std::path::Path;

use serde_json::Value as Json;
use zeroize::Zeroizing;

use super::Attached;
use super::error::{AttachError, Cause};
use super::pieces::{self, Pieces, Value};
use super::source::{Found, Origin};

/// How one service is chosen.
#[derive(Debug)]
pub(super) enum Select {
    Tag(String),
    Name(String),
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, "tagged `{tag}`"),
            Self::Name(name) => write!(f, "named `{name}`"),
        }
    }
}

impl Attached {
    /// Finds the one service that is selected.
    pub(super) fn vcap(&self, select: &Select) -> Result<Option<Found>, AttachError> {
        let Some((text, origin)) = self.vcap_text()? else {
            return Ok(None);
        };
        let fail = |cause| AttachError::new(Some(origin.clone()), cause);
        let all: Json = serde_json::from_str(&text).map_err(|error| {
            fail(Cause::Malformed {
                line: error.line(),
                column: error.column(),
            })
        })?;
        let malformed = || fail(Cause::Malformed { line: 1, column: 1 });
        let mut matching = Vec::new();
        for (label, services) in all.as_object().ok_or_else(malformed)? {
            for service in services.as_array().ok_or_else(malformed)? {
                if select.takes(label, service) {
                    matching.push((label, service));
                }
            }
        }
        let [(label, service)] = matching[..] else {
            if matching.is_empty() {
                return Ok(None);
            }
            let names = matching
                .iter()
                .map(|(_, service)| format!("`{}`", name(service)));
            return Err(fail(Cause::Several(names.collect())));
        };
        let origin = Origin::Vcap(name(service).to_owned());
        match read(label, service).into_text() {
            Ok(text) => Ok(Some(Found { text, origin })),
            Err(cause) => Err(AttachError::new(Some(origin), cause)),
        }
    }

    fn vcap_text(&self) -> Result<Option<(Value, Origin)>, AttachError> {
        const FILE: &str = "VCAP_SERVICES_FILE_PATH";
        if let Some(text) = self.variable("VCAP_SERVICES")? {
            return Ok(Some((text, Origin::Variable("VCAP_SERVICES".to_owned()))));
        }
        let Some(path) = self.variable(FILE)? else {
            return Ok(None);
        };
        let origin = Origin::File {
            variable: FILE.to_owned(),
            path: Path::new(&*path).to_owned(),
        };
        match self.file(Path::new(&*path), &origin)? {
            Some(text) => Ok(Some((text, origin))),
            None => Err(AttachError::new(Some(origin), Cause::Absent(String::new()))),
        }
    }
}

impl Select {
    fn takes(&self, label: &str, service: &Json) -> bool {
        match self {
            Self::Tag(tag) => label == tag || tags(service).any(|other| other == tag),
            Self::Name(wanted) => ["name", "instance_name", "binding_name"]
                .iter()
                .any(|key| service.get(key).and_then(Json::as_str) == Some(wanted)),
        }
    }
}

fn tags(service: &Json) -> impl Iterator<Item = &str> {
    let tags = service.get("tags").and_then(Json::as_array);
    tags.into_iter().flatten().filter_map(Json::as_str)
}

fn name(service: &Json) -> &str {
    service
        .get("name")
        .and_then(Json::as_str)
        .unwrap_or("without a name")
}

/// Takes what is needed from a service's credentials.
fn read(label: &str, service: &Json) -> Pieces {
    let get = |keys: &[&str]| -> Option<Value> {
        let credentials = service.get("credentials")?;
        keys.iter().find_map(|key| match credentials.get(key)? {
            Json::String(text) => Some(Zeroizing::new(text.clone())),
            Json::Number(number) => Some(Zeroizing::new(number.to_string())),
            _ => None,
        })
    };
    Pieces {
        kind: std::iter::once(label)
            .chain(tags(service))
            .find_map(pieces::kind),
        uri: get(&["uri", "url"]),
        host: get(&["hostname", "host"]),
        port: get(&["port"]),
        username: get(&["username", "user"]),
        password: get(&["password"]),
        resource: get(&["database", "vhost", "dbname", "name"]),
    }
}
