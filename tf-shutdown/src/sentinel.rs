//! The thread that owns the signals and the hard deadline.
//!
//! It has a runtime of its own, waits for nothing of the service's, and logs nothing: it works when
//! every thread of the service is blocked.

mod clock;
mod source;
mod words;

use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures_core::Stream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::sleep_until;

use crate::core::Core;
use crate::options::Options;
use crate::process;
use crate::signals::{Origin, QuitAction, Signal};
use clock::Clock;
use source::Source;

/// How long the last words may take; a full pipe never takes them.
const PATIENCE: Duration = Duration::from_millis(100);

/// What became of the signals' owner.
enum Owner {
    /// `Signals` is there and nothing runs yet: signals are kept.
    Waiting(Vec<(Signal, Option<Origin>)>),
    Running(Arc<Core>),
    /// `Signals` was dropped: nobody will ever act on a signal, so the default action is due.
    Gone,
}

struct State {
    owner: Owner,
    clock: Clock,
    is_interactive: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
    manner: Manner,
}

/// What some signals do instead of stopping gracefully.
pub(crate) struct Manner {
    pub(crate) hangup: Option<SyncSender<()>>,
    pub(crate) quit: QuitAction,
}

/// What the service asks of the sentinel.
pub(crate) struct Terms {
    /// From the first request to stop to the end of the budget; none, no hard deadline.
    pub(crate) limit: Option<Duration>,
    /// Whether a person sits at the terminal, who waits for no load balancer.
    pub(crate) is_interactive: bool,
}

/// The service's end of the sentinel.
#[derive(Clone)]
pub(crate) struct Link {
    shared: Arc<Shared>,
}

impl Link {
    /// Installs the handlers, then starts the thread. Handlers are in place when this returns.
    pub(crate) fn start(
        signals: &[Signal],
        manner: Manner,
    ) -> Result<Self, (&'static str, io::Error)> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ("signals cannot be taken, no runtime", error))?;
        let source = {
            let _reactor = runtime.enter();
            Source::install(signals)
                .map_err(|error| ("signals cannot be taken, no handlers", error))?
        };
        let state = State {
            owner: Owner::Waiting(Vec::new()),
            clock: Clock::default(),
            is_interactive: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            manner,
        });
        let link = Self { shared };
        let watched = link.clone();
        thread::Builder::new()
            .name("tf-sentinel".to_owned())
            .stack_size(256 * 1024)
            .spawn(move || watched.watch(&runtime, source))
            .map_err(|error| ("signals cannot be taken, no thread", error))?;
        Ok(link)
    }

    /// The time since the first stop request.
    pub(crate) fn since_stop(&self) -> Duration {
        let stopped = self.state().clock.first_stop();
        stopped.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// Hands over what came so far and all that comes.
    pub(crate) fn attach(&self, core: &Arc<Core>, terms: &Terms) {
        let mut state = self.state();
        let before = mem::replace(&mut state.owner, Owner::Running(Arc::clone(core)));
        state.clock.limit(terms.limit);
        state.is_interactive = terms.is_interactive;
        drop(state);
        if let Owner::Waiting(kept) = before {
            for (signal, origin) in kept {
                self.deliver(core, signal, origin);
            }
        }
        self.shared.changed.notify_one();
    }

    /// Starts the clock of the hard deadline, unless it runs.
    pub(crate) fn armed(&self) {
        self.state().clock.stop_requested(Instant::now());
        self.shared.changed.notify_one();
    }

    /// Tells that nobody will ever attach.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        let before = mem::replace(&mut state.owner, Owner::Gone);
        drop(state);
        if let Owner::Waiting(kept) = before {
            for (signal, _) in kept {
                process::end_by(signal);
            }
        }
    }

    /// No panic happens under this lock; and the deadline must hold if one did.
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self, runtime: &Runtime, mut source: Source) {
        runtime.block_on(async {
            loop {
                match self.next(&mut source).await {
                    Event::Signal(signal, origin) => self.take(signal, origin),
                    Event::Changed => {}
                    Event::Deadline => self.end(words::Why::Deadline, 124),
                }
            }
        });
    }

    async fn next(&self, source: &mut Source) -> Event {
        let deadline = self.state().clock.deadline();
        let mut changed = pin!(self.shared.changed.notified());
        let far = Instant::now() + Duration::from_secs(24 * 3600);
        let mut time = pin!(sleep_until(deadline.unwrap_or(far).into()));
        poll_fn(|context| {
            // The stream ends only when it is closed, which nobody does.
            if let Poll::Ready(Some((signal, origin))) = Pin::new(&mut *source).poll_next(context) {
                return Poll::Ready(Event::Signal(signal, origin));
            }
            if changed.as_mut().poll(context).is_ready() {
                return Poll::Ready(Event::Changed);
            }
            match time.as_mut().poll(context) {
                Poll::Ready(()) if deadline.is_some() => Poll::Ready(Event::Deadline),
                Poll::Ready(()) => Poll::Ready(Event::Changed),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    fn take(&self, signal: Signal, origin: Option<Origin>) {
        if let (Signal::Hup, Some(hangup)) = (signal, &self.shared.manner.hangup) {
            // One call that waits is enough: it will see all that came before.
            let _ = hangup.try_send(());
            return;
        }
        let mut state = self.state();
        let stops = !matches!(signal, Signal::Usr1 | Signal::Usr2);
        if stops && state.clock.signal(signal, Instant::now()) == clock::Verdict::Force {
            drop(state);
            self.end(words::Why::Forced(signal), signal.exit_code());
        }
        match &mut state.owner {
            Owner::Running(core) => {
                let core = Arc::clone(core);
                drop(state);
                self.deliver(&core, signal, origin);
            }
            Owner::Waiting(kept) => {
                kept.push((signal, origin));
                if stops && !state.clock.has_limit() {
                    // The program may never come to `run`; its variables say what it would have had.
                    let total = Options::from_env().budget().total();
                    state.clock.limit(Some(total));
                }
            }
            Owner::Gone => {
                drop(state);
                process::end_by(signal);
            }
        }
    }

    fn deliver(&self, core: &Arc<Core>, signal: Signal, origin: Option<Origin>) {
        if signal == Signal::Int && self.state().is_interactive {
            core.skip_pre_stop();
        }
        core.signal(signal, origin);
        if signal == Signal::Quit && self.shared.manner.quit == QuitAction::DumpThenFast {
            let dumped = Arc::clone(core);
            process::write_stderr(move || words::dump(&dumped), PATIENCE);
            core.hurry();
        }
    }

    /// Says who was late and ends the process.
    fn end(&self, why: words::Why, code: u8) -> ! {
        let state = self.state();
        let core = match &state.owner {
            Owner::Running(core) => Some(Arc::clone(core)),
            Owner::Waiting(_) | Owner::Gone => None,
        };
        let stopping = state.clock.first_stop().map(|at| at.elapsed());
        drop(state);
        let stopping = stopping.unwrap_or_default();
        let to_a_person = process::stderr_is_terminal();
        // The helper looks at the service: a lock there, held for ever, holds up only the helper.
        let text = move || words::compose(why, code, stopping, core.as_deref(), to_a_person);
        process::write_stderr(text, PATIENCE);
        process::end(i32::from(code))
    }
}

enum Event {
    Signal(Signal, Option<Origin>),
    Changed,
    Deadline,
}
