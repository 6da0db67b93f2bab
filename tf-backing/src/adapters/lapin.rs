//! RabbitMQ and other AMQP 0-9-1 brokers through lapin 4.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use ::lapin::ConnectionProperties;
use ::lapin::tcp::{AsyncTcpStream, Identity, TLSConfig};
use ::lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use futures_io::{AsyncRead, AsyncWrite};
use secrecy::ExposeSecret;

use super::error::{AdapterError, AdapterErrorKind};
use super::hosts::{one_host, tcp_host};
use super::options::{Item, items};
use crate::{Amqp, Locator, Tls, Vhost};

impl TryFrom<&Amqp> for AMQPUri {
    type Error = AdapterError;

    /// Carries every part over, or says which one lapin has no place for.
    ///
    /// `Debug` and `Display` of the result show the password.
    fn try_from(view: &Amqp) -> Result<Self, AdapterError> {
        let locator = view.locator();
        let node = one_host(locator, "lapin connects to one host; name one of them")?;
        let scheme = scheme(locator.tls())?;
        let vhost = match view.vhost() {
            Vhost::Default => "/",
            Vhost::Empty => "",
            Vhost::Named(name) => name,
        };
        let mut query = AMQPQueryString::default();
        for item in items(locator) {
            set(&mut query, &item)?;
        }
        Ok(Self {
            authority: AMQPAuthority {
                userinfo: user_info(locator),
                host: tcp_host(node.host)?,
                port: node.port.unwrap_or_else(|| scheme.default_port()),
            },
            scheme,
            vhost: vhost.to_owned(),
            query,
        })
    }
}

impl From<&Amqp> for ConnectionProperties {
    /// Carries the options `connection_name`, `product` and `locale` over.
    fn from(view: &Amqp) -> Self {
        let mut properties = Self::default();
        for item in items(view.locator()) {
            properties = match item.name.as_str() {
                "connection_name" => properties.with_connection_name(item.value.into()),
                "product" => properties.with_client_property("product".into(), item.value.into()),
                "locale" => properties.with_locale(item.value.into()),
                _ => properties,
            };
        }
        properties
    }
}

fn scheme(tls: Tls) -> Result<AMQPScheme, AdapterError> {
    let text = match tls {
        Tls::Off => return Ok(AMQPScheme::AMQP),
        Tls::FULL if has_tls() => return Ok(AMQPScheme::AMQPS),
        Tls::FULL => {
            "lapin is built without TLS and would send the password in plain text; enable one of its TLS features"
        }
        _ => "lapin always verifies certificates; drop `verify` and give it the authority to trust",
    };
    Err(AdapterError::new(AdapterErrorKind::Tls, text))
}

/// Nobody at all is lapin's guest, as the URI specification says; a user is never given a password.
fn user_info(locator: &Locator) -> AMQPUserInfo {
    let password = locator.password().map(ExposeSecret::expose_secret);
    match (locator.username(), password) {
        (None | Some(""), None) => AMQPUserInfo::default(),
        (user, password) => AMQPUserInfo {
            username: user.unwrap_or_default().to_owned(),
            password: password.unwrap_or_default().to_owned(),
        },
    }
}

fn set(query: &mut AMQPQueryString, item: &Item<'_>) -> Result<(), AdapterError> {
    match item.name.as_str() {
        "frame_max" => query.frame_max = Some(item.number()?),
        "channel_max" => query.channel_max = Some(item.number()?),
        "heartbeat" => query.heartbeat = Some(item.number()?),
        "connection_timeout" => query.connection_timeout = Some(item.number()?),
        "auth_mechanism" => {
            if query.auth_mechanism.is_some() {
                return Err(item.expected("lapin takes one; write it once"));
            }
            let error = |_| item.expected("expected plain, amqplain, external or anonymous");
            query.auth_mechanism = Some(item.value.parse().map_err(error)?);
        }
        // These are in the properties.
        "connection_name" | "product" | "locale" => {}
        _ if item.is_callers() => {}
        _ => return Err(item.refused()),
    }
    Ok(())
}

/// Whether lapin is built with TLS.
///
/// Without it the driver does not fail: its upgrade gives the plain stream back. So it is asked to
/// upgrade a stream that leads nowhere.
fn has_tls() -> bool {
    // No key at all: a driver with TLS fails at once, before it reads the system's certificates.
    let (pem, key): (&[u8], &[u8]) = (b"", b"");
    let config = TLSConfig {
        identity: Some(Identity::PKCS8 { pem, key }),
        cert_chain: None,
    };
    let upgrade = pin!(AsyncTcpStream::Plain(Nowhere).into_tls("localhost", config));
    let answer = upgrade.poll(&mut Context::from_waker(Waker::noop()));
    !matches!(answer, Poll::Ready(Ok(AsyncTcpStream::Plain(_))))
}

/// A stream whose other end is gone.
struct Nowhere;

type Progress<T> = Poll<io::Result<T>>;

impl AsyncRead for Nowhere {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut [u8]) -> Progress<usize> {
        Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
    }
}

impl AsyncWrite for Nowhere {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Progress<usize> {
        Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Progress<()> {
        Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Progress<()> {
        Poll::Ready(Ok(()))
    }
}
