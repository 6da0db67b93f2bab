//! The beginning of every run that needs a configuration: one load, then the logs, then what is wrong.

use std::borrow::Cow;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use tf_config::{Config, Error, Loaded, Problem, ProblemKind, Source, Value, Vars};
use tf_logs::{Builder, Logs, Stream};
use tf_shutdown::Timeout;
use tracing::Dispatch;

use crate::backing::Attached;
use crate::build::Build;
use crate::context::Shared;
use crate::extension::Extension;
use crate::release::Release;
use crate::standard::Standard;
use crate::world::World;

pub(crate) type Read<S> = Result<Loaded<(Standard, S)>, Error>;

/// How long the last lines may take.
const FLUSH: Duration = Duration::from_secs(1);

/// What a load gave.
pub(crate) struct Start<S> {
    pub(crate) read: Read<S>,
    /// Where the load failed, with defaults in place of what was wrong.
    pub(crate) standard: Standard,
    pub(crate) release: Release,
}

/// Reads standard and service variables as one configuration.
pub(crate) fn load<S: Config>(world: &World) -> Start<S> {
    let source = Checked {
        vars: &world.vars,
        problems: stop_problems(world),
        without: Vec::new(),
    };
    let read = <(Standard, S)>::load(&source);
    let standard = match &read {
        Ok(loaded) => loaded.value().0.clone(),
        Err(error) => usable(&world.vars, error),
    };
    let release = Release::find(standard.release_id.as_deref(), &world.env);
    Start {
        read,
        standard,
        release,
    }
}

/// The release alone, for runs without a configuration.
pub(crate) fn release(world: &World) -> Release {
    let standard = Standard::load(&world.vars).map(Loaded::into_value);
    let standard = standard.unwrap_or_else(|error| usable(&world.vars, &error));
    Release::find(standard.release_id.as_deref(), &world.env)
}

/// The standard variables without those that are wrong.
fn usable(vars: &Vars, error: &Error) -> Standard {
    let wrong = error.problems().iter();
    let source = Checked {
        vars,
        problems: Vec::new(),
        without: wrong.map(|problem| problem.variable().to_owned()).collect(),
    };
    let rest = Standard::load(&source).map(Loaded::into_value);
    rest.unwrap_or_else(|_| defaults())
}

/// The standard variables where none is set.
pub(crate) fn defaults() -> Standard {
    Standard::from_vars::<&str, &str>([]).expect("no standard variable is required")
}

/// What is wrong with the times of a stop beyond their texts, which the configuration checks itself.
fn stop_problems(world: &World) -> Vec<Problem> {
    let options = world.options();
    let is_text_fine = |name| {
        let text = world.env.var(name).unwrap_or("0");
        text.parse::<Timeout>().is_ok()
    };
    let problems = options.problems().iter().filter_map(|problem| {
        let name = problem.subject()?;
        let message = problem.to_string();
        let message = message
            .trim_start_matches(&format!("`{name}`: "))
            .to_owned();
        is_text_fine(name).then(|| Problem::new(ProblemKind::Rejected, name, message))
    });
    problems.collect()
}

/// Variables with further problems, or without some that are wrong.
struct Checked<'a> {
    vars: &'a Vars,
    problems: Vec<Problem>,
    without: Vec<String>,
}

impl Source for Checked<'_> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        let plain = name.strip_suffix("_FILE").unwrap_or(name);
        let is_out = |wrong: &String| wrong == name || wrong == plain;
        match self.without.iter().any(is_out) {
            true => None,
            false => self.vars.get(name),
        }
    }

    fn names(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        self.vars.names()
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// Logs that were set up: for the process, or for what runs within.
pub(crate) struct Logging {
    logs: Option<Logs>,
    dispatch: Option<Dispatch>,
}

/// Sets up the logs, with what was usable of the configuration.
pub(crate) fn logs<S>(
    world: &mut World,
    start: &Start<S>,
    (build, extension): (Build, &Extension),
    process_type: &str,
    stream: Stream,
) -> Logging {
    let standard = &start.standard;
    let stream = standard.log_stream.unwrap_or(stream);
    let builder = builder(world, standard, build, extension)
        .process_type(process_type)
        .stream(stream);
    let builder = match start.release.id() {
        Some(release) => builder.release(release),
        None => builder,
    };
    let made = if world.is_process {
        builder.init().map(|logs| (logs, None))
    } else {
        let pipe = match stream {
            Stream::Stdout => world.io.stdout.clone(),
            Stream::Stderr => world.io.stderr.clone(),
        };
        let made = builder.with_writer(pipe).build();
        made.map(|(logs, dispatch)| (logs, Some(dispatch)))
    };
    match made {
        Ok((logs, dispatch)) => Logging {
            logs: Some(logs),
            dispatch,
        },
        // The program has set up logs of its own before; they stay.
        Err(error) => {
            world.complain(&format!("warning: no logs of the app's own: {error}"));
            Logging {
                logs: None,
                dispatch: None,
            }
        }
    }
}

fn builder(world: &World, standard: &Standard, build: Build, extension: &Extension) -> Builder {
    /// Read as configuration already.
    const READ: [&str; 4] = ["LOG_FORMAT", "LOG_LEVEL", "LOG_STREAM", "RUST_LOG"];
    let others = world
        .env
        .vars()
        .filter(|(name, _)| READ.iter().all(|read| name != read));
    let others: Vec<(OsString, OsString)> = others
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let builder = tf_logs::builder(build.name())
        .version(build.version())
        .field("labels.commit", build.commit())
        .filter(standard.filter().to_string())
        .format(standard.log_format)
        .redact(extension.redact.clone())
        .from_vars(others);
    let fields = extension.fields.iter();
    fields.fold(builder, |builder, (name, value)| builder.field(name, value))
}

impl Logging {
    /// Runs this with the logs in force.
    pub(crate) fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        match &self.dispatch {
            Some(dispatch) => tracing::dispatcher::with_default(dispatch, run),
            None => run(),
        }
    }

    /// Brings the last lines out.
    pub(crate) fn flush(&self) {
        if let Some(logs) = &self.logs {
            // What is lost now was counted, and nobody is left to be told.
            let _ = logs.flush(FLUSH);
        }
    }
}

/// Says in the log that the configuration cannot be used.
pub(crate) fn tell_invalid(error: &Error) {
    let names: Vec<_> = error.problems().iter().map(Problem::variable).collect();
    tracing::error!(
        event.action = "config.invalid",
        config.problems = error.problems().len(),
        config.variables = names.join(" "),
        "the configuration is not usable"
    );
}

/// Says in the log which configuration is in force, and gives its fingerprint.
pub(crate) fn tell_loaded<S>(loaded: &Loaded<(Standard, S)>) -> String {
    for warning in loaded.warnings() {
        tracing::warn!(
            event.action = "config.warning",
            config.variable = warning.variable(),
            config.kind = warning.kind().code(),
            "{warning}"
        );
    }
    let fingerprint = Standard::fingerprint(loaded);
    tracing::info!(
        event.action = "config.loaded",
        config.fingerprint = fingerprint,
        config.warnings = loaded.warnings().len(),
        "the configuration is usable"
    );
    fingerprint
}

/// What processes and tasks share.
pub(crate) fn share<S>(
    world: &World,
    (build, header): (Build, Option<&'static str>),
    release: Release,
    (standard, settings): (Standard, S),
    attached: &[impl Fn(&S) -> Vec<Attached>],
) -> Arc<Shared<S>> {
    let header = header.zip(release.id()).and_then(|(name, id)| {
        // A release that no header can hold is left out.
        Some((name.parse().ok()?, id.parse().ok()?))
    });
    Arc::new(Shared {
        backing: attached.iter().flat_map(|list| list(&settings)).collect(),
        options: world.options_with(&standard),
        settings,
        standard,
        build,
        release,
        header,
    })
}
