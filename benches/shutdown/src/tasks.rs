//! Many tasks that wait for the stop.

use std::fmt;
use std::future::Future;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bench_support::{Allocations, Bars, Table, grouped, median, ratio};
use tf_shutdown::{Lifecycle, Options};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, oneshot};
use tokio_graceful::Shutdown;
use tokio_graceful_shutdown::{SubsystemBuilder, SubsystemHandle, Toplevel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The measure of the others comes first, the kit second, the floor last.
pub const ALL: [&str; 8] = [
    "tracker+token",
    "tf-group",
    "tf-task",
    "tracker+child",
    "drain",
    "tokio-graceful",
    "tokio-graceful-shutdown",
    "notify+atomic",
];

/// Longer than any run.
const PATIENCE: Duration = Duration::from_secs(600);

/// Tasks that have been polled once.
static PARKED: AtomicUsize = AtomicUsize::new(0);

/// Totals of one child.
#[derive(Clone, Copy)]
pub struct Figures {
    pub spawn_nanos: u64,
    /// From the trigger until the last task has ended.
    pub end_nanos: u64,
    /// Heap in use that was not before.
    pub heap: u64,
    pub resident: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            spawn_nanos,
            end_nanos,
            heap,
            resident,
        } = self;
        write!(f, "{spawn_nanos} {end_nanos} {heap} {resident}")
    }
}

/// Parks `count` tasks of the named contestant on so many workers and ends them.
pub fn park(contestant: &str, count: usize, workers: usize) -> Figures {
    let park = Park {
        runtime: &runtime(workers),
        count,
    };
    match contestant {
        "tracker+token" => park.measure(tracked(count, CancellationToken::clone)),
        "tracker+child" => park.measure(tracked(count, CancellationToken::child_token)),
        "tf-group" => park.measure(kit(|life| {
            let group = life.group("parked");
            for _ in 0..count {
                let token = life.token();
                group.spawn(async move {
                    arrive();
                    token.stopping().await;
                });
            }
        })),
        "tf-task" => park.measure(kit(|life| {
            for _ in 0..count {
                let token = life.token();
                life.spawn("parked", async move {
                    arrive();
                    token.stopping().await;
                });
            }
        })),
        "drain" => park.measure(drained(count)),
        "tokio-graceful" => park.measure(graceful(count)),
        "tokio-graceful-shutdown" => park.measure(subsystems(count)),
        "notify+atomic" => park.measure(floor(count)),
        _ => panic!("no contestant is called {contestant}"),
    }
}

fn runtime(workers: usize) -> Runtime {
    let mut builder = match workers {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = builder.worker_threads(workers).enable_time().build();
    runtime.expect("a runtime starts")
}

struct Park<'a> {
    runtime: &'a Runtime,
    count: usize,
}

impl Park<'_> {
    /// `spawn` gives a future that triggers the stop and waits for the last task.
    fn measure<E: Future<Output = ()>>(&self, spawn: impl Future<Output = E>) -> Figures {
        let mut figures = None;
        Allocations::during(|| {
            figures = Some(self.runtime.block_on(self.figures(spawn)));
        });
        figures.expect("the work was done")
    }

    async fn figures<E: Future<Output = ()>>(&self, spawn: impl Future<Output = E>) -> Figures {
        let (heap, resident) = (Allocations::held(), resident());
        let start = Instant::now();
        let end = spawn.await;
        let spawned = start.elapsed();
        while PARKED.load(Ordering::Relaxed) < self.count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let heap = Allocations::held().saturating_sub(heap);
        let resident = self::resident().saturating_sub(resident);
        let start = Instant::now();
        end.await;
        Figures {
            spawn_nanos: nanos(spawned),
            end_nanos: nanos(start.elapsed()),
            heap: heap as u64,
            resident,
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).expect("a run is shorter than centuries")
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux tells the size");
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    4_096 * pages.unwrap_or(0_u64)
}

fn arrive() {
    PARKED.fetch_add(1, Ordering::Relaxed);
}

async fn tracked(
    count: usize,
    share: impl Fn(&CancellationToken) -> CancellationToken,
) -> impl Future<Output = ()> {
    let (tracker, root) = (TaskTracker::new(), CancellationToken::new());
    for _ in 0..count {
        let token = share(&root);
        tracker.spawn(async move {
            arrive();
            token.cancelled().await;
        });
    }
    async move {
        tracker.close();
        root.cancel();
        tracker.wait().await;
    }
}

/// Walks through the whole lifecycle, up to its report.
async fn kit(spawn: impl FnOnce(&Lifecycle)) -> impl Future<Output = ()> {
    let life = Lifecycle::new(Options::for_tests().budget());
    life.ready();
    spawn(&life);
    async move {
        life.stop("the tasks are to end");
        let report = life.shutdown().await;
        assert_eq!(report.exit_code(), 0, "{report}");
    }
}

async fn drained(count: usize) -> impl Future<Output = ()> {
    let (signal, watch) = drain::channel();
    for _ in 0..count {
        let watch = watch.clone();
        tokio::spawn(async move {
            arrive();
            drop(watch.signaled().await);
        });
    }
    drop(watch);
    signal.drain()
}

async fn graceful(count: usize) -> impl Future<Output = ()> {
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = Shutdown::new(async move {
        let _ = stopped.await;
    });
    for _ in 0..count {
        shutdown.spawn_task_fn(|guard| async move {
            arrive();
            guard.cancelled().await;
        });
    }
    async move {
        drop(stop);
        shutdown.shutdown().await;
    }
}

async fn subsystems(count: usize) -> impl Future<Output = ()> {
    let (spawned, all_spawned) = oneshot::channel::<()>();
    let (stop, stopped) = oneshot::channel::<()>();
    let root = async move |root: &mut SubsystemHandle| {
        for _ in 0..count {
            root.start(SubsystemBuilder::new("parked", subsystem));
        }
        drop(spawned);
        let _ = stopped.await;
        root.request_shutdown();
    };
    let toplevel = Toplevel::new(root);
    let _ = all_spawned.await;
    async move {
        drop(stop);
        let ended = toplevel.handle_shutdown_requests(PATIENCE).await;
        ended.expect("every subsystem ends well");
    }
}

async fn subsystem(subsystem: &mut SubsystemHandle) -> std::io::Result<()> {
    arrive();
    subsystem.on_shutdown_requested().await;
    Ok(())
}

async fn floor(count: usize) -> impl Future<Output = ()> {
    let shared = Arc::new((Notify::new(), AtomicUsize::new(count), Notify::new()));
    for _ in 0..count {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let (stop, left, done) = &*shared;
            arrive();
            stop.notified().await;
            if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                done.notify_one();
            }
        });
    }
    async move {
        let (stop, _, done) = &*shared;
        stop.notify_waiters();
        done.notified().await;
    }
}

/// How many tasks, and how many rounds of them.
const SIZES: [(usize, usize); 3] = [(1_000, 15), (100_000, 7), (1_000_000, 5)];

/// A whole subsystem for each task takes gigabytes and minutes.
const TOO_MANY_SUBSYSTEMS: usize = 1_000_000;

/// Prints a table for each count of workers.
pub fn report(bars: &mut Bars) {
    for workers in [1, 2] {
        let mut table = Table::new(
            format!(
                "Parked tasks, {workers} worker{}: trigger to all ended (x against {})",
                if workers == 1 { "" } else { "s" },
                ALL[0]
            ),
            &[
                "tasks",
                "contestant",
                "ended ms",
                "x ended",
                "ended ns/task",
                "spawn ns/task",
                "heap B/task",
                "RSS B/task",
            ],
        );
        for (count, rounds) in SIZES {
            let all = measure(count, workers, rounds);
            for (contestant, own) in &all {
                table.row(row(count, contestant, own, &all[0].1));
            }
            if count == 1_000_000 {
                promise(bars, workers, &all[0].1, &all[1].1);
            }
        }
        println!("{table}");
    }
}

fn measure(count: usize, workers: usize, rounds: usize) -> Vec<(&'static str, Vec<Figures>)> {
    let takes_part =
        |contestant: &&str| count < TOO_MANY_SUBSYSTEMS || *contestant != "tokio-graceful-shutdown";
    let contestants = ALL.into_iter().filter(takes_part);
    let mut all: Vec<_> = contestants.map(|name| (name, Vec::new())).collect();
    for _ in 0..rounds {
        for (contestant, own) in &mut all {
            own.push(spawn(contestant, count, workers));
        }
    }
    all
}

fn spawn(contestant: &str, count: usize, workers: usize) -> Figures {
    let binary = std::env::current_exe().expect("the path of this binary is known");
    let (count, workers) = (count.to_string(), workers.to_string());
    let output = Command::new(binary)
        .args(["park", contestant, &count, &workers])
        .output()
        .expect("a child starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
    let mut next = || {
        let errors = String::from_utf8_lossy(&output.stderr);
        numbers
            .next()
            .unwrap_or_else(|| panic!("{contestant} printed {text:?}: {errors}"))
    };
    Figures {
        spawn_nanos: next(),
        end_nanos: next(),
        heap: next(),
        resident: next(),
    }
}

fn row(count: usize, contestant: &str, own: &[Figures], measure: &[Figures]) -> [String; 8] {
    let middle = |part: fn(&Figures) -> u64| median(own.iter().map(part).collect());
    let each = |part| grouped(middle(part) / count as u64);
    let end = middle(|figures| figures.end_nanos);
    [
        grouped(count as u64),
        contestant.to_owned(),
        format!("{}.{:03}", grouped(end / 1_000_000), end / 1_000 % 1_000),
        format!("{:.2}", share(own, measure, |figures| figures.end_nanos)),
        each(|figures| figures.end_nanos),
        each(|figures| figures.spawn_nanos),
        each(|figures| figures.heap),
        each(|figures| figures.resident),
    ]
}

/// The median over the rounds.
fn share(own: &[Figures], of: &[Figures], part: fn(&Figures) -> u64) -> f64 {
    let rounds = own.iter().zip(of);
    median(rounds.map(|(own, of)| ratio(part(own), part(of))).collect())
}

fn promise(bars: &mut Bars, workers: usize, measure: &[Figures], kit: &[Figures]) {
    let count = 1_000_000.0;
    let heap = |all: &[Figures]| (all[0].heap as f64 / count).round();
    bars.at_most(
        &format!("parked task, heap bytes, on {workers}"),
        heap(measure),
        heap(kit),
    );
    if workers == 2 {
        let what = format!(
            "1,000,000 tasks on two workers, stop to all ended, x {}",
            ALL[0]
        );
        let measured = share(kit, measure, |figures| figures.end_nanos);
        bars.at_most(&what, 1.0, measured);
    }
}
