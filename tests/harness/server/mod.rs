//! Starts real servers: ordinary processes of Debian's programs on the loopback interface, each in
//! a temporary folder, all gone when the test process is.

mod keeper;
mod mariadb;
mod mosquitto;
mod nats;
mod place;
mod postgres;
mod rabbitmq;
mod recipe;
mod redis;
mod shared;
mod url;

pub use mariadb::{MARIADB, MARIADB_TLS};
pub use mosquitto::MOSQUITTO;
pub use nats::NATS;
pub use postgres::POSTGRES;
pub use rabbitmq::RABBITMQ;
pub use recipe::Recipe;
pub use redis::{REDIS, REDIS_LOADING, REDIS_OPEN, finish_loading};
pub use shared::{mariadb, mosquitto, nats, postgres, rabbitmq, redis};

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use keeper::Keeper;
use place::Place;
use url::Parts;

/// A server that takes clients, unless it was stopped.
///
/// Dropping it ends the process and removes its folder.
pub struct Server {
    url: String,
    parts: Parts,
    own: Option<Own>,
}

/// What only a server that we started has. The process comes first: it is dropped before its folder.
struct Own {
    keeper: Option<Keeper>,
    place: Place,
    recipe: Recipe,
}

impl Server {
    /// Starts a server of the test's own, on a port that the system chooses.
    ///
    /// # Panics
    ///
    /// Panics if the program is not installed, with the package that has it, and if the server takes
    /// no client within 60 seconds, with its log.
    #[must_use]
    pub fn start(recipe: Recipe) -> Self {
        let place = Place::new(recipe.name);
        (recipe.prepare)(&place);
        let login = recipe.login.map_or_else(String::new, |(user, password)| {
            format!("{}:{}@", url::encode(user), url::encode(password))
        });
        let url = format!(
            "{}://{login}127.0.0.1:{}{}",
            recipe.scheme, place.port, recipe.path
        );
        let mut own = Own {
            keeper: None,
            place,
            recipe,
        };
        own.start();
        Self {
            parts: url::parts(&url).expect("the URL was just written"),
            url,
            own: Some(own),
        }
    }

    /// A server that somebody else runs; `None` if the URL lacks a host or a port.
    fn foreign(url: String) -> Option<Self> {
        Some(Self {
            parts: url::parts(&url)?,
            url,
            own: None,
        })
    }

    /// The URL, with a user and a password that are full of `#/?@:%`, encoded.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The host, which is an address unless a variable names another server.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.parts.host
    }

    /// The port, which stays the same over all restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.parts.port
    }

    /// The user and the password as they are, or `None` if everybody may enter.
    #[must_use]
    pub fn login(&self) -> Option<(&str, &str)> {
        let (user, password) = self.parts.login.as_ref()?;
        Some((user, password))
    }

    /// Stops the server in its orderly way. Its data stay.
    pub fn stop(&mut self) {
        let own = self.own();
        own.end(own.recipe.stop);
    }

    /// Ends the server as a crash does. Its data stay as they are.
    pub fn kill(&mut self) {
        self.own().end("KILL");
    }

    /// Starts the server again on the same port and data, after a stop if it still runs.
    ///
    /// # Panics
    ///
    /// Panics as [`Server::start`] does.
    pub fn restart(&mut self) {
        self.stop();
        self.own().start();
    }

    fn own(&mut self) -> &mut Own {
        self.own
            .as_mut()
            .expect("tests only stop servers that they started")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL of somebody else's server has a real password.
        write!(f, "Server({}:{})", self.host(), self.port())
    }
}

impl Own {
    fn start(&mut self) {
        const LIMIT: Duration = Duration::from_secs(60);
        let Recipe {
            name,
            start,
            discard,
            ..
        } = self.recipe;
        let keeper = self
            .keeper
            .insert(Keeper::start(&self.place, discard, start));
        let started = Instant::now();
        while !answers(&self.recipe, self.place.port).unwrap_or(false) {
            let log = || self.place.log();
            if let Some(status) = keeper.ended() {
                panic!("{name} ended at once, {status}; its log:\n{}", log());
            }
            assert!(
                started.elapsed() < LIMIT,
                "{name} takes no clients after {LIMIT:?}; its log:\n{}",
                log()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn end(&mut self, signal: &str) {
        if let Some(keeper) = self.keeper.take() {
            keeper.end(signal);
        }
    }
}

/// Whether a server that is ready listens on the port.
fn answers(recipe: &Recipe, port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(recipe.hello)?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer)?;
    Ok((recipe.is_ready)(&answer[..length]))
}
