//! The handle that a service holds.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::core::{Conductor, Core};
use crate::group::{Group, Guard, Inner};
use crate::hook::{HookHandle, Stage};
use crate::options::Budget;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::report::Report;
use crate::state::State;
use crate::task::{Named, Stopped, Task, TaskHandle, run_blocking};
use crate::token::{Reached, Target, Token};

/// Coordinates the start and the end of a service; cheap to clone and to share.
///
/// [`run`](crate::run) makes one and owns the runtime. Under `#[tokio::main]`, and in tests, make it with
/// [`new`](Self::new) and end with [`shutdown`](Self::shutdown).
///
/// # Examples
///
/// ```
/// use tf_shutdown::{Lifecycle, Options, Stage};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// life.hook(Stage::Resources, "pool", async || println!("the pool is closed"));
///
/// let token = life.token();
/// life.spawn_essential("worker", async move {
///     token.stopping().await;
/// });
/// life.ready();
///
/// let report = life.shutdown().await;
/// assert_eq!(report.exit_code(), 0);
/// # }
/// ```
#[derive(Clone)]
pub struct Lifecycle {
    core: Arc<Core>,
    tasks: Arc<Inner>,
}

impl Lifecycle {
    /// Makes a lifecycle on the current runtime, with this much time for its end.
    ///
    /// It takes no signals and has no hard deadline; both come with [`run`](crate::run).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self::of(Core::new(budget, Handle::current(), Conductor::Spawned))
    }

    pub(crate) fn of(core: Arc<Core>) -> Self {
        let tasks = core.tasks();
        Self { core, tasks }
    }

    /// What tasks see of the lifecycle.
    #[must_use]
    pub fn token(&self) -> Token {
        Token::new(Arc::clone(&self.core))
    }

    /// The group of this name, made where it is not there. `tasks` is the group of the tasks spawned here.
    #[must_use]
    pub fn group(&self, name: impl Into<Cow<'static, str>>) -> Group {
        Group::new(self.core.open_group(name.into()))
    }

    /// Makes a lifecycle inside this one, with its own token, tasks, groups and hooks.
    ///
    /// It stops alone, or with its parent, and is done before its parent closes its resources. When it stops alone it
    /// has the budget of its parent; with its parent, the parent's time for work in flight. A failed or panicked essential
    /// task of it stops the parent too, unless it is [`contained`](Self::contained).
    /// One that is made while the parent stops, stops at once. The parent keeps it until it has stopped.
    ///
    /// # Examples
    ///
    /// ```
    /// use tf_shutdown::{Lifecycle, Options};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let life = Lifecycle::new(Options::for_tests().budget());
    /// let tenant = life.child("tenant").contained();
    /// let task = tenant.spawn_essential("sync", async { Err::<(), _>("no such table") });
    /// task.await.unwrap().unwrap_err();
    ///
    /// assert_eq!(tenant.finished().await.exit_code(), 1);
    /// assert_eq!(life.shutdown().await.exit_code(), 0);
    /// # }
    /// ```
    #[must_use]
    pub fn child(&self, name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(self.core.child(name.into()))
    }

    /// Keeps the failures of this child from its parent. Work that it leaves undone is still told.
    #[must_use]
    pub fn contained(self) -> Self {
        self.core.set_forwards(false);
        self
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.core.state()
    }

    /// Waits until this state or a later one.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost when it is dropped.
    pub fn reached(&self, state: State) -> Reached {
        self.token().reached(state)
    }

    /// Says that the service can do its work. Later calls, and those after a request to stop, do nothing.
    pub fn ready(&self) {
        self.core.ready();
    }

    /// Says in a few words what the service does, for the service manager and the log. Put no secret in it.
    pub fn status(&self, text: impl AsRef<str>) {
        self.core.status(text.as_ref());
    }

    /// Asks for the stop and returns at once; from any thread, as often as you like.
    ///
    /// The first reason counts, later ones are in [`Report::also`]. A text is a reason: `life.stop("no work left")`.
    pub fn stop(&self, reason: impl Into<Reason>) {
        self.core.stop(reason.into());
    }

    /// Spawns a named task. Its error or panic is logged and counted; nothing stops for it.
    ///
    /// The task is dropped at its next await when the time for work in flight is up, and named in the report with its
    /// age and the place of this call. Once the lifecycle is stopping nothing is spawned: the future is dropped and the
    /// handle has ended with [`TaskErrorKind::Stopped`](crate::TaskErrorKind::Stopped).
    #[track_caller]
    pub fn spawn<F>(&self, name: impl Into<Cow<'static, str>>, future: F) -> TaskHandle<F::Output>
    where
        F: Future<Output: Outcome + Send + 'static> + Send + 'static,
    {
        self.spawn_named(name.into(), Location::caller(), false, future)
    }

    /// Spawns a named task that the service cannot do without.
    ///
    /// Its error or panic, and its end before a stop was asked for, stop the lifecycle. Else as [`spawn`](Self::spawn).
    #[track_caller]
    pub fn spawn_essential<F>(
        &self,
        name: impl Into<Cow<'static, str>>,
        future: F,
    ) -> TaskHandle<F::Output>
    where
        F: Future<Output: Outcome + Send + 'static> + Send + 'static,
    {
        self.spawn_named(name.into(), Location::caller(), true, future)
    }

    /// Runs a named closure on a thread where it may block; it should look at the token now and then.
    ///
    /// It cannot be dropped when the time is up, only named. Else as [`spawn`](Self::spawn).
    #[track_caller]
    pub fn spawn_blocking<T, F>(&self, name: impl Into<Cow<'static, str>>, work: F) -> TaskHandle<T>
    where
        T: Outcome + Send + 'static,
        F: FnOnce(Token) -> T + Send + 'static,
    {
        let guard = match self.enter(name.into(), Location::caller()) {
            Ok(guard) => guard,
            Err(stopped) => return TaskHandle::refused(stopped),
        };
        let token = self.token();
        let judge = Named { essential: false };
        TaskHandle::running(
            self.core
                .handle()
                .spawn_blocking(move || run_blocking(&guard, judge, || work(token))),
        )
    }

    /// Registers what is to be done at the end; see [`Stage`] for when and in which order.
    ///
    /// The closure is called in a task of its own, at most once, after the request to stop. An error or a panic is
    /// logged, is in the report, and makes the exit code 1; one that takes too long is dropped at its next await, named,
    /// and makes it 124. A hook that comes when its stage has begun is never run, and named too.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tf_shutdown::{HookOutcome, Lifecycle, Options, Stage};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let life = Lifecycle::new(Options::for_tests().budget());
    /// life.hook(Stage::Resources, "cache", std::future::pending::<()>)
    ///     .timeout(Duration::from_secs(1));
    /// let report = life.shutdown().await;
    /// assert_eq!(report.hooks()[0].outcome(), &HookOutcome::Late);
    /// assert_eq!(report.exit_code(), 124);
    /// # }
    /// ```
    pub fn hook<F, Fut>(
        &self,
        stage: Stage,
        name: impl Into<Cow<'static, str>>,
        hook: F,
    ) -> HookHandle
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.core.hook(stage, name.into(), hook)
    }

    /// Asks for the stop, unless it was asked for, and waits for its end.
    ///
    /// Awaited by a task or a hook of this same lifecycle it waits for itself, until the time is up.
    ///
    /// # Cancel safety
    ///
    /// Safe: the stop goes on, and another call waits for it again.
    pub async fn shutdown(&self) -> Report {
        if self.core.request().is_none() {
            self.stop("shutdown");
        }
        self.core.finished().await
    }

    /// Waits for the end without asking for it.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost when it is dropped.
    pub async fn finished(&self) -> Report {
        self.core.finished().await
    }

    fn spawn_named<F>(
        &self,
        name: Cow<'static, str>,
        place: &'static Location<'static>,
        essential: bool,
        future: F,
    ) -> TaskHandle<F::Output>
    where
        F: Future<Output: Outcome + Send + 'static> + Send + 'static,
    {
        match self.enter(name, place) {
            Ok(guard) => {
                let task = Task::new(future, guard, Named { essential });
                TaskHandle::running(self.core.handle().spawn(task))
            }
            Err(stopped) => TaskHandle::refused(stopped),
        }
    }

    fn enter(
        &self,
        name: Cow<'static, str>,
        place: &'static Location<'static>,
    ) -> Result<Guard, Stopped> {
        let mut guard = self.tasks.enter()?;
        if self.core.has(Target::STOP) {
            return Err(Stopped::new());
        }
        guard.enter(name, place);
        Ok(guard)
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle")
            .field("name", &self.core.name())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
