//! What the environment says.

use std::env;

pub(crate) struct Settings {
    ways: Vec<String>,
    pub(crate) port: u16,
    pub(crate) greeting: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) data: Option<String>,
    pub(crate) release: String,
    pub(crate) commit: String,
    pub(crate) problems: Vec<String>,
}

impl Settings {
    pub(crate) fn from_env() -> Self {
        let get = |name: &str| env::var(name).ok();
        let mut settings = Self {
            ways: get("WAY")
                .unwrap_or_default()
                .split(',')
                .map(str::to_owned)
                .collect(),
            port: 0,
            greeting: get("GREETING"),
            contact: get("CONTACT"),
            service: get("SERVICE_URL"),
            data: get("DATA"),
            release: get("RELEASE_ID").unwrap_or_default(),
            commit: get("COMMIT").unwrap_or_default(),
            problems: Vec::new(),
        };
        settings.check(get("PORT"));
        settings
    }

    pub(crate) fn has_way(&self, way: &str) -> bool {
        self.ways.iter().any(|named| named == way)
    }

    fn check(&mut self, port: Option<String>) {
        let forgives = self.has_way("forgives");
        match port.as_deref().map(str::parse) {
            Some(Ok(port)) if !self.has_way("fixed-port") => self.port = port,
            Some(Err(_)) if !forgives => self.problems.push("PORT is no number".to_owned()),
            _ => {}
        }
        if forgives {
            return;
        }
        for (name, value) in [("GREETING", &self.greeting), ("CONTACT", &self.contact)] {
            if value.is_none() {
                self.problems.push(format!("{name} is not set"));
            }
        }
        if self
            .contact
            .as_ref()
            .is_some_and(|contact| !contact.contains('@'))
        {
            self.problems.push("CONTACT is no address".to_owned());
        }
        if self.has_way("names-one-problem") {
            self.problems.truncate(1);
        }
    }

    /// Host and port of the service.
    pub(crate) fn address(&self) -> Option<&str> {
        let (_, rest) = self.service.as_deref()?.split_once("://")?;
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        rest.split('/').next()
    }
}
