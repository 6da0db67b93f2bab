//! The peers, each set up as its documentation says.

use std::io::{self, Write};

use bench_support::Job;
use tracing::Subscriber;
use tracing_bunyan_formatter::{BunyanFormattingLayer, JsonStorageLayer};
use tracing_ecs::ECSLayerBuilder;
use tracing_logfmt::{EventsFormatter, FieldsFormatter};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use crate::memory::Memory;
use crate::noop::Noop;
use crate::work::{self, Work};
use crate::{by_hand, by_slog};

/// The measure of the others comes first, the kit second.
pub const ALL: [&str; 14] = [
    "fmt-json-flat",
    "tf-logs",
    "json-subscriber",
    "fmt-json",
    "fmt-json-list",
    "bunyan",
    "ecs",
    "stackdriver",
    "logfmt",
    "appender-json",
    "slog-json",
    "tracing-noop",
    "hand-fmt",
    "write-raw",
];

/// The contestants whose filters refuse events in different ways.
pub const FILTERS: [&str; 3] = ["fmt-json-flat", "tf-logs", "json-subscriber"];

/// Contestants that write no line that shows all values.
pub const SILENT: [&str; 1] = ["tracing-noop"];

/// Where the lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// The process's stdout, by the contestant's own way to it.
    Stdout,
    /// [`Memory`].
    Memory,
}

/// Does `job` with the named contestant.
pub fn race(job: Job, work: Work, contestant: &str, sink: Sink) {
    match (contestant, sink) {
        ("slog-json", Sink::Stdout) => by_slog::race(job, work, io::stdout()),
        ("slog-json", Sink::Memory) => by_slog::race(job, work, Memory),
        ("hand-fmt" | "write-raw", sink) => by_hand::race(job, work, contestant, sink),
        ("tf-logs", sink) => {
            kit(sink);
            job.run(work::repetition(work));
        }
        (_, Sink::Stdout) => race_with(job, work, contestant, io::stdout),
        (_, Sink::Memory) => race_with(job, work, contestant, || Memory),
    }
}

fn kit(sink: Sink) {
    let filter = std::env::var("RUST_LOG").expect("a child has a filter");
    let builder = tf_logs::builder("bench")
        .format(tf_logs::Format::Json)
        .filter(&filter);
    let builder = match sink {
        Sink::Stdout => builder,
        Sink::Memory => builder.with_writer(Memory),
    };
    builder.init().expect("the first subscriber of the process");
}

fn race_with<M, W>(job: Job, work: Work, contestant: &str, writer: M)
where
    M: Fn() -> W + Copy + Send + Sync + 'static,
    W: Write + Send + 'static,
{
    let filter = EnvFilter::from_default_env();
    let (queue, worker) = if contestant == "appender-json" {
        let (queue, worker) = tracing_appender::non_blocking(writer());
        (Some(queue), Some(worker))
    } else {
        (None, None)
    };
    match (contestant, queue) {
        (_, Some(queue)) => install(list(queue).with_env_filter(filter).finish()),
        ("fmt-json", _) => install(json(writer).with_env_filter(filter).finish()),
        ("fmt-json-flat", _) => install(
            json(writer)
                .flatten_event(true)
                .with_env_filter(filter)
                .finish(),
        ),
        ("fmt-json-list", _) => install(list(writer).with_env_filter(filter).finish()),
        ("json-subscriber", _) => install(
            json_subscriber::fmt()
                .flatten_event(true)
                .with_current_span(false)
                .with_env_filter(filter)
                .with_writer(writer)
                .finish(),
        ),
        ("bunyan", _) => install(
            Registry::default()
                .with(filter)
                .with(JsonStorageLayer)
                .with(BunyanFormattingLayer::new("bench".to_owned(), writer)),
        ),
        ("ecs", _) => ECSLayerBuilder::default()
            .build_with_writer(writer)
            .install()
            .expect("the first subscriber of the process"),
        ("stackdriver", _) => install(
            Registry::default()
                .with(filter)
                .with(tracing_stackdriver::layer().with_writer(writer)),
        ),
        ("logfmt", _) => install(
            Registry::default().with(filter).with(
                fmt::layer()
                    .event_format(EventsFormatter::default())
                    .fmt_fields(FieldsFormatter::default())
                    .with_writer(writer),
            ),
        ),
        ("tracing-noop", _) => install(Registry::default().with(filter).with(Noop)),
        _ => panic!("no contestant is called {contestant}"),
    }
    // The worker ends when its last line is out.
    job.run_to_end(work::repetition(work), || drop(worker));
}

type Json<W> = fmt::SubscriberBuilder<
    fmt::format::JsonFields,
    fmt::format::Format<fmt::format::Json>,
    tracing::level_filters::LevelFilter,
    W,
>;

fn json<W>(writer: W) -> Json<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fmt().json().with_writer(writer)
}

/// The event's fields at the root and the spans in one list, without doubling the current one.
fn list<W>(writer: W) -> Json<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    json(writer).flatten_event(true).with_current_span(false)
}

fn install(subscriber: impl Subscriber + Send + Sync) {
    tracing::subscriber::set_global_default(subscriber)
        .expect("the first subscriber of the process");
}
