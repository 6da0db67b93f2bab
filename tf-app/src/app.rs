//! The app: what a service consists of, and the way in.

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;

use tf_admin::{Env, Task};
use tf_backing::Locator;
use tf_config::Config;

use crate::backing::Attached;
use crate::build::Build;
use crate::context::Context;
use crate::error::{Error, bad_names, clashes};
use crate::extension::Extension;
use crate::grammar::{Command, Grammar, WEB};
use crate::io::Io;
use crate::world::{Report, World, code};
use crate::{admin, offline, serve};

/// Why a process failed.
pub(crate) type Failure = Box<dyn StdError + Send + Sync>;
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Attach<S> = Box<dyn Fn(&S) -> Vec<Attached> + Send + Sync>;

/// A process type: a name and what it does.
pub(crate) struct Process<S> {
    pub(crate) name: String,
    pub(crate) is_web: bool,
    pub(crate) start: Box<dyn FnOnce(Context<S>) -> Work + Send>,
}

/// A service: its configuration `S`, its process types and its tasks, in one binary.
///
/// Everything is declared, nothing runs, until [`run`](Self::run).
///
/// # Examples
///
/// ```
/// use tf_app::{App, Context, Env, Io};
/// use tf_config::Config;
///
/// #[derive(Config)]
/// struct Settings {
///     /// Whom to greet.
///     name: String,
/// }
///
/// async fn greet(cx: Context<Settings>) -> Result<(), std::io::Error> {
///     tracing::info!("hello {}", cx.config().name);
///     Ok(())
/// }
///
/// let app = || App::<Settings>::new(tf_app::build!()).worker("greeter", greet);
/// app().check()?;
///
/// let report = app().run_in(["worker", "greeter"], Env::from_vars([("NAME", "Ann")]), Io::captured());
/// assert_eq!(report.code(), 0);
/// assert!(report.stdout().contains("hello Ann"));
///
/// let report = app().run_in(["worker", "greeter"], Env::default(), Io::captured());
/// assert_eq!(report.code(), 78);
/// assert!(report.stderr().contains("NAME"));
/// # Ok::<(), tf_app::Error>(())
/// ```
#[must_use = "nothing runs before `run`"]
pub struct App<S> {
    pub(crate) build: Build,
    pub(crate) attached: Vec<Attach<S>>,
    pub(crate) processes: Vec<Process<S>>,
    pub(crate) tasks: Vec<Task<Context<S>>>,
    pub(crate) extension: Extension,
    pub(crate) release_header: Option<&'static str>,
}

/// Collects the tasks of an app; given to the closure of [`App::tasks`].
pub struct Tasks<S>(Vec<Task<Context<S>>>);

impl<S> Tasks<S> {
    /// Adds a task.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "it puts a task in, as `Vec::push` does; nothing is summed"
    )]
    pub fn add(mut self, task: Task<Context<S>>) -> Self {
        self.0.push(task);
        self
    }
}

impl<S: Config + Send + Sync + 'static> App<S> {
    /// Begins an app; see [`build!`](crate::build!).
    pub fn new(build: Build) -> Self {
        Self {
            build,
            attached: Vec::new(),
            processes: Vec::new(),
            tasks: Vec::new(),
            extension: Extension::new(),
            release_header: None,
        }
    }

    /// Names the backing services.
    ///
    /// Processes and tasks wait for them before they start, `/readyz` and `backing check` ask them,
    /// [`Context::backing`] gives them. May be called again for more.
    pub fn backing<const N: usize>(
        self,
        list: impl Fn(&S) -> [(&'static str, &Locator); N] + Send + Sync + 'static,
    ) -> Self {
        self.attach(true, move |settings| {
            list(settings).map(|(name, locator)| (name, Some(locator)))
        })
    }

    /// Names backing services that the service does without where they are not configured.
    pub fn backing_if_set<const N: usize>(
        self,
        list: impl Fn(&S) -> [(&'static str, Option<&Locator>); N] + Send + Sync + 'static,
    ) -> Self {
        self.attach(true, list)
    }

    /// Names backing services that the service also does without while they are away, such as a cache.
    ///
    /// `backing check` asks them, [`Context::backing`] gives them. No start waits for them, and `/readyz` leaves them out.
    pub fn backing_optional<const N: usize>(
        self,
        list: impl Fn(&S) -> [(&'static str, Option<&Locator>); N] + Send + Sync + 'static,
    ) -> Self {
        self.attach(false, list)
    }

    fn attach<const N: usize>(
        mut self,
        is_needed: bool,
        list: impl Fn(&S) -> [(&'static str, Option<&Locator>); N] + Send + Sync + 'static,
    ) -> Self {
        self.attached.push(Box::new(move |settings| {
            let list = list(settings).into_iter();
            let attached = list.filter_map(|(name, locator)| {
                Some(Attached {
                    name,
                    locator: locator?.clone(),
                    is_needed,
                })
            });
            attached.collect()
        }));
        self
    }

    /// Sets the process type that serves HTTP.
    ///
    /// The process is its future: when it ends, the service stops. It ends with the lifecycle where it awaits
    /// `cx.server(router)?.serve(cx.lifecycle())`.
    pub fn web<F, Fut, E>(self, web: F) -> Self
    where
        F: FnOnce(Context<S>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        self.process(WEB.to_owned(), true, web)
    }

    /// Adds a process type that works in the background.
    ///
    /// The process is its future: when it ends, the service stops. It should end when
    /// `cx.lifecycle().token().stopping()` does.
    pub fn worker<F, Fut, E>(self, name: impl Into<String>, worker: F) -> Self
    where
        F: FnOnce(Context<S>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        self.process(name.into(), false, worker)
    }

    fn process<F, Fut, E>(mut self, name: String, is_web: bool, process: F) -> Self
    where
        F: FnOnce(Context<S>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        let start = Box::new(move |cx| -> Work {
            let process = process(cx);
            Box::pin(async move { process.await.map_err(Into::into) })
        });
        self.processes.push(Process {
            name,
            is_web,
            start,
        });
        self
    }

    /// Adds tasks, which find the app's context in [`Cx::state`](tf_admin::Cx::state).
    pub fn tasks(mut self, tasks: impl FnOnce(Tasks<S>) -> Tasks<S>) -> Self {
        self.tasks = tasks(Tasks(self.tasks)).0;
        self
    }

    /// Adds what a framework of your own gives to each app.
    pub fn extend(mut self, extension: Extension) -> Self {
        self.extension = self.extension.and(extension);
        self
    }

    /// Puts the release into this header of every response of [`Context::server`].
    pub fn release_header(mut self, name: &'static str) -> Self {
        self.release_header = Some(name);
        self
    }

    /// Checks how the app is put together, for a test.
    ///
    /// # Errors
    ///
    /// Every bad or repeated name, every mistake in a task, every variable of the service that is a standard one.
    pub fn check(self) -> Result<(), Error> {
        let mut problems = self.problems();
        if let Err(error) = admin::checked(self) {
            problems.extend(error.problems().iter().map(ToString::to_string));
        }
        Error::unless_empty(problems)
    }

    /// What is wrong, but for the tasks.
    fn problems(&self) -> Vec<String> {
        let (webs, workers): (Vec<_>, Vec<_>) =
            self.processes.iter().partition(|process| process.is_web);
        let workers = workers.iter().map(|process| process.name.as_str());
        let mut problems = bad_names(workers, webs.len());
        problems.extend(clashes::<S>());
        let header = self.release_header.map(str::parse::<http::HeaderName>);
        if let (Some(Err(_)), Some(name)) = (header, self.release_header) {
            problems.push(format!("`{name}` cannot be the name of a header"));
        }
        problems
    }

    /// Does what the command line of the process says, and gives the exit code for `main` to return.
    ///
    /// It owns the signals, the logs and the runtime. What it does, and with which codes, is on the
    /// [crate's front page](crate). A mistake that [`check`](Self::check) finds ends it with 70.
    #[must_use]
    pub fn run(self) -> ExitCode {
        self.follow(&mut World::process()).into()
    }

    /// Does what these words say, in these surroundings; for tests, and for hosts of several apps.
    ///
    /// Nothing of the process is read or changed: no signal, no global subscriber, no standard stream, no
    /// inherited socket; files that variables name are read, and sockets are opened. It runs on this thread, on a runtime of its
    /// own, so it must not be called within one. The words are those after the program's name.
    pub fn run_in<I, W>(self, words: I, env: Env, io: Io) -> Report
    where
        I: IntoIterator<Item = W>,
        W: Into<OsString>,
    {
        let words = words.into_iter().map(Into::into).collect();
        let program = self.build.name().to_owned();
        let mut world = World::given(program, words, env, io);
        let code = self.follow(&mut world);
        world.report(code)
    }

    fn follow(self, world: &mut World) -> u8 {
        if let Err(error) = Error::unless_empty(self.problems()) {
            world.complain(&error.to_string());
            return code::BUG;
        }
        match self.grammar().parse(&world.words) {
            Ok(Command::Run(names)) => serve::run(self, world, &names),
            Ok(Command::Admin(words)) => admin::run(self, world, words),
            Ok(command) => offline::answer(self, world, command),
            Err(answer) if answer.is_error => {
                world.complain(&answer.text);
                code::USAGE
            }
            Err(answer) => world.say(&answer.text),
        }
    }

    pub(crate) fn grammar(&self) -> Grammar<'_> {
        let workers = self.processes.iter().filter(|process| !process.is_web);
        Grammar {
            name: self.build.name(),
            has_web: self.processes.iter().any(|process| process.is_web),
            workers: workers.map(|process| process.name.as_str()).collect(),
        }
    }
}

impl<S> fmt::Debug for App<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processes: Vec<_> = self.processes.iter().map(|process| &process.name).collect();
        f.debug_struct("App")
            .field("build", &self.build)
            .field("processes", &processes)
            .field("tasks", &self.tasks)
            .field("extension", &self.extension)
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for Tasks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
