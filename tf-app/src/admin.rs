//! One-off tasks, in the same binary and configuration.

use std::ffi::OsString;
use std::sync::{Arc, Mutex, OnceLock};

use secrecy::ExposeSecret;
use tf_admin::{Interrupt, Interrupts, Registry, Setup, SetupError};
use tf_config::Config;
use tf_logs::Stream;
use tokio::runtime::{Builder, Runtime};

use crate::app::App;
use crate::backing;
use crate::build::Build;
use crate::context::{Context, Shared};
use crate::io::lock;
use crate::release::Release;
use crate::start;
use crate::world::{World, code};

/// The words after `admin` that need no configuration.
const OFFLINE: [&str; 7] = [
    "list",
    "help",
    "completions",
    "-h",
    "--help",
    "-V",
    "--version",
];

type Tasks<S> = Registry<Context<S>>;

/// What the setup of a task finds, made before the registry knows whether a task runs.
type Begin<S> = Mutex<Option<Begun<S>>>;
/// What is shared, with the fingerprint of the configuration; or what is wrong with that.
type Begun<S> = Result<(Arc<Shared<S>>, String), tf_config::Error>;

/// The registry alone, for lists and help.
pub(crate) fn checked<S>(app: App<S>) -> Result<Tasks<S>, tf_admin::Error>
where
    S: Config + Send + Sync + 'static,
{
    registry(app, &Release::default(), Begin::default(), Arc::default())
}

fn registry<S>(
    app: App<S>,
    release: &Release,
    begin: Begin<S>,
    made: Arc<OnceLock<Context<S>>>,
) -> Result<Tasks<S>, tf_admin::Error>
where
    S: Config + Send + Sync + 'static,
{
    let build: Build = app.build;
    let begin = Arc::new(begin);
    let mut builder = Registry::builder(build.name())
        .with_state(move |given| {
            let (begun, made) = (lock(&begin).take(), Arc::clone(&made));
            async move {
                let context = set_up(&given, begun).await?;
                Ok(made.get_or_init(|| context).clone())
            }
        })
        .version(build.version())
        .commit(build.commit())
        .add_all(app.tasks);
    if let (Some(id), Some(source)) = (release.id(), release.source()) {
        builder = builder.release(id).release_source(source);
    }
    if let Some(audit) = app.extension.audit {
        builder = builder.audit(audit);
    }
    if let Some(guard) = app.extension.lock {
        builder = builder.lock(guard);
    }
    builder.build()
}

/// Makes the context of a task.
async fn set_up<S: Config>(
    given: &Setup,
    begun: Option<Begun<S>>,
) -> Result<Context<S>, SetupError> {
    let (shared, fingerprint) = match begun {
        Some(Ok(begun)) => begun,
        Some(Err(error)) => {
            start::tell_invalid(&error);
            return Err(SetupError::config(error.to_string()));
        }
        None => return Err(SetupError::new(code::BUG, "the setup ran twice")),
    };
    mask::<S>(given, &shared);
    given.config_fingerprint(fingerprint);
    if let Some(locator) = &shared.standard.admin_lock_url {
        set_lock(given, locator);
    }
    let limit = shared.standard.backing_wait;
    backing::wait(&shared.backing, limit)
        .await
        .map_err(SetupError::unavailable)?;
    Ok(Context::new(&shared))
}

/// Keeps the secrets of the configuration out of all that the task writes.
fn mask<S: Config>(given: &Setup, shared: &Shared<S>) {
    let secret = S::reference();
    let secret = secret
        .variables()
        .iter()
        .filter(|variable| variable.is_secret());
    for variable in secret {
        if let Some(text) = given.env().var(variable.name()) {
            given.mask(text);
        }
    }
    let lock = shared.standard.admin_lock_url.iter();
    for locator in shared
        .backing
        .iter()
        .map(|service| &service.locator)
        .chain(lock)
    {
        if let Some(password) = locator.password() {
            given.mask(password.expose_secret());
            given.mask(&locator.expose_url());
        }
    }
}

#[cfg_attr(
    not(any(feature = "lock-postgres", feature = "lock-mysql")),
    expect(unused_variables, reason = "without drivers no URL passes the check")
)]
fn set_lock(given: &Setup, locator: &tf_backing::Locator) {
    match locator.kind() {
        #[cfg(feature = "lock-postgres")]
        tf_backing::Kind::Postgres => {
            given.lock(tf_admin::PostgresGuard::new(locator.expose_url()));
        }
        #[cfg(feature = "lock-mysql")]
        tf_backing::Kind::MySql => given.lock(tf_admin::MySqlGuard::new(locator.expose_url())),
        // Refused when the configuration was read.
        _ => {}
    }
}

/// Does what the words after `admin` say.
pub(crate) fn run<S>(mut app: App<S>, world: &mut World, words: Vec<OsString>) -> u8
where
    S: Config + Send + Sync + 'static,
{
    let first = words.first().and_then(|word| word.to_str());
    if first.is_none_or(|first| OFFLINE.contains(&first)) {
        let made = checked(app);
        return follow(made, world, words, &OnceLock::new());
    }
    let start = start::load::<S>(world);
    let facts = (app.build, &app.extension);
    let logging = start::logs(world, &start, facts, "admin", Stream::Stderr);
    // As it was read, perhaps from a file; what is wrong with it stands in the report of the configuration.
    let protect = start.standard.admin_protect.as_str();
    world.env = world.env.clone().set("ADMIN_PROTECT", protect);
    let code = logging.within(|| {
        let attached = std::mem::take(&mut app.attached);
        let begun = start.read.map(|loaded| {
            let fingerprint = start::tell_loaded(&loaded);
            let facts = (app.build, None);
            let value = loaded.into_value();
            let release = start.release.clone();
            let shared = start::share(world, facts, release, value, &attached);
            (shared, fingerprint)
        });
        let made = Arc::new(OnceLock::new());
        let begin = Mutex::new(Some(begun));
        let registry = registry(app, &start.release, begin, Arc::clone(&made));
        follow(registry, world, words, &made)
    });
    logging.flush();
    code
}

fn follow<S>(
    registry: Result<Tasks<S>, tf_admin::Error>,
    world: &mut World,
    words: Vec<OsString>,
    made: &OnceLock<Context<S>>,
) -> u8
where
    S: Send + Sync + 'static,
{
    let registry = match registry {
        Ok(registry) => registry,
        Err(error) => {
            world.complain(&error.to_string());
            return code::BUG;
        }
    };
    let runtimes = match runtimes(world.is_process) {
        Ok(runtimes) => runtimes,
        Err(error) => {
            world.complain(&format!("error: the runtime did not start: {error}"));
            return code::FAILED;
        }
    };
    let (control, workers) = (&runtimes.0, runtimes.1.as_ref().unwrap_or(&runtimes.0));
    let (env, io) = (world.env.clone(), streams(world, control));
    let code = control.block_on(async {
        let handle = workers.handle().clone();
        let report = registry.run_on(words, env, io, handle).await;
        let life = made.get().and_then(Context::life);
        if let Some(life) = life.filter(|_| !report.left_behind()) {
            // What the task has opened is closed; the task's own end is what counts.
            let _ = life.shutdown().await;
        }
        report.code()
    });
    // Threads that a task left behind are not waited for.
    let (control, workers) = runtimes;
    workers.into_iter().for_each(Runtime::shutdown_background);
    control.shutdown_background();
    code
}

/// Two in a process, so that a task that never yields holds up neither signals nor deadlines.
fn runtimes(is_process: bool) -> std::io::Result<(Runtime, Option<Runtime>)> {
    let control = Builder::new_current_thread().enable_all().build()?;
    if !is_process {
        return Ok((control, None));
    }
    tf_admin::install_panic_hook();
    let workers = Builder::new_multi_thread().enable_all().build()?;
    Ok((control, Some(workers)))
}

fn streams(world: &mut World, control: &Runtime) -> tf_admin::Io {
    if world.is_process {
        return tf_admin::Io::process();
    }
    let io = tf_admin::Io::captured()
        .stdin(world.io.stdin.clone())
        .stdout(world.io.stdout.clone())
        .stderr(world.io.stderr.clone())
        .terminal(world.io.is_terminal);
    let Some(stop) = world.io.stop.take() else {
        return io;
    };
    let (interrupter, interrupts) = Interrupts::channel();
    control.spawn(async move {
        stop.await;
        interrupter.send(Interrupt::Term);
    });
    io.interrupts(interrupts)
}
