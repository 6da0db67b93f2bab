//! AMQP, NATS, MQTT, Kafka.

use secrecy::SecretString;

use super::view;
use crate::host::Endpoint;
use crate::kind::Kind;
use crate::parse::ParseOptions;
use crate::scheme::Form;
use crate::tls::Tls;

view! {
    /// A vhost of an AMQP 0-9-1 broker, such as RabbitMQ.
    ///
    /// ```
    /// use tf_backing::{Amqp, Vhost};
    ///
    /// assert_eq!("amqp://mq".parse::<Amqp>()?.vhost(), Vhost::Default);
    /// assert_eq!("amqp://mq/".parse::<Amqp>()?.vhost(), Vhost::Empty);
    /// assert_eq!("amqp://mq/%2F".parse::<Amqp>()?.vhost(), Vhost::Named("/"));
    /// # Ok::<(), tf_backing::ParseError>(())
    /// ```
    Amqp, "an AMQP URL", "amqp or amqps", ParseOptions::new()
}

/// The vhost of an AMQP locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vhost<'a> {
    /// Not written: clients take `/`.
    Default,
    /// The one with the empty name, which a lone slash at the end asks for.
    Empty,
    /// The one with this name.
    Named(&'a str),
}

impl Amqp {
    /// Returns the vhost: absent, empty and named are three things.
    pub fn vhost(&self) -> Vhost<'_> {
        match self.0.resource() {
            None => Vhost::Default,
            Some("") => Vhost::Empty,
            Some(name) => Vhost::Named(name),
        }
    }
}

view! {
    /// NATS servers; a list without a scheme is taken too.
    Nats, "a NATS URL", "nats, tls, nats+tls, ws or wss", ParseOptions::new().expect(Kind::Nats)
}

/// The credentials of a NATS locator.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum NatsAuth<'a> {
    /// None.
    None,
    /// The lone user of the URL.
    Token(&'a SecretString),
    /// User and password.
    Password {
        /// The user.
        username: &'a str,
        /// The password.
        password: &'a SecretString,
    },
}

impl Nats {
    /// Returns the credentials, which hold for every server.
    pub fn auth(&self) -> NatsAuth<'_> {
        match (self.0.username(), self.0.password()) {
            (None, Some(token)) => NatsAuth::Token(token),
            (Some(username), Some(password)) => NatsAuth::Password { username, password },
            _ => NatsAuth::None,
        }
    }

    /// Returns one URL for each server, without credentials.
    pub fn servers(&self) -> Vec<String> {
        let scheme = match (self.0.scheme.form, self.0.tls()) {
            (Form::WebSocket, Tls::Off) => "ws",
            (Form::WebSocket, _) => "wss",
            (_, Tls::Off) => "nats",
            _ => "tls",
        };
        self.0
            .endpoints()
            .iter()
            .map(|endpoint| format!("{scheme}://{endpoint}"))
            .collect()
    }
}

view! {
    /// An MQTT broker.
    Mqtt, "an MQTT URL", "mqtt, mqtts, tcp, ssl, ws or wss", ParseOptions::new()
}

impl Mqtt {
    /// Returns the client's name: the option `client_id` or `clientId`.
    pub fn client_id(&self) -> Option<&str> {
        let options = self.0.options();
        options
            .last("client_id")
            .or_else(|| options.last("clientId"))
    }

    /// Returns whether MQTT runs in WebSocket frames.
    pub fn is_websocket(&self) -> bool {
        self.0.scheme.form == Form::WebSocket
    }
}

view! {
    /// Kafka brokers; a list without a scheme is taken too.
    ///
    /// ```
    /// use tf_backing::Kafka;
    ///
    /// let kafka: Kafka = "a:9093,b".parse()?;
    /// assert_eq!(kafka.bootstrap_servers(), "a:9093,b:9092");
    /// assert_eq!(kafka.security_protocol(), "PLAINTEXT");
    /// # Ok::<(), tf_backing::ParseError>(())
    /// ```
    Kafka, "a Kafka URL",
    "kafka, kafka+ssl, kafka+tls, kafka+sasl, kafka+sasl_ssl, or a list of hosts",
    ParseOptions::new().expect(Kind::Kafka)
}

impl Kafka {
    /// Returns the value of `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> String {
        let endpoints: Vec<_> = self.0.endpoints().iter().map(Endpoint::to_string).collect();
        endpoints.join(",")
    }

    /// Returns the value of `security.protocol`.
    pub fn security_protocol(&self) -> &'static str {
        let has_sasl = self.0.password().is_some() || self.0.scheme().starts_with("kafka+sasl");
        match (self.0.tls(), has_sasl) {
            (Tls::Off, false) => "PLAINTEXT",
            (Tls::Off, true) => "SASL_PLAINTEXT",
            (_, false) => "SSL",
            (_, true) => "SASL_SSL",
        }
    }

    /// Returns the value of `sasl.mechanism`, by this or its other names.
    pub fn sasl_mechanism(&self) -> Option<&str> {
        let names = [
            "sasl.mechanism",
            "sasl.mechanisms",
            "sasl_mechanism",
            "authMechanism",
        ];
        names.iter().find_map(|name| self.0.options().last(name))
    }

    /// Returns what every topic and group starts with: the path.
    pub fn topic_prefix(&self) -> Option<&str> {
        self.0.resource().filter(|prefix| !prefix.is_empty())
    }
}
