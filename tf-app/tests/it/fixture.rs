//! A service for tests, and how to run it.

use std::future::pending;

use secrecy::SecretString;
use tf_admin::{ExitWith, Task};
use tf_app::{App, Context, Env, Io, Report};
use tf_backing::Locator;
use tf_config::Config;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Config)]
pub(crate) struct Settings {
    /// How to greet.
    pub(crate) greeting: String,
    /// A database, if there is one.
    #[config(redacted)]
    pub(crate) database_url: Option<Locator>,
    /// Signs what is sent.
    pub(crate) signing_key: Option<SecretString>,
}

/// Everything that the service needs, and a port that is free.
pub(crate) const GOOD: [(&str, &str); 2] = [("GREETING", "hi"), ("PORT", "0")];

/// A web process that stops as soon as it could serve, two workers, and tasks for each way to end.
pub(crate) fn app() -> App<Settings> {
    let hello = Task::new("hello", "Greet").run(async |cx: tf_admin::Cx<Context<Settings>>, _| {
        Ok(cx.output(&cx.state().config().greeting)?)
    });
    let fail = Task::new("fail", "Fail").code(3, "unlucky");
    App::<Settings>::new(tf_app::build!().named("shop"))
        .backing_if_set(|settings| [("database", settings.database_url.as_ref())])
        .web(serve)
        .worker("tick", until_stopped)
        .worker("done", async |_| Ok::<_, Failure>(()))
        .worker("broken", async |_| {
            Err::<(), Failure>("the belt is torn".into())
        })
        .worker("panics", panics)
        .tasks(|tasks| {
            tasks
                .add(hello)
                .add(fail.run(async |_, _| Err::<(), _>(ExitWith::new(3, "no").into())))
                .add(
                    Task::new("stuck", "Never end")
                        .run(async |_, _| pending::<Result<(), _>>().await),
                )
                .add(
                    Task::new("broken", "Panic")
                        .run(async |_, _| -> Result<(), _> { panic!("out of paper") }),
                )
        })
}

async fn serve(cx: Context<Settings>) -> Result<(), Failure> {
    let server = cx.server(axum::Router::new())?;
    cx.lifecycle().stop("seen enough");
    Ok(server.serve(cx.lifecycle()).await?)
}

async fn until_stopped(cx: Context<Settings>) -> Result<(), Failure> {
    let life = cx.lifecycle();
    life.stop("seen enough");
    life.token().stopping().await;
    Ok(())
}

async fn panics(_: Context<Settings>) -> Result<(), Failure> {
    panic!("out of paper")
}

/// Runs the service with these words and variables.
pub(crate) fn run(words: &[&str], vars: &[(&str, &str)]) -> Report {
    run_app(app(), words, vars)
}

pub(crate) fn run_app<S>(app: App<S>, words: &[&str], vars: &[(&str, &str)]) -> Report
where
    S: Config + Send + Sync + 'static,
{
    let env = Env::from_vars(vars.iter().copied());
    app.run_in(words.iter().copied(), env, Io::captured())
}

/// The variables of [`GOOD`] and these.
pub(crate) fn good<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    GOOD.into_iter().chain(more.iter().copied()).collect()
}

/// A port on which nothing listens any more.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// A field of each log line, `None` where a line has none.
pub(crate) fn fields(lines: &str, path: &str) -> Vec<Option<String>> {
    let lines = lines.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| field(line, path)).collect()
}

pub(crate) fn field(line: &str, path: &str) -> Option<String> {
    tf_logs::testing::field(line, path)
}

/// The actions of the events that have one.
pub(crate) fn actions(lines: &str) -> Vec<String> {
    fields(lines, "event.action")
        .into_iter()
        .flatten()
        .collect()
}
