//! One attached resource: what a parsed locator holds and tells.

use std::hash::{Hash, Hasher};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::error::ParseError;
use crate::host::{Endpoint, Host, HostPort, Nodes};
use crate::kind::{Kind, Path};
use crate::options::Options;
use crate::parse::{self, ParseOptions};
use crate::scheme::{Form, Scheme};
use crate::tls::Tls;
use crate::warning::Warning;

/// One attached resource, named by a URL.
///
/// Parsed strictly and decoded exactly once; `Debug`, `Display` and `Serialize` never show the
/// password nor the value of an option that is not known to be harmless. The full text leaves
/// only by [`expose_url`](Self::expose_url) and its siblings.
///
/// Two locators are equal if their parts are: host names are compared without case, and escapes
/// do not matter.
///
/// ```
/// use secrecy::ExposeSecret;
/// use tf_backing::{Kind, Locator};
///
/// let db: Locator = "mysql://app:s3%23cret@db:3307/orders?ssl-mode=REQUIRED".parse()?;
/// assert_eq!(db.kind(), Kind::MySql);
/// assert_eq!(db.username(), Some("app"));
/// assert_eq!(db.password().map(|p| p.expose_secret()), Some("s3#cret"));
/// assert_eq!(db.resource(), Some("orders"));
/// assert_eq!(db.to_string(), "mysql://app:***@db:3307/orders?ssl-mode=REQUIRED");
/// # Ok::<(), tf_backing::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Locator {
    pub(crate) scheme: Scheme,
    /// The decoded parts but the password, one after the other; spans point into it.
    pub(crate) text: Zeroizing<String>,
    pub(crate) name: Span,
    pub(crate) username: Option<Span>,
    pub(crate) password: Option<SecretString>,
    pub(crate) nodes: Nodes,
    pub(crate) resource: Option<Span>,
    pub(crate) options: Span,
    /// The fragment `#insecure` of Redis.
    pub(crate) insecure: bool,
    pub(crate) tls: Tls,
    pub(crate) warnings: Vec<Warning>,
}

impl Locator {
    /// Parses a URL strictly.
    ///
    /// One trailing line break is ignored. Linear in the length of the text, at most 65,536 bytes.
    ///
    /// # Errors
    ///
    /// Returns the first mistake by part, position and hint, without a byte of the text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::parse(text, &ParseOptions::new())
    }

    /// Parses a URL with some rules changed.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, options: &ParseOptions) -> Result<Self, ParseError> {
        parse::parse(text, options)
    }

    /// Returns the kind of service.
    pub fn kind(&self) -> Kind {
        self.scheme.kind
    }

    /// Returns the scheme as written, in lower case.
    pub fn scheme(&self) -> &str {
        self.name.of(&self.text)
    }

    /// Returns the hosts in the order written.
    ///
    /// At least one, [`Host::Default`] where none is written; none at all for SQLite and for an
    /// S3 bucket without an endpoint.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = HostPort<'_>> + Clone {
        let text: &str = &self.text;
        self.nodes
            .as_slice()
            .iter()
            .map(move |node| node.view(text))
    }

    /// Returns what to connect to: every host with the defaults applied.
    ///
    /// The default host is `localhost`; `hostaddr` of PostgreSQL takes the place of the names. A
    /// host without a port is left out where the scheme has no default port.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let addresses: Vec<&str> = match self.kind() {
            Kind::Postgres => self
                .options()
                .last("hostaddr")
                .unwrap_or_default()
                .split(',')
                .collect(),
            _ => Vec::new(),
        };
        self.hosts()
            .enumerate()
            .filter_map(|(n, node)| {
                self.endpoint(node, addresses.get(n).copied().unwrap_or_default())
            })
            .collect()
    }

    fn endpoint(&self, node: HostPort<'_>, address: &str) -> Option<Endpoint> {
        let port = node.port.or_else(|| self.default_port());
        let tcp = |host: String| port.map(|port| Endpoint::Tcp { host, port });
        if !address.is_empty() {
            return tcp(address.to_owned());
        }
        // PostgreSQL's host is the folder; clients add the name of the socket in it.
        let socket = match (self.kind(), port) {
            (Kind::Postgres, Some(port)) => Some(format!(".s.PGSQL.{port}")),
            _ => None,
        };
        match (node.host, socket) {
            (Host::Default, _) => tcp("localhost".to_owned()),
            (Host::Name(name), _) if self.scheme.form == Form::Srv => Some(Endpoint::Srv {
                name: format!("_{}._tcp.{name}", self.srv_service()),
            }),
            (Host::Unix(path), Some(socket)) => Some(Endpoint::Unix(path.join(socket))),
            (Host::Unix(path), None) => Some(Endpoint::Unix(path.to_owned())),
            (Host::Abstract(name), Some(socket)) => {
                Some(Endpoint::Abstract(format!("{name}/{socket}")))
            }
            (Host::Abstract(name), None) => Some(Endpoint::Abstract(name.to_owned())),
            (host, _) => tcp(host.to_string()),
        }
    }

    fn srv_service(&self) -> &'static str {
        match self.kind() {
            Kind::MongoDb => "mongodb",
            _ if self.scheme.port == 33060 => "mysqlx",
            _ => "mysql",
        }
    }

    /// Returns the port of hosts without one; `None` for sockets, files and schemes of yours.
    pub fn default_port(&self) -> Option<u16> {
        let port = match (self.kind(), self.scheme.port, self.tls) {
            (Kind::Smtp, 25, Tls::StartTls { .. }) => 587,
            (Kind::S3, 443, Tls::Off) => 80,
            (Kind::ClickHouse, 9000, Tls::On { .. }) => 9440,
            (_, port, _) => port,
        };
        Some(port).filter(|port| *port != 0)
    }

    /// Returns the decoded user name: empty and absent differ.
    ///
    /// The lone user of a NATS locator is a token: it is the [`password`](Self::password).
    pub fn username(&self) -> Option<&str> {
        self.username.map(|span| span.of(&self.text))
    }

    /// Returns the decoded password: empty and absent differ.
    pub fn password(&self) -> Option<&SecretString> {
        self.password.as_ref()
    }

    /// Returns the database, vhost, schema, bucket, file or path, decoded and without its slash.
    ///
    /// Empty where only the slash is written, `None` where nothing is. In a path of HTTP the
    /// escapes `%2F` and `%25` stay.
    pub fn resource(&self) -> Option<&str> {
        let whole = self.whole_resource()?;
        match self.kind().rules().path {
            Path::Bucket => Some(whole.split_once('/').map_or(whole, |(bucket, _)| bucket)),
            _ => Some(whole),
        }
    }

    /// The resource with the prefix inside a bucket.
    pub(crate) fn whole_resource(&self) -> Option<&str> {
        self.resource.map(|span| span.of(&self.text))
    }

    /// Returns whether and how connections are encrypted.
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// Returns the options after the `?`, in order.
    ///
    /// Those that replace a part are in that part.
    pub fn options(&self) -> Options<'_> {
        Options::new(self.kind(), self.options.of(&self.text))
    }

    /// Returns what is allowed but probably not meant.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Adds a user name to a locator without one.
    pub(crate) fn with_username(mut self, username: &str) -> Self {
        let start = self.text.len();
        self.text.push_str(username);
        self.username = Some(Span::since(&self.text, start));
        self
    }

    fn parts(&self) -> impl PartialEq + Hash + '_ {
        (
            (self.scheme.kind, self.scheme(), self.insecure),
            self.username(),
            self.password().map(ExposeSecret::expose_secret),
            self.whole_resource(),
            self.options.of(&self.text),
        )
    }
}

/// Host names are the same in upper and lower case.
fn folded(node: HostPort<'_>) -> (Result<String, Host<'_>>, Option<u16>) {
    match node.host {
        Host::Name(name) => (Ok(name.to_lowercase()), node.port),
        other => (Err(other), node.port),
    }
}

impl PartialEq for Locator {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts() && self.hosts().map(folded).eq(other.hosts().map(folded))
    }
}

impl Eq for Locator {}

impl Hash for Locator {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
        self.hosts().map(folded).for_each(|host| host.hash(state));
    }
}

/// A place in the text of a locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) const EMPTY: Self = Self { start: 0, end: 0 };

    /// The text from `start` to the end.
    pub(crate) fn since(text: &str, start: usize) -> Self {
        let place = |n: usize| u32::try_from(n).expect("a locator has at most 65536 bytes");
        Self {
            start: place(start),
            end: place(text.len()),
        }
    }

    pub(crate) fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}
