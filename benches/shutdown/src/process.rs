//! An idle process that ends by SIGTERM.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio, Termination};
use std::time::{Duration, Instant};

use bench_support::{Table, grouped, median, ratio};
use tf_shutdown::{Options, Signals};
use tokio::signal::unix::{SignalKind, signal};
use tokio_graceful::Shutdown;
use tokio_graceful_shutdown::{SubsystemBuilder, SubsystemHandle, Toplevel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The measure of the others comes first, the kit second.
const ALL: [&str; 6] = [
    "tokio-signal",
    "tf-shutdown",
    "drain",
    "tokio-graceful",
    "tokio-graceful-shutdown",
    "no-handler",
];

const LIMIT: Duration = Duration::from_secs(10);
const ROUNDS: usize = 31;

/// The `main` of the named contestant, with one task that waits for the stop.
pub fn main(contestant: &str) -> ExitCode {
    match contestant {
        "tokio-signal" => block_on(by_hand()),
        "tf-shutdown" => {
            let signals = Signals::install();
            let report = tf_shutdown::run(signals, Options::from_env(), |life| async move {
                let token = life.token();
                life.spawn("idle", async move { token.stopping().await });
                life.ready();
                say_ready();
                Ok(())
            });
            return report.report();
        }
        "drain" => block_on(by_drain()),
        "tokio-graceful" => block_on(async {
            let shutdown = Shutdown::default();
            shutdown.spawn_task_fn(|guard| async move { guard.cancelled().await });
            // Its task installs the handlers.
            tokio::task::yield_now().await;
            say_ready();
            let ended = shutdown.shutdown_with_limit(LIMIT).await;
            ended.expect("an idle task ends");
        }),
        "tokio-graceful-shutdown" => block_on(async {
            let root = async |root: &mut SubsystemHandle| {
                root.start(SubsystemBuilder::new("idle", idle));
            };
            let toplevel = Toplevel::new(root).catch_signals();
            say_ready();
            let ended = toplevel.handle_shutdown_requests(LIMIT).await;
            ended.expect("an idle subsystem ends");
        }),
        "no-handler" => block_on(async {
            say_ready();
            std::future::pending::<()>().await;
        }),
        _ => panic!("no contestant is called {contestant}"),
    }
    ExitCode::SUCCESS
}

/// As `#[tokio::main]`.
fn block_on(main: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime starts").block_on(main);
}

async fn by_hand() {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be handled");
    let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
    let own = token.clone();
    tracker.spawn(async move { own.cancelled().await });
    say_ready();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracker.close();
    token.cancel();
    let ended = tokio::time::timeout(LIMIT, tracker.wait()).await;
    ended.expect("an idle task ends");
}

async fn by_drain() {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be handled");
    let (drain, watch) = drain::channel();
    tokio::spawn(async move { drop(watch.signaled().await) });
    say_ready();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let ended = tokio::time::timeout(LIMIT, drain.drain()).await;
    ended.expect("an idle task ends");
}

async fn idle(subsystem: &mut SubsystemHandle) -> Result<(), Infallible> {
    subsystem.on_shutdown_requested().await;
    Ok(())
}

fn say_ready() {
    std::io::stdout()
        .write_all(b"ready\n")
        .expect("the runner reads stdout");
}

struct Life {
    ready: Duration,
    end: Duration,
    code: Option<i32>,
    stderr: String,
}

/// The table of all contestants.
pub fn table() -> Table {
    let mut lives: Vec<Vec<Life>> = ALL.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (contestant, lives) in ALL.iter().zip(&mut lives) {
            lives.push(live(Command::new(this_binary()), contestant));
        }
    }
    let instructions = ALL.map(instructions);
    let title = format!(
        "An idle process: exec, ready, SIGTERM, exit (x against {})",
        ALL[0]
    );
    let heads = [
        "contestant",
        "exec to ready ms, min",
        "median",
        "SIGTERM to exit ms, min",
        "median",
        "x median",
        "instr of the whole life",
        "x instr",
        "code",
    ];
    let mut table = Table::new(title, &heads);
    for ((contestant, own), instructions_of_own) in ALL.iter().zip(&lives).zip(instructions) {
        let quotients = own.iter().zip(&lives[0]);
        let quotients = quotients.map(|(own, of)| own.end.as_secs_f64() / of.end.as_secs_f64());
        let code = own[0]
            .code
            .map_or_else(|| "SIGTERM".to_owned(), |code| code.to_string());
        table.row([
            (*contestant).to_owned(),
            least(own, |life| life.ready),
            middle(own, |life| life.ready),
            least(own, |life| life.end),
            middle(own, |life| life.end),
            format!("{:.2}", median(quotients.collect())),
            grouped(instructions_of_own),
            format!("{:.2}", ratio(instructions_of_own, instructions[0])),
            code,
        ]);
    }
    table
}

fn least(lives: &[Life], part: impl Fn(&Life) -> Duration) -> String {
    let least = lives.iter().map(part).min().unwrap_or_default();
    format!("{:.2}", 1_000.0 * least.as_secs_f64())
}

fn middle(lives: &[Life], part: impl Fn(&Life) -> Duration) -> String {
    let middle = median(lives.iter().map(part).collect());
    format!("{:.2}", 1_000.0 * middle.as_secs_f64())
}

fn this_binary() -> std::path::PathBuf {
    std::env::current_exe().expect("the path of this binary is known")
}

/// Of all threads, in user space; the median of a few lives, which differ by what threads happen to do.
fn instructions(contestant: &str) -> u64 {
    let counts = (0..5).map(|_| {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(this_binary());
        let life = live(command, contestant);
        let count = life
            .stderr
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        let count = count.and_then(|(_, count)| count.trim().parse().ok());
        count.unwrap_or_else(|| panic!("callgrind collected nothing:\\n{}", life.stderr))
    });
    median(counts.collect())
}

fn live(mut command: Command, contestant: &str) -> Life {
    command
        .args(["process", contestant])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().expect("a child starts");
    let mut word = [0; 6];
    let mut stdout = child.stdout.take().expect("stdout is a pipe");
    stdout.read_exact(&mut word).expect("a child becomes ready");
    let ready = start.elapsed();
    // The main thread goes to sleep before the signal comes.
    std::thread::sleep(Duration::from_millis(10));
    let start = Instant::now();
    terminate(&child);
    let mut stderr = String::new();
    let status = child.wait().expect("a child ends");
    let end = start.elapsed();
    let mut pipe = child.stderr.take().expect("stderr is a pipe");
    pipe.read_to_string(&mut stderr).expect("stderr is text");
    Life {
        ready,
        end,
        code: status.code(),
        stderr,
    }
}

fn terminate(child: &Child) {
    let pid = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    let pid = pid.expect("a child has a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the child is there");
}
