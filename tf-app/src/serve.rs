//! Long-running process types.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tf_config::Config;
use tf_http::Listener;
use tf_logs::Stream;
use tf_shutdown::{Lifecycle, Options, Reason, Report, Signals};
use tokio::runtime::Builder;

use crate::app::{App, Failure, Process};
use crate::context::{Context, Shared};
use crate::world::{World, code};
use crate::{backing, start};

/// The name of the socket that a process manager passes.
const SOCKET: &str = "http";

/// Runs these process types to their common end.
pub(crate) fn run<S>(app: App<S>, world: &mut World, names: &[String]) -> u8
where
    S: Config + Send + Sync + 'static,
{
    let signals = match world.is_process {
        true => Signals::install(),
        false => Signals::none(),
    };
    let all = app.processes.len() > 1 && app.processes.len() == names.len();
    let process_type = if all {
        "all".to_owned()
    } else {
        names.join("+")
    };
    let start = start::load::<S>(world);
    let facts = (app.build, &app.extension);
    let logging = start::logs(world, &start, facts, &process_type, Stream::Stdout);
    let code = logging.within(|| match start.read {
        Ok(loaded) => {
            start::tell_loaded(&loaded);
            let facts = (app.build, app.release_header);
            let value = loaded.into_value();
            let shared = start::share(world, facts, start.release, value, &app.attached);
            let mut processes = app.processes;
            processes.retain(|process| names.contains(&process.name));
            let plan = Plan {
                shared,
                processes,
                inherits: world.is_process,
            };
            follow(plan, world, signals)
        }
        Err(error) => {
            world.complain(&error.to_string());
            start::tell_invalid(&error);
            code::CONFIG
        }
    });
    logging.flush();
    code
}

fn follow<S: Send + Sync + 'static>(plan: Plan<S>, world: &mut World, signals: Signals) -> u8 {
    let options = plan.shared.options.clone();
    if !world.is_process {
        return embedded(plan, world, options);
    }
    let set_up = async |life| {
        plan.set_up(life).await;
        Ok(())
    };
    let report = tf_shutdown::run(signals, options, set_up);
    tell(world, &report);
    report.exit_code()
}

/// Does the same on this thread, without the process's signals.
fn embedded<S: Send + Sync + 'static>(plan: Plan<S>, world: &mut World, options: Options) -> u8 {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            world.complain(&format!("error: the runtime did not start: {error}"));
            return code::FAILED;
        }
    };
    let stop = world.io.stop.take();
    runtime.block_on(async {
        let life = match Lifecycle::start(Signals::none(), options) {
            Ok(life) => life,
            Err(problems) => {
                world.complain(&problems.to_string());
                return code::CONFIG;
            }
        };
        if let Some(stop) = stop {
            let life = life.clone();
            tokio::spawn(async move {
                stop.await;
                life.stop("the host asked for it");
            });
        }
        tokio::spawn(plan.set_up(life.clone()));
        let report = life.finished().await;
        tell(world, &report);
        report.exit_code()
    })
}

/// Says to people, too, why a service could not start.
fn tell(world: &mut World, report: &Report) {
    if let Some(Reason::CannotStart { error, .. }) = report.reason() {
        world.complain(&format!("error: {error}"));
    }
}

/// What is to be run.
struct Plan<S> {
    shared: Arc<Shared<S>>,
    processes: Vec<Process<S>>,
    /// Whether a passed socket is ours.
    inherits: bool,
}

impl<S: Send + Sync + 'static> Plan<S> {
    /// Waits for backing services, listens, starts every process, and says when all of them are ready.
    ///
    /// A stop that comes earlier drops it.
    async fn set_up(self, life: Lifecycle) {
        let shared = &self.shared;
        if let Err(error) = backing::wait(&shared.backing, shared.standard.backing_wait).await {
            let code = code::UNAVAILABLE;
            return life.stop(Reason::CannotStart { error, code });
        }
        let mut listener = None;
        if self.processes.iter().any(|process| process.is_web) {
            match self.listen() {
                Ok(bound) => listener = Some(bound),
                Err(error) => {
                    let code = error.exit_code();
                    let error = chain(&error);
                    tracing::error!(event.action = "listener.failed", "{error}");
                    return life.stop(Reason::CannotStart { error, code });
                }
            }
        }
        let mut waiting = Vec::new();
        for process in self.processes {
            let listener = listener.take_if(|_| process.is_web);
            let cx = Context::new(&self.shared).within(&life, listener);
            waiting.push(cx.readiness());
            if !process.is_web {
                cx.ready();
            }
            life.spawn_essential(process.name, run_process(cx, process.start));
        }
        for mut ready in waiting {
            if ready.wait_for(|is_ready| *is_ready).await.is_err() {
                // It ended before it was ready, which ends the app.
                return;
            }
        }
        life.ready();
    }

    fn listen(&self) -> Result<Listener, tf_http::Error> {
        let address = self.shared.standard.address();
        match self.inherits {
            true => Listener::from_env_or(SOCKET, &address),
            false => Listener::bind(&address),
        }
    }
}

/// Polls a process to its end, or until a stop that finds it not ready yet.
async fn run_process<S>(
    cx: Context<S>,
    start: Box<dyn FnOnce(Context<S>) -> crate::app::Work + Send>,
) -> Result<(), String> {
    let ready = cx.readiness();
    let token = cx.lifecycle().token();
    let mut stopping = pin!(token.stopping());
    let mut work = start(cx);
    let ended: Result<(), Failure> = poll_fn(|context| {
        if let Poll::Ready(ended) = work.as_mut().poll(context) {
            return Poll::Ready(ended);
        }
        let is_ready = *ready.borrow();
        match !is_ready && stopping.as_mut().poll(context).is_ready() {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    })
    .await;
    ended.map_err(|error| chain(&*error))
}

/// An error and its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
