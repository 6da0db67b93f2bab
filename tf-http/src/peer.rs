//! Where a request comes from.

use std::net::SocketAddr;

/// The address at the other end of the TCP connection, an extension of each request where
/// [`Server::peer`](crate::Server::peer) asks for it.
///
/// Behind a proxy this is the proxy. Connections over Unix sockets have none.
///
/// # Examples
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use tf_http::Peer;
///
/// async fn whoami(peer: Option<Extension<Peer>>) -> String {
///     match peer {
///         Some(Extension(peer)) => peer.address().to_string(),
///         None => "a Unix socket".to_owned(),
///     }
/// }
///
/// let app: Router = Router::new().route("/whoami", get(whoami));
/// // Server::new(listener, app).peer(true).serve(&life)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(pub(crate) SocketAddr);

impl Peer {
    /// Address and port; an IPv4 address is one, also where the socket takes both families.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.0.ip().to_canonical(), self.0.port())
    }
}
