//! Public behaviour of tf-http.

mod addresses;
mod health;
mod http1;
mod http2;
mod listener;
mod live;
mod malformed;
mod peer;
mod serve;
mod support;
