//! Who writes the lines.

use crate::process;
use crate::vars::Vars;

/// Facts about the process that every line carries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    /// The release id; it wins over `version` for `service.version`.
    pub(crate) release: Option<String>,
    pub(crate) instance: String,
    /// Differs between two starts of the same instance.
    pub(crate) ephemeral_id: String,
    pub(crate) process_type: Option<String>,
    pub(crate) pid: u32,
    /// Further fields, the same on every line.
    pub(crate) fields: Vec<(String, String)>,
}

const NAME: [&str; 5] = [
    "SERVICE_NAME",
    "OTEL_SERVICE_NAME",
    "K_SERVICE",
    "FLY_APP_NAME",
    "HEROKU_APP_NAME",
];
const RELEASE: [&str; 4] = [
    "RELEASE_ID",
    "HEROKU_RELEASE_VERSION",
    "HEROKU_SLUG_COMMIT",
    "K_REVISION",
];
const INSTANCE: [&str; 3] = ["DYNO", "POD_NAME", "HOSTNAME"];

impl Identity {
    /// Takes from the variables what the program left open.
    pub(crate) fn complete(mut self, vars: &Vars) -> Self {
        if self.name.is_empty() {
            self.name = vars.first(&NAME).unwrap_or_default();
        }
        self.release = self.release.or_else(|| vars.first(&RELEASE));
        self.version = self
            .version
            .or_else(|| vars.first(&["SERVICE_VERSION"]))
            .or_else(|| resource(vars, "service.version"));
        self.process_type = self.process_type.or_else(|| dyno_type(vars));
        self.ephemeral_id = format!("{:016x}", process::random());
        if self.instance.is_empty() {
            self.instance = vars
                .first(&INSTANCE)
                .or_else(|| resource(vars, "service.instance.id"))
                .unwrap_or_else(|| self.ephemeral_id.clone());
        }
        self.pid = process::id();
        self
    }
}

/// One of OpenTelemetry's resource attributes, which are `key=value` pairs with percent-encoded values.
fn resource(vars: &Vars, key: &str) -> Option<String> {
    let attributes = vars.first(&["OTEL_RESOURCE_ATTRIBUTES"])?;
    let mut pairs = attributes
        .split(',')
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| found.trim() == key)?;
    let value = percent_decode(value.trim());
    (!value.is_empty()).then_some(value)
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Heroku names a dyno by its process type and a number: `web.1`.
fn dyno_type(vars: &Vars) -> Option<String> {
    let dyno = vars.first(&["DYNO"])?;
    let (kind, _) = dyno.split_once('.')?;
    (!kind.is_empty()).then(|| kind.to_owned())
}
