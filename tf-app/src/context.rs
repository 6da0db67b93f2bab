//! What a process or a task has of its app.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use tf_backing::{Locator, ProbeOptions, probe};
use tf_http::{Health, Listener, Server};
use tf_shutdown::{Lifecycle, Options};
use tokio::sync::watch;

use crate::backing::Attached;
use crate::build::Build;
use crate::io::lock;
use crate::release::Release;
use crate::standard::Standard;

/// What an app gives to its processes and tasks; clones share it.
///
/// `S` is the service's own configuration. A task gets at it by [`Cx::state`](tf_admin::Cx::state).
pub struct Context<S> {
    shared: Arc<Shared<S>>,
    place: Arc<Place>,
}

/// What all processes of an app have in common.
pub(crate) struct Shared<S> {
    pub(crate) settings: S,
    pub(crate) standard: Standard,
    pub(crate) build: Build,
    pub(crate) release: Release,
    pub(crate) backing: Vec<Attached>,
    pub(crate) options: Options,
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
}

/// What one process or task has for itself.
struct Place {
    life: OnceLock<Lifecycle>,
    health: OnceLock<Health>,
    listener: Mutex<Option<Listener>>,
    ready: watch::Sender<bool>,
}

impl<S> Context<S> {
    pub(crate) fn new(shared: &Arc<Shared<S>>) -> Self {
        let place = Place {
            life: OnceLock::new(),
            health: OnceLock::new(),
            listener: Mutex::new(None),
            ready: watch::Sender::new(false),
        };
        Self {
            shared: Arc::clone(shared),
            place: Arc::new(place),
        }
    }

    pub(crate) fn within(self, life: &Lifecycle, listener: Option<Listener>) -> Self {
        self.place.life.get_or_init(|| life.clone());
        *lock(&self.place.listener) = listener;
        self
    }

    /// Gives the service's own configuration.
    #[must_use]
    pub fn config(&self) -> &S {
        &self.shared.settings
    }

    /// Gives the standard variables.
    #[must_use]
    pub fn standard(&self) -> &Standard {
        &self.shared.standard
    }

    /// Gives a backing service by the name that [`App::backing`](crate::App::backing) gave it.
    #[must_use]
    pub fn backing(&self, name: &str) -> Option<&Locator> {
        let mut backing = self.shared.backing.iter();
        let found = backing.find(|service| service.name == name);
        found.map(|service| &service.locator)
    }

    /// Gives the lifecycle: hooks to be run at the end, tasks to be waited for, tokens.
    ///
    /// All processes of an app have one together. A task has one of its own, made by the first call, which stops when
    /// the task has ended.
    ///
    /// # Panics
    ///
    /// Panics where a task calls it for the first time outside of a tokio runtime.
    #[must_use]
    pub fn lifecycle(&self) -> &Lifecycle {
        let budget = self.shared.options.budget();
        self.place.life.get_or_init(|| Lifecycle::new(budget))
    }

    /// The lifecycle if there is one.
    pub(crate) fn life(&self) -> Option<&Lifecycle> {
        self.place.life.get()
    }

    /// Gives the release that runs.
    #[must_use]
    pub fn release(&self) -> &Release {
        &self.shared.release
    }

    /// Gives what was built.
    #[must_use]
    pub fn build(&self) -> &Build {
        &self.shared.build
    }

    /// Answers the health paths; `/readyz` asks every backing service that is needed.
    #[must_use]
    pub fn health(&self) -> Health {
        let life = self.lifecycle();
        let health = || health(life, &self.shared.backing);
        self.place.health.get_or_init(health).clone()
    }

    /// Takes the socket of `web`, and says that this process is [ready](Self::ready).
    ///
    /// For servers that are not [`tf_http::Server`]; else [`server`](Self::server) is what you want.
    ///
    /// # Errors
    ///
    /// The socket is taken already, or this process is not `web`.
    pub fn listener(&self) -> Result<Listener, NoListener> {
        let listener = lock(&self.place.listener).take().ok_or(NoListener)?;
        self.ready();
        Ok(listener)
    }

    /// Makes the server of `web`, with the health paths, and says that this process is [ready](Self::ready).
    ///
    /// Connect to everything first: connections that come from now on wait until the server serves.
    ///
    /// # Errors
    ///
    /// As [`listener`](Self::listener).
    pub fn server<T>(&self, service: T) -> Result<Server<T>, NoListener> {
        let server = Server::new(self.listener()?, service).health(self.health());
        Ok(match self.shared.header.clone() {
            Some((name, value)) => server.header(name, value),
            None => server,
        })
    }

    /// Says that this process does its work. The app is ready when all of its processes are.
    ///
    /// Until then a stop drops the process at its next await; from then on it is waited for. A worker is ready
    /// from its start; `web` is when it takes its socket, and needs this only if it has no use for that.
    pub fn ready(&self) {
        self.place.ready.send_replace(true);
    }

    pub(crate) fn readiness(&self) -> watch::Receiver<bool> {
        self.place.ready.subscribe()
    }
}

fn health(life: &Lifecycle, backing: &[Attached]) -> Health {
    // Shorter than the time that the check has, so that the reason is the probe's.
    let options = ProbeOptions::new().timeout(Duration::from_millis(900));
    let builder = Health::builder(life);
    let needed = backing.iter().filter(|service| service.is_needed);
    let builder = needed.fold(builder, |builder, service| {
        let (locator, options) = (service.locator.clone(), options.clone());
        builder.check(service.name, move || {
            let (locator, options) = (locator.clone(), options.clone());
            async move {
                let report = probe(&locator, &options).await;
                match report.is_reachable() {
                    true => Ok(()),
                    false => Err(report.to_string()),
                }
            }
        })
    });
    builder.build()
}

impl<S> Clone for Context<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            place: Arc::clone(&self.place),
        }
    }
}

impl<S> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("build", &self.shared.build)
            .field("release", &self.shared.release)
            .field("standard", &self.shared.standard)
            .field("backing", &self.shared.backing)
            .finish_non_exhaustive()
    }
}

/// There is no socket: another call took it, or the process is not `web`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no socket to listen on: it is taken already, or this process is not `web`")]
pub struct NoListener;
