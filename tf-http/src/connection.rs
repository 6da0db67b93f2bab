//! One connection from its first byte to its end.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tf_shutdown::{State, Token};
use tokio::time::{Instant, Sleep, sleep_until};
use tower_service::Service;

use crate::answer::Answer;
use crate::traffic::{Traffic, Wire};

/// How long a connection may sit without its first byte.
const UNUSED: Duration = Duration::from_secs(60);
/// How long a half request head, or a peer that just stays, is waited for once no work is left.
const LINGER: Duration = Duration::from_secs(1);
/// The same where the last bytes of a response may still wait for the peer to make room for them: with HTTP/2 they do so
/// out of sight.
const LINGER_HTTP2: Duration = Duration::from_secs(5);

/// Times that a connection keeps to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) head: Duration,
    pub(crate) idle: Duration,
    pub(crate) first_byte: Duration,
}

/// Serves a connection until it ends, as its peer, its times or the lifecycle want.
pub(crate) async fn serve<S, B>(
    http: Arc<Builder<TokioExecutor>>,
    wire: Wire,
    answer: Answer<S>,
    times: Times,
) where
    S: Service<
            Request<Incoming>,
            Response = Response<B>,
            Error: Into<Box<dyn Error + Send + Sync>>,
        > + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let (token, traffic) = (answer.token.clone(), Arc::clone(&answer.traffic));
    let io = TokioIo::new(wire);
    let connection = http.serve_connection_with_upgrades(io, TowerToHyperService::new(answer));
    let mut connection = pin!(connection);
    let mut stopping = pin!(token.stopping());
    let mut timer = pin!(None::<Sleep>);
    let mut end = End::new(&token, &traffic, times);
    poll_fn(|cx| {
        loop {
            // An error is the peer's doing: it went away, or it does not speak HTTP.
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if end.stop.is_none() && stopping.as_mut().poll(cx).is_ready() {
                end.stop = Some(Instant::now());
            }
            match end.next() {
                Next::Close => return Poll::Ready(()),
                Next::SayGoodbye => connection.as_mut().graceful_shutdown(),
                Next::Wait(None) => return Poll::Pending,
                Next::Wait(Some(due)) => {
                    if arm(timer.as_mut(), due, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    })
    .await;
}

/// Polls the timer, which is moved only when it would ring too late: a busy connection never touches it.
fn arm(mut timer: Pin<&mut Option<Sleep>>, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
    let armed = timer
        .as_ref()
        .as_pin_ref()
        .map(|sleep| (sleep.deadline(), sleep.is_elapsed()));
    match armed {
        None => timer.set(Some(sleep_until(due))),
        Some((deadline, is_elapsed)) if deadline > due || is_elapsed => {
            if let Some(sleep) = timer.as_mut().as_pin_mut() {
                sleep.reset(due);
            }
        }
        Some(_) => {}
    }
    match timer.as_pin_mut() {
        Some(sleep) => sleep.poll(cx),
        None => Poll::Pending,
    }
}

/// Decides when the connection ends.
struct End<'a> {
    token: &'a Token,
    traffic: &'a Traffic,
    times: Times,
    /// When nothing new was to be begun.
    stop: Option<Instant>,
    said_goodbye: bool,
    doing: Doing,
    since: Instant,
    requests: u32,
    /// The last time that bytes passed while it was about to end.
    moved: Instant,
    moves: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    ReadingHead,
    Working,
    /// Everything is sent; the peer has yet to close its side.
    Parting,
}

enum Next {
    Close,
    SayGoodbye,
    /// Until the peer, the service or this moment.
    Wait(Option<Instant>),
}

impl<'a> End<'a> {
    fn new(token: &'a Token, traffic: &'a Traffic, times: Times) -> Self {
        Self {
            token,
            traffic,
            times,
            stop: None,
            said_goodbye: false,
            doing: Doing::Nothing,
            since: Instant::now(),
            requests: 0,
            moved: Instant::now(),
            moves: 0,
        }
    }

    fn next(&mut self) -> Next {
        self.look();
        match self.stop {
            _ if self.doing == Doing::Parting => self.linger(self.since),
            Some(stop) => self.stopping(stop),
            None => self.running(),
        }
    }

    /// Waits for the peer, as long as bytes pass and a bit longer.
    fn linger(&mut self, since: Instant) -> Next {
        let now = Instant::now();
        let moves = self.traffic.moves();
        if moves != self.moves {
            self.moves = moves;
            self.moved = now;
        }
        let linger = match self.traffic.is_http2() && self.requests > 0 {
            true => LINGER_HTTP2,
            false => LINGER,
        };
        Self::close_at(self.moved.max(since) + linger, now)
    }

    /// Notes what the connection does and since when.
    fn look(&mut self) {
        let doing = match () {
            () if self.traffic.is_parting() => Doing::Parting,
            () if self.traffic.is_busy() => Doing::Working,
            () if self.traffic.is_reading_head() => Doing::ReadingHead,
            () => Doing::Nothing,
        };
        let requests = self.traffic.requests();
        if doing != self.doing || requests != self.requests {
            self.doing = doing;
            self.requests = requests;
            self.since = Instant::now();
        }
    }

    fn running(&mut self) -> Next {
        let limit = match self.doing {
            // A lame duck tells HTTP/2 to go elsewhere; HTTP/1 hears it with each response.
            Doing::Working
                if self.traffic.is_http2()
                    && !self.said_goodbye
                    && self.token.state() >= State::LameDuck =>
            {
                return self.say_goodbye();
            }
            Doing::Working => return Next::Wait(None),
            Doing::ReadingHead => self.times.head,
            Doing::Nothing if self.requests == 0 => self.times.idle.min(UNUSED),
            Doing::Nothing | Doing::Parting => self.times.idle,
        };
        Self::close_at(self.since + limit, Instant::now())
    }

    /// Requests may be on their way, so nobody is sent off at once who seems idle.
    fn stopping(&mut self, stop: Instant) -> Next {
        if self.said_goodbye {
            return match self.traffic.is_quiet() {
                true => self.linger(stop.max(self.since)),
                false => Next::Wait(None),
            };
        }
        let now = Instant::now();
        let due = stop.max(self.since) + self.times.first_byte;
        match self.doing {
            // HTTP/2 has a goodbye that loses nothing (RFC 9113, section 6.8).
            _ if self.traffic.is_http2() && self.requests > 0 => self.say_goodbye(),
            // The response says goodbye. One whose head had gone out before did not, so that the next request may
            // follow it; then the connection is one that seems idle.
            Doing::Working | Doing::Parting => Next::Wait(None),
            // hyper takes a connection for idle until a head is complete, and would cut it here.
            Doing::ReadingHead => Self::close_at(stop.max(self.since) + LINGER, now),
            Doing::Nothing if now < due => Next::Wait(Some(due)),
            Doing::Nothing => {
                self.traffic.part_at_once();
                self.say_goodbye()
            }
        }
    }

    fn say_goodbye(&mut self) -> Next {
        self.said_goodbye = true;
        Next::SayGoodbye
    }

    fn close_at(due: Instant, now: Instant) -> Next {
        match now >= due {
            true => Next::Close,
            false => Next::Wait(Some(due)),
        }
    }
}
