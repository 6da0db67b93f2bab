//! How logs are set up.

use std::ffi::OsString;
use std::fmt;
use std::io::Write;
use std::str::FromStr;
use std::sync::Arc;

use tracing_core::{Dispatch, Subscriber};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::{Extensions, LookupSpan};
use tracing_subscriber::{Registry, layer};

use crate::core::Core;
use crate::direct::TraceIds;
use crate::error::{Error, Fault, Problem};
use crate::filter::{Active, Filter};
use crate::identity::Identity;
use crate::layer::Layer;
use crate::logs::Logs;
use crate::settings::{Format, Panics, Schema, Settings, Shape, Stall, Stream, TraceHook};
use crate::sink::Sink;
use crate::vars::Vars;
use crate::{compose, install, process};

/// Below this, not even the facts about the service fit.
const LEAST_BYTES: usize = 1024;

/// Sets up logs for the whole process, with what the environment says.
///
/// It is [`builder`]`(name)`, then [`Builder::from_env`], then [`Builder::init`].
///
/// # Errors
///
/// As [`Builder::init`].
///
/// ```no_run
/// fn main() -> Result<(), tf_logs::Error> {
///     tf_logs::init("orders")?;
///     tracing::info!(port = 5000, "listening");
///     Ok(())
/// }
/// ```
pub fn init(name: impl Into<String>) -> Result<Logs, Error> {
    builder(name).from_env().init()
}

/// Starts to set up logs for a service of this name.
///
/// An empty name is taken from the environment, if that is read.
///
/// ```
/// use tf_logs::testing;
///
/// let vars = [("RELEASE_ID", "v42"), ("LOG_LEVEL", "debug")];
/// let captured = testing::capture_with(tf_logs::builder("orders").version("1.4.0").from_vars(vars));
/// tracing::debug!("hello");
/// let line = &captured.lines()[0];
/// assert_eq!(testing::field(line, "service.name").as_deref(), Some("orders"));
/// assert_eq!(testing::field(line, "service.version").as_deref(), Some("v42"));
/// ```
pub fn builder(name: impl Into<String>) -> Builder {
    Builder {
        identity: Identity {
            name: name.into(),
            ..Identity::default()
        },
        vars: Vars::default(),
        filter: None,
        format: Format::default(),
        schema: Schema::default(),
        stream: Stream::default(),
        stall: Stall::default(),
        panics: Panics::default(),
        redact: Vec::new(),
        max_event_bytes: 16 * 1024,
        trace_ids: None,
        writer: None,
    }
}

/// Collects how logs are to be; [`init`](Self::init), [`layer`](Self::layer) or [`build`](Self::build)
/// ends it.
///
/// It reads no variable unless [`from_env`](Self::from_env) or [`from_vars`](Self::from_vars) is called.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tf_logs::{Format, Stall};
///
/// let (logs, dispatch) = tf_logs::builder("orders")
///     .version("1.4.0")
///     .process_type("web")
///     .field("labels.region", "eu-1")
///     .filter("info,sqlx=warn")
///     .format(Format::Json)
///     .redact(["password", "authorization"])
///     .on_stall(Stall::DropAfter(Duration::from_secs(1)))
///     .with_writer(std::io::sink())
///     .build()?;
/// assert_eq!(logs.filter().to_string(), "info,sqlx=warn");
/// # drop(dispatch);
/// # Ok::<(), tf_logs::Error>(())
/// ```
#[must_use = "logs are set up by `init`, `layer` or `build`"]
pub struct Builder {
    identity: Identity,
    vars: Vars,
    filter: Option<String>,
    format: Format,
    schema: Schema,
    stream: Stream,
    stall: Stall,
    panics: Panics,
    redact: Vec<String>,
    max_event_bytes: usize,
    trace_ids: Option<TraceHook>,
    writer: Option<Box<dyn Write + Send>>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.identity.name)
            .field("filter", &self.filter)
            .field("format", &self.format)
            .field("schema", &self.schema)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Names the version of the program.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.identity.version = Some(version.into());
        self
    }

    /// Names the release, a build together with its configuration; it is shown instead of the version.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.identity.release = Some(release.into());
        self
    }

    /// Names this instance among its like; random unless told here or by the environment.
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.identity.instance = instance.into();
        self
    }

    /// Names the process type, such as `web` or `worker`.
    pub fn process_type(mut self, process_type: impl Into<String>) -> Self {
        self.identity.process_type = Some(process_type.into());
        self
    }

    /// Adds a field to every line; fields of spans and events of the same name win.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.identity.fields.push((name.into(), value.into()));
        self
    }

    /// Chooses readable lines or JSON; `LOG_FORMAT` wins. The default is [`Format::Auto`].
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Chooses the names of the fields. The default is [`Schema::Ecs`].
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = schema;
        self
    }

    /// Says which events are written, as [`Filter`] reads it; `RUST_LOG` and `LOG_LEVEL` win. The default is `info`.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Hides the values of fields with these names, in either case, at any depth of dotted names.
    pub fn redact<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(|name| name.into().to_lowercase());
        self.redact.extend(names);
        self
    }

    /// Limits a line, with its line feed, to so many bytes; at least 1024. The default is 16 KiB.
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.max_event_bytes = bytes;
        self
    }

    /// Says what happens while nobody reads. The default is to drop and count after one second.
    pub fn on_stall(mut self, stall: Stall) -> Self {
        self.stall = stall;
        self
    }

    /// Chooses the standard stream; `LOG_STREAM` wins. The default is [`Stream::Stdout`].
    pub fn stream(mut self, stream: Stream) -> Self {
        self.stream = stream;
        self
    }

    /// Says what [`init`](Self::init) does about panics. The default is [`Panics::Event`].
    pub fn panics(mut self, panics: Panics) -> Self {
        self.panics = panics;
        self
    }

    /// Takes the ids of trace and span from what a tracer's layer left in the extensions of the event's span.
    ///
    /// The function must not panic: for the event of a panic it runs inside the panic hook.
    pub fn trace_ids<F>(mut self, ids: F) -> Self
    where
        F: Fn(&Extensions<'_>) -> Option<TraceIds> + Send + Sync + 'static,
    {
        self.trace_ids = Some(Arc::new(ids));
        self
    }

    /// Writes to this instead of a standard stream; one call per event, with the whole line.
    ///
    /// What the writer itself logs is dropped and counted. If it panics, the event counts as one that could not be written.
    pub fn with_writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.writer = Some(Box::new(writer));
        self
    }

    /// Reads the environment of the process when logs are set up; the crate's front page has the variables.
    pub fn from_env(mut self) -> Self {
        self.vars = Vars::from_env();
        self
    }

    /// Reads these variables as [`from_env`](Self::from_env) reads those of the process.
    pub fn from_vars<K, V>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let vars = vars
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.vars = Vars::from_pairs(vars);
        self
    }

    /// Sets up logs for the whole process: `tracing`, the crate `log` (feature `log`) and panics.
    ///
    /// # Errors
    ///
    /// Returns every problem at once. Then nothing is installed.
    pub fn init(self) -> Result<Logs, Error> {
        let panics = self.panics;
        let mut problems = install::obstacles(panics);
        let core = self.core(&mut problems)?;
        install::install(&core, panics)?;
        Ok(Logs::new(core))
    }

    /// Gives a layer for a registry of one's own. The filter holds for this layer only; nothing global is touched.
    ///
    /// # Errors
    ///
    /// Returns every problem at once.
    ///
    /// ```
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let (logs, layer) = tf_logs::builder("orders").with_writer(std::io::sink()).layer()?;
    /// let subscriber = tracing_subscriber::registry().with(layer); // .with(another)
    /// # drop((logs, subscriber));
    /// # Ok::<(), tf_logs::Error>(())
    /// ```
    pub fn layer<S>(self) -> Result<(Logs, impl layer::Layer<S> + Send + Sync + 'static), Error>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let core = self.core(&mut Vec::new())?;
        let layer = compose::layer(&core);
        Ok((Logs::new(core), layer))
    }

    /// Gives a subscriber to be set by hand, as for tests. Nothing global is touched.
    ///
    /// # Errors
    ///
    /// Returns every problem at once.
    pub fn build(self) -> Result<(Logs, Dispatch), Error> {
        let core = self.core(&mut Vec::new())?;
        let subscriber = Registry::default().with(Layer::new(Arc::clone(&core)));
        Ok((Logs::new(core), Dispatch::new(subscriber)))
    }

    fn core(self, problems: &mut Vec<Problem>) -> Result<Arc<Core>, Error> {
        let identity = self.identity.complete(&self.vars);
        if identity.name.is_empty() {
            problems.push(Problem::new(Fault::NoName));
        }
        let filter = chosen_filter(&self.vars, self.filter.as_deref(), problems);
        let format = chosen(
            &self.vars,
            "LOG_FORMAT",
            self.format,
            Fault::Format,
            problems,
        );
        let stream = chosen(
            &self.vars,
            "LOG_STREAM",
            self.stream,
            Fault::Stream,
            problems,
        );
        if self.max_event_bytes < LEAST_BYTES {
            problems.push(Problem::new(Fault::EventBytes {
                given: self.max_event_bytes,
                least: LEAST_BYTES,
            }));
        }
        if !problems.is_empty() {
            return Err(Error::new(std::mem::take(problems)));
        }
        let is_terminal = self.writer.is_none() && process::is_terminal(stream);
        let settings = Settings {
            identity,
            schema: self.schema,
            shape: shape(format, is_terminal, &self.vars),
            redact: self.redact,
            max_event_bytes: self.max_event_bytes,
            trace_ids: self.trace_ids,
        };
        let sink = match self.writer {
            Some(writer) => Sink::writer(writer),
            None => Sink::stream(stream, self.stall),
        };
        Ok(Arc::new(Core::new(settings, Active::new(filter), sink)))
    }
}

fn chosen_filter(vars: &Vars, default: Option<&str>, problems: &mut Vec<Problem>) -> Filter {
    let (variable, text) = match vars.strict(&["RUST_LOG", "LOG_LEVEL"]) {
        Ok(Some((variable, text))) => (Some(variable), text),
        Ok(None) => (None, default.unwrap_or_default()),
        Err(problem) => {
            problems.push(problem);
            (None, "")
        }
    };
    text.parse().unwrap_or_else(|error| {
        problems.push(Problem::at(variable, Fault::Filter(error)));
        Filter::default()
    })
}

/// What the variable says, else the default.
fn chosen<T: FromStr>(
    vars: &Vars,
    variable: &'static str,
    default: T,
    fault: fn(T::Err) -> Fault,
    problems: &mut Vec<Problem>,
) -> T {
    let problem = match vars.strict(&[variable]) {
        Ok(None) => return default,
        Ok(Some((variable, text))) => match text.parse() {
            Ok(value) => return value,
            Err(error) => Problem::at(Some(variable), fault(error)),
        },
        Err(problem) => problem,
    };
    problems.push(problem);
    default
}

fn shape(format: Format, is_terminal: bool, vars: &Vars) -> Shape {
    let pretty = match format {
        Format::Auto => is_terminal && !vars.is_set("CI"),
        Format::Json => false,
        Format::Pretty => true,
    };
    match pretty {
        true => Shape::Pretty {
            color: is_terminal && !vars.is_set("NO_COLOR") && !vars.is_dumb_terminal(),
        },
        false => Shape::Json,
    }
}
