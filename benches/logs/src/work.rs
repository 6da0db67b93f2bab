//! What is logged, by tracing's macros.

use std::fmt;
use std::hint::black_box;
use std::net::IpAddr;
use std::str::FromStr;
use std::thread;

use tracing::span::EnteredSpan;
use tracing::{debug, info, info_span};

/// Events that each of two threads writes in one repetition, enough to hide the threads' start.
const EVENTS_OF_A_THREAD: u32 = 4_000;

/// The unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// An event of a message and six fields inside two spans of three fields.
    Event,
    /// The same with dotted field names, as the kit's own crates use them.
    Dotted,
    /// A span of three fields is made, entered and left around one event, then closed.
    Request,
    /// An event that the filter refuses.
    Disabled,
    /// [`Work::Event`] by two threads at once.
    Pair,
}

impl Work {
    /// Units in one repetition.
    pub fn batch(self) -> u32 {
        match self {
            Self::Event | Self::Dotted | Self::Request => 50,
            Self::Disabled => 1_000,
            Self::Pair => 2 * EVENTS_OF_A_THREAD,
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "event",
            Self::Dotted => "dotted",
            Self::Request => "request",
            Self::Disabled => "disabled",
            Self::Pair => "pair",
        })
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [
            Self::Event,
            Self::Dotted,
            Self::Request,
            Self::Disabled,
            Self::Pair,
        ]
        .into_iter()
        .find(|work| work.to_string() == name)
        .ok_or_else(|| format!("no work is called {name}"))
    }
}

/// The values of the six fields.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub customer: &'static str,
    pub items: u64,
    pub total: f64,
    pub paid: bool,
    pub port: u16,
    pub peer: IpAddr,
}

/// The values of the outer span's fields.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub request_id: &'static str,
    pub path: &'static str,
    pub attempt: u64,
}

/// The values of the inner span's fields.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub tenant: &'static str,
    pub shard: u64,
    pub cached: bool,
}

pub const MESSAGE: &str = "order accepted";

pub const ORDER: Order = Order {
    customer: "Ada \"the first\" Lovelace",
    items: 1_234_567,
    total: 129.95,
    paid: true,
    port: 8_443,
    peer: IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 17)),
};

pub const REQUEST: Request = Request {
    request_id: "9f2c1e7ab04d4c1d",
    path: "/api/v1/orders",
    attempt: 3,
};

pub const STEP: Step = Step {
    tenant: "acme-europe",
    shard: 17,
    cached: false,
};

/// What every line of [`Work::Event`] must show, whatever it looks like.
pub const SHOWN: [&str; 11] = [
    MESSAGE,
    "the first",
    "1234567",
    "129.95",
    "true",
    "8443",
    "192.0.2.17",
    REQUEST.request_id,
    REQUEST.path,
    STEP.tenant,
    "17",
];

/// One repetition by whatever subscriber is installed.
pub fn repetition(work: Work) -> Box<dyn FnMut()> {
    let times = work.batch();
    match work {
        Work::Event => {
            let spans = enter();
            Box::new(move || {
                let _inside = &spans;
                (0..times).for_each(|_| event(black_box(&ORDER)));
            })
        }
        Work::Dotted => {
            let spans = enter();
            Box::new(move || {
                let _inside = &spans;
                (0..times).for_each(|_| dotted(black_box(&ORDER)));
            })
        }
        Work::Request => Box::new(move || (0..times).for_each(|_| request())),
        Work::Disabled => Box::new(move || (0..times).for_each(|_| disabled(black_box(&ORDER)))),
        Work::Pair => Box::new(|| {
            pair(|| {
                let _inside = enter();
                of_a_thread(|| event(black_box(&ORDER)));
            });
        }),
    }
}

/// Runs `events` in two threads at once.
pub fn pair(events: impl Fn() + Sync) {
    thread::scope(|scope| {
        scope.spawn(&events);
        scope.spawn(&events);
    });
}

/// What a thread does in [`pair`].
pub fn of_a_thread(mut event: impl FnMut()) {
    (0..EVENTS_OF_A_THREAD).for_each(|_| event());
}

fn enter() -> (EnteredSpan, EnteredSpan) {
    let request = black_box(&REQUEST);
    let outer = info_span!(
        "request",
        request_id = request.request_id,
        path = request.path,
        attempt = request.attempt
    )
    .entered();
    let step = black_box(&STEP);
    let inner = info_span!(
        "step",
        tenant = step.tenant,
        shard = step.shard,
        cached = step.cached
    )
    .entered();
    (inner, outer)
}

fn request() {
    let request = black_box(&REQUEST);
    let span = info_span!(
        "request",
        request_id = request.request_id,
        path = request.path,
        attempt = request.attempt
    );
    span.in_scope(|| event(black_box(&ORDER)));
}

#[inline(never)]
fn event(order: &Order) {
    info!(
        customer = order.customer,
        items = order.items,
        total = order.total,
        paid = order.paid,
        port = order.port,
        peer = %order.peer,
        "order accepted"
    );
}

#[inline(never)]
fn dotted(order: &Order) {
    info!(
        event.action = "order.accepted",
        order.customer = order.customer,
        order.items = order.items,
        order.total = order.total,
        order.paid = order.paid,
        order.peer = %order.peer,
        "order accepted"
    );
}

#[inline(never)]
fn disabled(order: &Order) {
    debug!(
        customer = order.customer,
        items = order.items,
        total = order.total,
        paid = order.paid,
        port = order.port,
        peer = %order.peer,
        "order accepted"
    );
}
