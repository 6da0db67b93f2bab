//! One connection from its first byte to its end.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use pin_project_lite::pin_project;
use tf_shutdown::{State, Token};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::answer::{Answer, Sends, Serves};
use crate::traffic::{Traffic, Wire};

/// How long a connection may sit without its first byte.
const UNUSED: Duration = Duration::from_secs(60);
/// How long a half request head, or a peer that just stays, is waited for once no work is left.
const LINGER: Duration = Duration::from_secs(1);
/// The same where the last bytes of a response may still wait for the peer to make room for them: with HTTP/2 they do so
/// out of sight.
const LINGER_HTTP2: Duration = Duration::from_secs(5);

/// How often in its idle time a connection that is used is looked at, which makes it close that much later at most.
const LOOKS: u32 = 8;

/// Times that a connection keeps to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) head: Duration,
    pub(crate) idle: Duration,
    pub(crate) first_byte: Duration,
}

/// Serves a connection until it ends, as its peer, its times or the lifecycle want.
pub(crate) async fn serve<S: Serves<B>, B: Sends>(
    http: Arc<Builder<TokioExecutor>>,
    wire: Wire,
    answer: Answer<S>,
    times: Times,
) {
    let line = Arc::clone(&answer.line);
    let (token, traffic) = (&line.house.token, &*line.traffic);
    let connection = http.serve_connection_with_upgrades(TokioIo::new(wire), answer);
    let mut connection = pin!(connection);
    let mut timer = pin!(Timer::default());
    let mut stopping = pin!(token.stopping());
    // A task has the same waker all its life, so that one poll is enough for it to be woken.
    let mut listens = false;
    let mut end = End::new(token, traffic, times);
    poll_fn(|cx| {
        loop {
            // An error is the peer's doing: it went away, or it does not speak HTTP.
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if end.stop.is_none() {
                let is_stopping = match listens {
                    true => token.is_stopping(),
                    false => stopping.as_mut().poll(cx).is_ready(),
                };
                listens = true;
                end.stop = is_stopping.then(Instant::now);
            }
            match end.next() {
                Next::SayGoodbye => connection.as_mut().graceful_shutdown(),
                Next::Wait => return Poll::Pending,
                Next::CloseAt(due) => return timer.as_mut().poll_at(due, cx),
                Next::WaitUntil(due) => ready!(timer.as_mut().poll_at(due, cx)),
                Next::LookAt(due) => {
                    ready!(timer.as_mut().poll_at(due, cx));
                    end.note_time();
                }
            }
        }
    })
    .await;
}

pin_project! {
    /// A timer of one task, moved only when it would ring too late: a busy connection never touches it.
    #[derive(Default)]
    struct Timer {
        #[pin]
        sleep: Option<Sleep>,
        is_heard: bool,
    }
}

impl Timer {
    fn poll_at(self: Pin<&mut Self>, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        match this.sleep.as_mut().as_pin_mut() {
            None => {
                this.sleep.set(Some(sleep_until(due)));
                *this.is_heard = false;
            }
            Some(sleep) if sleep.deadline() > due || sleep.is_elapsed() => {
                if sleep.is_elapsed() && sleep.deadline() >= due {
                    return Poll::Ready(());
                }
                sleep.reset(due);
                *this.is_heard = false;
            }
            Some(_) => {}
        }
        if *this.is_heard {
            return Poll::Pending;
        }
        *this.is_heard = true;
        match this.sleep.as_pin_mut() {
            Some(sleep) => sleep.poll(cx),
            None => Poll::Pending,
        }
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
    /// Requests came and went since then, and nobody looked at the clock.
    is_used: bool,
    /// When somebody does.
    look: Instant,
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
    SayGoodbye,
    /// For the peer or the service.
    Wait,
    /// The same, at most until this moment.
    WaitUntil(Instant),
    /// The same, and take this moment for the one when the connection was used last.
    LookAt(Instant),
    /// The same, and close at this moment.
    CloseAt(Instant),
}

impl<'a> End<'a> {
    fn new(token: &'a Token, traffic: &'a Traffic, times: Times) -> Self {
        let now = Instant::now();
        Self {
            token,
            traffic,
            times,
            stop: None,
            said_goodbye: false,
            doing: Doing::Nothing,
            since: now,
            is_used: false,
            look: now,
            requests: 0,
            moved: now,
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
        let moves = self.traffic.moves();
        if moves != self.moves {
            self.moves = moves;
            self.moved = Instant::now();
        }
        let linger = match self.traffic.is_http2() && self.requests > 0 {
            true => LINGER_HTTP2,
            false => LINGER,
        };
        Next::CloseAt(self.moved.max(since) + linger)
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
        if doing == self.doing && requests == self.requests {
            return;
        }
        // A look at the clock for each request of a busy connection would cost more than all else here.
        let needs_no_clock =
            self.stop.is_none() && requests > 0 && matches!(doing, Doing::Nothing | Doing::Working);
        (self.doing, self.requests) = (doing, requests);
        if !needs_no_clock {
            self.note_time();
        } else if !self.is_used {
            self.is_used = true;
            self.look = self.since + self.times.idle / LOOKS;
        }
    }

    fn note_time(&mut self) {
        self.since = Instant::now();
        self.is_used = false;
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
            Doing::Working => return Next::Wait,
            Doing::ReadingHead => self.times.head,
            Doing::Nothing if self.requests == 0 => self.times.idle.min(UNUSED),
            Doing::Nothing if self.is_used => {
                return Next::LookAt(self.look);
            }
            Doing::Nothing | Doing::Parting => self.times.idle,
        };
        Next::CloseAt(self.since + limit)
    }

    /// Requests may be on their way, so nobody is sent off at once who seems idle.
    fn stopping(&mut self, stop: Instant) -> Next {
        if self.said_goodbye {
            return match self.traffic.is_quiet() {
                true => self.linger(stop.max(self.since)),
                false => Next::Wait,
            };
        }
        let due = stop.max(self.since) + self.times.first_byte;
        match self.doing {
            // HTTP/2 has a goodbye that loses nothing (RFC 9113, section 6.8).
            _ if self.traffic.is_http2() && self.requests > 0 => self.say_goodbye(),
            // The response says goodbye. One whose head had gone out before did not, so that the next request may
            // follow it; then the connection is one that seems idle.
            Doing::Working | Doing::Parting => Next::Wait,
            // hyper takes a connection for idle until a head is complete, and would cut it here.
            Doing::ReadingHead => Next::CloseAt(stop.max(self.since) + LINGER),
            Doing::Nothing if Instant::now() < due => Next::WaitUntil(due),
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
}
