//! A tour of `tf-admin`: tasks that a service would have, in the form of a program that is nothing but tasks.
//!
//! ```text
//! admin list [--format json]       needs no configuration; so does `help`
//! admin prune --older-than 30d     needs DATABASE_URL; asks for --confirm and --reason
//! ```
//!
//! The struct `Shop` has the other variables. The audit goes to stderr.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use serde_json::json;
use tf_admin::{Completion, Cx, Danger, DryRun, FileGuard, Key, MemoryGuard};
use tf_admin::{Registry, SecretArg, Setup, SetupError, Task};
use tf_backing::{Locator, Wait};
use tf_config::{Config, Vars};
use tf_logs::Stream;

fn main() -> ExitCode {
    match registry() {
        Ok(registry) => registry.main(),
        Err(problem) => {
            let _ = writeln!(io::stderr(), "error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn registry() -> Result<Registry<Shop>, Box<dyn std::error::Error>> {
    // The audit is a pair of events; stdout is for results.
    tf_logs::builder("admin").stream(Stream::Stderr).init()?;
    Ok(Registry::builder("shop")
        .version(env!("CARGO_PKG_VERSION"))
        .usage("admin")
        .grace(Duration::from_secs(2))
        .with_state(Shop::new)
        .add_all([hello(), prune(), slow(), nodry()])
        .add_all([boom(), code(), flood(), import()])
        .build()?)
}

/// What the tasks need to know.
#[derive(Config)]
struct Shop {
    /// Primary database.
    #[config(redacted, example = "postgres://user:pass@host/db")]
    database_url: Locator,
    /// How long to wait until it answers; without this, nobody asks it.
    database_wait: Option<Duration>,
    /// A folder for locks that hold on this host; without it, they hold in this process.
    admin_lock_dir: Option<PathBuf>,
    /// The most rows that one statement deletes.
    #[config(default = 500)]
    max_batch: u16,
    /// A file that gets a line for each effect.
    effects_file: Option<PathBuf>,
}

impl Shop {
    async fn new(setup: Setup) -> Result<Self, SetupError> {
        let loaded = Self::load(&Vars::from_vars(setup.env().vars()));
        let loaded = loaded.map_err(SetupError::config)?;
        setup.config_fingerprint(format_args!("{:016x}", loaded.fingerprint()));
        let shop = loaded.into_value();
        if let Some(password) = shop.database_url.password() {
            setup.mask(password.expose_secret());
        }
        match &shop.admin_lock_dir {
            Some(folder) => setup.lock(FileGuard::new(folder)),
            None => setup.lock(MemoryGuard::new()),
        }
        if let Some(time) = shop.database_wait {
            let wait = Wait::for_all([&shop.database_url]).timeout(time);
            wait.run().await.map_err(SetupError::unavailable)?;
        }
        Ok(shop)
    }

    /// Changes the world: a line that survives whatever happens next.
    fn change(&self, what: &str) -> io::Result<()> {
        let Some(path) = &self.effects_file else {
            return Ok(());
        };
        let mut file = File::options().create(true).append(true).open(path)?;
        file.write_all(format!("{what}\n").as_bytes())?;
        file.sync_data()
    }
}

#[derive(clap::Args)]
struct Hello {
    /// Whom to greet.
    #[arg(long, default_value = "world")]
    name: String,
    /// How often.
    #[arg(long, default_value_t = 1)]
    times: u8,
}

fn hello() -> Task<Shop> {
    Task::new("hello", "Greet somebody")
        .args::<Hello>()
        .danger(Danger::ReadOnly)
        .run(|cx, args| async move {
            cx.output(&vec![format!("hello {}", args.name); args.times.into()])?;
            Ok(())
        })
}

#[derive(clap::Args)]
struct Prune {
    /// Delete what is older, in days.
    #[arg(long, value_name = "DAYS", value_parser = parse_days)]
    older_than: u32,
}

fn parse_days(text: &str) -> Result<u32, &'static str> {
    let days = text.strip_suffix('d').unwrap_or(text).parse();
    days.map_err(|_| "expected days, such as `30d`")
}

fn prune() -> Task<Shop> {
    Task::new("prune", "Delete expired sessions")
        .args::<Prune>()
        .danger(Danger::Destructive)
        .dry_run(DryRun::Supported)
        .single_flight(Key::Task)
        .timeout(Duration::from_secs(20 * 60))
        .run(|cx: Cx<Shop>, args| async move {
            let batch = u64::from(cx.state().max_batch);
            cx.total(batch * 3);
            for number in 1..=3 {
                cx.checkpoint()?;
                let what = format!("delete batch {number} of {batch} sessions");
                cx.effect(&what, async || cx.state().change(&what)).await?;
                cx.progress(batch);
            }
            cx.output(&json!({ "older_than_days": args.older_than, "rows": batch * 3 }))?;
            Ok(())
        })
}

#[derive(clap::Args)]
struct Slow {
    #[arg(long)]
    seconds: u64,
    /// Never look whether to stop.
    #[arg(long)]
    deaf: bool,
    /// When told to stop, do the rest at once.
    #[arg(long)]
    finish: bool,
}

fn slow() -> Task<Shop> {
    Task::new("slow", "Take a while, on a thread that blocks")
        .args::<Slow>()
        .run_blocking(|cx: Cx<Shop>, args| {
            cx.effect_blocking("begin", || cx.state().change("begin"))?;
            cx.note("working");
            let begun = Instant::now();
            while begun.elapsed().as_secs() < args.seconds && !(args.finish && cx.is_cancelled()) {
                std::thread::sleep(Duration::from_millis(20));
                if !args.finish && !args.deaf {
                    cx.checkpoint()?;
                }
            }
            cx.effect_blocking("end", || cx.state().change("end"))?;
            cx.output("finished")?;
            Ok(())
        })
}

fn nodry() -> Task<Shop> {
    Task::new("nodry", "Change something untried").run(|cx: Cx<Shop>, _| async move {
        cx.effect("change", async || cx.state().change("change"))
            .await?;
        Ok(())
    })
}

#[derive(clap::Args)]
struct Boom {
    /// Key of the payment service.
    #[arg(long)]
    key: SecretArg,
}

fn boom() -> Task<Shop> {
    Task::new("boom", "Panic with a secret in the text")
        .args::<Boom>()
        .run(|cx, args| async move {
            let key = args.key.expose_secret();
            assert!(cx.is_cancelled(), "the key `{key}` opens nothing");
            Ok(())
        })
}

#[derive(clap::Args)]
struct Number {
    number: i32,
}

fn code() -> Task<Shop> {
    Task::new("code", "End with a code; 7 is declared")
        .args::<Number>()
        .single_flight(Key::None)
        .code(7, "nothing_matched")
        .run(|_, args| async move { Ok(Completion::Code(args.number)) })
}

fn flood() -> Task<Shop> {
    Task::new("flood", "Write a long result")
        .args::<Number>()
        .danger(Danger::ReadOnly)
        .run(|cx, args| async move {
            let lines = (0..args.number).map(|number| format!("line {number}"));
            cx.output(&lines.collect::<Vec<_>>())?;
            Ok(())
        })
}

#[derive(clap::Args)]
struct Import {
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn import() -> Task<Shop> {
    Task::new("import", "Read files, whatever their names")
        .args::<Import>()
        .dry_run(DryRun::Supported)
        .run_blocking(|cx: Cx<Shop>, args| {
            cx.total(args.files.len() as u64);
            for file in &args.files {
                cx.checkpoint()?;
                let shown = file.display();
                let text = fs::read(file).map_err(|error| format!("`{shown}`: {error}"))?;
                let what = format!("import {} bytes of {shown}", text.len());
                cx.effect_blocking(&what, || cx.state().change(&what))?;
                cx.progress(1);
            }
            Ok(())
        })
}
