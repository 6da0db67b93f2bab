//! A whole service in one binary: `web`, `worker tick`, the tasks `hello` and `fail`, and all that the kit adds.
//! `GREETING=hello app` serves on port 5000, `app help` shows the rest.

use std::{convert::Infallible, error::Error, process::ExitCode, time::Duration};

use axum::{Router, routing::get};
use tf_admin::{Cx, ExitWith, Task, TaskError};
use tf_app::{App, Context};
use tf_backing::Locator;
use tf_config::Config;
use tokio::time::interval;

#[derive(Config)]
struct Settings {
    /// How to greet.
    greeting: String,
    /// A database, if there is one.
    #[config(redacted, example = "postgres://app:pass@db:5432/app")]
    database_url: Option<Locator>,
}

#[derive(clap::Args)]
struct Hello {
    /// Whom to greet.
    #[arg(default_value = "world")]
    name: String,
}

fn main() -> ExitCode {
    let greet = Task::new("hello", "Greet").args::<Hello>().run(hello);
    let fail = Task::new("fail", "End with a code of its own").code(3, "out of luck");
    let fail = fail.run(async |_, _| Err::<(), _>(ExitWith::new(3, "no luck today").into()));
    App::<Settings>::new(tf_app::build!().named("app"))
        .backing_if_set(|settings| [("database", settings.database_url.as_ref())])
        .web(web)
        .worker("tick", tick)
        .tasks(|tasks| tasks.add(greet).add(fail))
        .release_header("x-release")
        .run()
}

async fn web(cx: Context<Settings>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let greeting = cx.config().greeting.clone();
    let router = Router::new().route("/", get(async move || greeting));
    Ok(cx.server(router)?.serve(cx.lifecycle()).await?)
}

async fn tick(cx: Context<Settings>) -> Result<(), Infallible> {
    let (token, mut ticks) = (cx.lifecycle().token(), interval(Duration::from_secs(1)));
    while token.until_stopping(ticks.tick()).await.is_some() {
        tracing::info!("tick");
    }
    Ok(())
}

async fn hello(cx: Cx<Context<Settings>>, hello: Hello) -> Result<(), TaskError> {
    Ok(cx.output(&format!("{} {}", cx.state().config().greeting, hello.name))?)
}
