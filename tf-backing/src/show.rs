//! A locator as text: redacted for people, in full only by name, short for logs and metrics.

use std::fmt;

use secrecy::ExposeSecret;
use serde::{Serialize, Serializer};

use crate::escape::{FILE_PATH, OPTION_VALUE, WEB_PATH, encode_into};
use crate::host::{Host, HostPort};
use crate::kind::{Kind, Path};
use crate::locator::Locator;
use crate::options::HIDDEN;
use crate::scheme::Form;

impl Locator {
    /// Returns the full URL with every secret in it.
    ///
    /// Parsing it gives an equal locator. Escapes are normalised, and options that replace a part
    /// are written in that part.
    pub fn expose_url(&self) -> String {
        self.url(&self.node_texts(), Secrets::Shown)
    }

    /// Returns kind, hosts with their ports, and resource: one service, one text.
    ///
    /// For logs and metrics: without user, password and options.
    ///
    /// ```
    /// let db = tf_backing::Locator::parse("mariadb://app:pw@DB.internal/orders?charset=utf8mb4")?;
    /// assert_eq!(db.identity(), "mysql://db.internal:3306/orders");
    /// # Ok::<(), tf_backing::ParseError>(())
    /// ```
    pub fn identity(&self) -> String {
        let mut out = match self.kind() {
            Kind::Other => self.scheme().to_owned(),
            kind => kind.as_str().to_owned(),
        };
        if self.kind() == Kind::Sqlite {
            out.push(':');
            self.write_resource(&mut out);
            return out;
        }
        out.push_str("://");
        for (n, node) in self.hosts().enumerate() {
            if n > 0 {
                out.push(',');
            }
            self.write_identity(&mut out, node);
        }
        if self
            .whole_resource()
            .is_some_and(|resource| !resource.is_empty())
        {
            if !self.is_bucket() {
                out.push('/');
            }
            self.write_resource(&mut out);
        }
        out
    }

    /// A host with its port, both by default if they are not written.
    fn write_identity(&self, out: &mut String, node: HostPort<'_>) {
        let port = match node.host {
            Host::Unix(_) | Host::Abstract(_) => node.port,
            _ if self.scheme.form == Form::Srv => None,
            _ => node.port.or_else(|| self.default_port()),
        };
        let lower;
        let host = match node.host {
            Host::Default => Host::Name("localhost"),
            Host::Name(name) => {
                lower = name.to_lowercase();
                Host::Name(&lower)
            }
            host => host,
        };
        write_node(out, HostPort { host, port });
    }

    /// Each host with its port as the URL writes it.
    pub(crate) fn node_texts(&self) -> Vec<String> {
        self.hosts()
            .map(|node| {
                let mut out = String::new();
                write_node(&mut out, node);
                out
            })
            .collect()
    }

    /// The URL over these hosts.
    pub(crate) fn url(&self, nodes: &[String], secrets: Secrets) -> String {
        let mut out = self.scheme().to_owned();
        if self.kind() == Kind::Sqlite {
            out.push_str(if self.resource() == Some(":memory:") {
                ":"
            } else {
                "://"
            });
            self.write_resource(&mut out);
        } else {
            out.push_str("://");
            self.write_user_info(&mut out, secrets);
            self.write_place(&mut out, nodes);
        }
        self.write_options(&mut out, secrets);
        if self.insecure {
            out.push_str("#insecure");
        }
        out
    }

    fn write_user_info(&self, out: &mut String, secrets: Secrets) {
        let password = self.password().map(ExposeSecret::expose_secret);
        // A lone user is a token, or a password in the wrong place.
        let is_secret = matches!(self.kind(), Kind::Redis | Kind::Http) && password.is_none();
        match self.username() {
            Some(user) if !user.is_empty() && is_secret && secrets == Secrets::Hidden => {
                out.push_str(HIDDEN);
            }
            Some(user) => encode_into(out, user, b""),
            None => {}
        }
        if let Some(password) = password {
            let is_token = self.kind() == Kind::Nats && self.username().is_none();
            if !is_token {
                out.push(':');
            }
            match secrets {
                Secrets::Hidden => out.push_str(HIDDEN),
                Secrets::Shown => encode_into(out, password, b""),
            }
        }
        if self.username().is_some() || password.is_some() {
            out.push('@');
        }
    }

    /// Hosts and path.
    fn write_place(&self, out: &mut String, nodes: &[String]) {
        if self.scheme.form == Form::Socket {
            for node in self.hosts() {
                if let Host::Unix(path) = node.host {
                    encode_into(out, &path.to_string_lossy(), FILE_PATH);
                }
            }
            return;
        }
        out.push_str(&nodes.join(","));
        let is_bare = self.username().is_none() && self.password().is_none();
        if self.kind() == Kind::S3 && is_bare && nodes.iter().any(|node| !node.contains(':')) {
            // Without a port or a user the host would be a bucket.
            out.push(':');
        }
        if self.resource.is_some() {
            if !self.is_bucket() {
                out.push('/');
            }
            self.write_resource(out);
        }
    }

    fn write_resource(&self, out: &mut String) {
        let also = match (self.kind(), self.kind().rules().path) {
            (_, Path::Web) => WEB_PATH,
            (Kind::Postgres, _) | (_, Path::Segment | Path::MongoName) => b"",
            _ => FILE_PATH,
        };
        encode_into(out, self.whole_resource().unwrap_or_default(), also);
    }

    fn write_options(&self, out: &mut String, secrets: Secrets) {
        let mut sign = '?';
        if let (Form::Socket, Some(database)) = (self.scheme.form, self.resource()) {
            out.push_str("?db=");
            out.push_str(database);
            sign = '&';
        }
        for ((name, text), (_, value)) in self.options().raw().zip(self.options().iter()) {
            out.push(sign);
            sign = '&';
            encode_into(out, name, b"");
            let Some(text) = text else { continue };
            out.push('=');
            match (secrets, value.shown()) {
                (Secrets::Hidden, None) => out.push_str(HIDDEN),
                _ => encode_into(out, text, OPTION_VALUE),
            }
        }
    }

    /// Whether the bucket stands in the place of the host.
    fn is_bucket(&self) -> bool {
        self.kind() == Kind::S3 && self.hosts().len() == 0
    }
}

/// Whether secrets are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    Hidden,
    Shown,
}

fn write_node(out: &mut String, node: HostPort<'_>) {
    match node.host {
        Host::Default => {}
        Host::Name(name) => encode_into(out, name, b""),
        Host::Ipv4(address) => out.push_str(&address.to_string()),
        Host::Ipv6 { address, zone } => {
            out.push_str(&format!("[{address}"));
            if let Some(zone) = zone {
                out.push_str("%25");
                out.push_str(zone);
            }
            out.push(']');
        }
        Host::Unix(path) => encode_into(out, &path.to_string_lossy(), b""),
        Host::Abstract(name) => {
            out.push_str("%40");
            encode_into(out, name, b"");
        }
    }
    if let Some(port) = node.port {
        out.push_str(&format!(":{port}"));
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.url(&self.node_texts(), Secrets::Hidden))
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locator")
            .field(&format_args!("{self}"))
            .finish()
    }
}

/// Serializes the redacted URL, which is for people and does not parse back.
impl Serialize for Locator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}
