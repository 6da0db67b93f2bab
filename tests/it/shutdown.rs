//! The example of `tf-shutdown`: started, told by signals, misbehaving, and ending in time all the same.

mod edges;
mod live;
mod managers;
mod misbehaviour;
mod outputs;
mod signals;
