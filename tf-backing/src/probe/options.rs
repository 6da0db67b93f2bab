//! What a probe may be told.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::protocol::Protocol;
use crate::host::Endpoint;
use crate::locator::Locator;

type Factory = Arc<dyn Fn(&Locator, &Endpoint) -> Box<dyn Protocol> + Send + Sync>;

/// How [`probe()`](crate::probe()) asks.
///
/// | option | default |
/// |---|---|
/// | [`timeout`](Self::timeout) | 5 s for each endpoint, all endpoints at the same time |
/// | [`identify`](Self::identify) | `true` |
/// | [`protocol`](Self::protocol) | none: the protocols of this crate |
#[derive(Clone)]
#[must_use]
pub struct ProbeOptions {
    pub(crate) timeout: Duration,
    pub(crate) identify: bool,
    protocols: BTreeMap<String, Factory>,
}

impl ProbeOptions {
    /// Makes the default options.
    pub fn new() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            identify: true,
            protocols: BTreeMap::new(),
        }
    }

    /// Sets the time for name, connection and exchange together.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets whether to find out what listens where the expected protocol gets no answer.
    ///
    /// That takes up to four short connections more, only after a server has hung up without an
    /// answer, was silent for half of the time, or said what no known protocol says.
    pub fn identify(mut self, identify: bool) -> Self {
        self.identify = identify;
        self
    }

    /// Sets how locators with this scheme are asked, also one that this crate knows.
    ///
    /// The scheme is compared in lower case; schemes of your own are parsed with
    /// [`ParseOptions::scheme`](crate::ParseOptions::scheme).
    pub fn protocol(
        mut self,
        scheme: &str,
        make: impl Fn(&Locator, &Endpoint) -> Box<dyn Protocol> + Send + Sync + 'static,
    ) -> Self {
        self.protocols
            .insert(scheme.to_ascii_lowercase(), Arc::new(make));
        self
    }

    pub(super) fn choose(
        &self,
        locator: &Locator,
        endpoint: &Endpoint,
    ) -> Option<Box<dyn Protocol>> {
        match self.protocols.get(locator.scheme()) {
            Some(make) => Some(make(locator, endpoint)),
            None => <dyn Protocol>::of(locator, endpoint),
        }
    }
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ProbeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeOptions")
            .field("timeout", &self.timeout)
            .field("identify", &self.identify)
            .field("protocols", &self.protocols.keys())
            .finish()
    }
}
