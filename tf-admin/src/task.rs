//! The declaration of a task.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::cx::Cx;
use crate::guard::BoxFuture;
use crate::outcome::Completion;

/// The error of a task: any error becomes one by `?`.
pub type TaskError = Box<dyn Error + Send + Sync>;

pub(crate) type Ended = Result<Completion, TaskError>;

/// What a task does to the data of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Danger {
    /// It changes nothing. It takes no lock unless asked to.
    ReadOnly,
    /// It changes data in a way that can be repeated or undone. The default.
    #[default]
    Writes,
    /// It loses data. It needs `--confirm NAME` and `--reason TEXT` unless `ADMIN_PROTECT` is `off`.
    Destructive,
}

impl Danger {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Writes => "writes",
            Self::Destructive => "destructive",
        }
    }
}

/// Whether a task can run without effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DryRun {
    /// `--dry-run` is a usage error. The default.
    #[default]
    Unsupported,
    /// All that the task changes, it changes within [`Cx::effect`].
    Supported,
}

/// What must not run at the same time as a task; `A` are the arguments of the task.
///
/// Without a key, a task that is not [`Danger::ReadOnly`] has [`Key::Task`] if the registry has a lock.
pub enum Key<A> {
    /// Another run of the task.
    Task,
    /// Another run of the task with the same text, made from its arguments.
    With(Box<dyn Fn(&A) -> String + Send + Sync>),
    /// Nothing.
    None,
}

impl<A> Key<A> {
    /// Creates a key that has a text made from the arguments.
    pub fn with(part: impl Fn(&A) -> String + Send + Sync + 'static) -> Self {
        Self::With(Box::new(part))
    }
}

impl<A> fmt::Debug for Key<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Task => "Task",
            Self::With(_) => "With(..)",
            Self::None => "None",
        })
    }
}

/// The arguments of a task that has none.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct NoArgs {}

/// All of a task but its code.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) danger: Danger,
    pub(crate) dry_run: DryRun,
    pub(crate) lock: LockWish,
    pub(crate) timeout: Option<Duration>,
    pub(crate) aliases: Vec<String>,
    pub(crate) deprecated: Option<Deprecated>,
    pub(crate) codes: Vec<(i32, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Deprecated {
    pub(crate) since: String,
    pub(crate) instead: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockWish {
    Never,
    /// If the registry has a lock.
    IfPossible,
    Always,
}

impl Spec {
    pub(crate) fn code_name(&self, code: i32) -> Option<&str> {
        let declared = self.codes.iter().find(|(own, _)| *own == code);
        declared.map(|(_, name)| name.as_str())
    }
}

/// A one-off task: a name, typed arguments, what it may do, and its code. `S` is the state it uses.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tf_admin::{Danger, DryRun, Key, Task};
///
/// #[derive(clap::Args)]
/// struct Prune {
///     /// Keep what is younger, in days.
///     #[arg(long, default_value_t = 30)]
///     older_than: u32,
/// }
///
/// let prune: Task = Task::new("sessions:prune", "Delete expired sessions")
///     .args::<Prune>()
///     .danger(Danger::Destructive)
///     .dry_run(DryRun::Supported)
///     .single_flight(Key::Task)
///     .timeout(Duration::from_secs(20 * 60))
///     .code(7, "some_left")
///     .run(|cx, args| async move {
///         for batch in 0..3 {
///             cx.checkpoint()?;
///             cx.effect(format!("delete batch {batch}"), || async { Ok::<_, std::io::Error>(()) }).await?;
///             cx.progress(500);
///         }
///         cx.output(&args.older_than)?;
///         Ok(())
///     });
/// ```
pub struct Task<S = ()> {
    pub(crate) spec: Spec,
    pub(crate) augment: fn(Command) -> Command,
    pub(crate) prepare: Prepare<S>,
}

/// Reads the arguments and binds them to the task's code.
type Prepare<S> = Box<dyn Fn(&mut ArgMatches) -> Result<Prepared<S>, clap::Error> + Send + Sync>;

/// A task with its arguments.
pub(crate) struct Prepared<S> {
    /// The part of the lock's key that the arguments decide.
    pub(crate) key_part: Option<String>,
    pub(crate) start: Box<dyn FnOnce(Cx<S>) -> Job + Send>,
}

/// A task that begins when it is polled or called.
pub(crate) enum Job {
    Async(BoxFuture<'static, Ended>),
    Blocking(Box<dyn FnOnce() -> Ended + Send>),
}

impl Task<()> {
    /// Begins the declaration of a task.
    ///
    /// The name has lower-case letters, digits, `:`, `-`, `_` and `.`, and begins with a letter.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a task is complete only with its code, which `run` gives"
    )]
    pub fn new(name: impl Into<String>, summary: impl Into<String>) -> TaskBuilder<NoArgs> {
        TaskBuilder {
            spec: Spec {
                name: name.into(),
                summary: summary.into(),
                danger: Danger::default(),
                dry_run: DryRun::default(),
                lock: LockWish::IfPossible,
                timeout: None,
                aliases: Vec::new(),
                deprecated: None,
                codes: Vec::new(),
            },
            key: None,
        }
    }
}

impl<S> Task<S> {
    /// Returns the name of the task.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }
}

impl<S> fmt::Debug for Task<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}

/// A task without its code; [`run`](Self::run) or [`run_blocking`](Self::run_blocking) ends it.
#[derive(Debug)]
#[must_use = "a task begins to exist with `run` or `run_blocking`"]
pub struct TaskBuilder<A> {
    spec: Spec,
    key: Option<Key<A>>,
}

impl TaskBuilder<NoArgs> {
    /// Sets the type of the arguments, a struct that derives `clap::Args`.
    pub fn args<B: Args>(self) -> TaskBuilder<B> {
        let key = self.key.map(|key| match key {
            Key::Task => Key::Task,
            Key::With(part) => Key::With(Box::new(move |_: &B| part(&NoArgs {}))),
            Key::None => Key::None,
        });
        TaskBuilder {
            spec: self.spec,
            key,
        }
    }
}

impl<A> TaskBuilder<A> {
    /// Sets what the task does to data; the default is [`Danger::Writes`].
    pub fn danger(mut self, danger: Danger) -> Self {
        self.spec.danger = danger;
        self
    }

    /// Sets whether the task can run without effects; by default it cannot.
    pub fn dry_run(mut self, dry_run: DryRun) -> Self {
        self.spec.dry_run = dry_run;
        self
    }

    /// Sets what must not run at the same time.
    pub fn single_flight(mut self, key: Key<A>) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets how long a run may wait for its lock and work, unless `--timeout` says more; zero is for ever.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.spec.timeout = Some(timeout);
        self
    }

    /// Adds another name, for a task that was renamed.
    pub fn alias(mut self, name: impl Into<String>) -> Self {
        self.spec.aliases.push(name.into());
        self
    }

    /// Marks the task as deprecated since a version, and says what to use instead.
    pub fn deprecated(mut self, since: impl Into<String>, instead: impl Into<String>) -> Self {
        self.spec.deprecated = Some(Deprecated {
            since: since.into(),
            instead: instead.into(),
        });
        self
    }

    /// Declares an exit code of the task's own, 3 to 63, and its meaning.
    ///
    /// A run ends with it by [`Completion::Code`] or [`ExitWith`](crate::ExitWith).
    pub fn code(mut self, code: i32, name: impl Into<String>) -> Self {
        self.spec.codes.push((code, name.into()));
        self
    }

    fn finish(mut self) -> (Spec, Key<A>) {
        self.spec.lock = match (&self.key, self.spec.danger) {
            (Some(Key::None), _) | (None, Danger::ReadOnly) => LockWish::Never,
            (None, _) => LockWish::IfPossible,
            (Some(_), _) => LockWish::Always,
        };
        (self.spec, self.key.unwrap_or(Key::Task))
    }
}

impl<A: Args + Send + 'static> TaskBuilder<A> {
    /// Ends the declaration with the code of the task.
    ///
    /// The future should return soon after [`Cx::checkpoint`] fails or [`Cx::cancelled`] resolves. It is
    /// dropped at an await point when the grace time is over.
    pub fn run<S, F, Fut, T>(self, code: F) -> Task<S>
    where
        S: Send + Sync + 'static,
        F: Fn(Cx<S>, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, TaskError>> + Send + 'static,
        T: Into<Completion>,
    {
        let code = Arc::new(code);
        self.into_task(move |cx, args| {
            let code = Arc::clone(&code);
            Job::Async(Box::pin(
                async move { code(cx, args).await.map(Into::into) },
            ))
        })
    }

    /// Ends the declaration with code that blocks; it has a thread of its own.
    ///
    /// The code should return soon after [`Cx::checkpoint`] fails. A thread cannot be ended from outside:
    /// when the grace time is over the run ends without it, see [`Report::left_behind`](crate::Report::left_behind).
    pub fn run_blocking<S, F, T>(self, code: F) -> Task<S>
    where
        S: Send + Sync + 'static,
        F: Fn(Cx<S>, A) -> Result<T, TaskError> + Send + Sync + 'static,
        T: Into<Completion>,
    {
        let code = Arc::new(code);
        self.into_task(move |cx, args| {
            let code = Arc::clone(&code);
            Job::Blocking(Box::new(move || code(cx, args).map(Into::into)))
        })
    }

    fn into_task<S>(self, code: impl Fn(Cx<S>, A) -> Job + Send + Sync + 'static) -> Task<S> {
        let (spec, key) = self.finish();
        let code = Arc::new(code);
        let prepare = move |matches: &mut ArgMatches| {
            let args = <A as FromArgMatches>::from_arg_matches_mut(matches)?;
            let key_part = match &key {
                Key::With(part) => Some(part(&args)),
                Key::Task | Key::None => None,
            };
            let code = Arc::clone(&code);
            Ok(Prepared {
                key_part,
                start: Box::new(move |cx| code(cx, args)),
            })
        };
        Task {
            spec,
            augment: A::augment_args,
            prepare: Box::new(prepare),
        }
    }
}
