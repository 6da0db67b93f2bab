//! Hooks: their order, deadlines and failures.

use std::time::Duration;

use tf_shutdown::{HookOutcome, HookReport, Stage, State};
use tokio::time::sleep;

use crate::support::{Diary, OnDrop, RESERVE, life, millis, secs};

#[tokio::test(start_paused = true)]
async fn stages_follow_each_other_and_the_last_registered_hook_runs_first() {
    let life = life();
    let diary = Diary::default();
    for (stage, name) in [
        (Stage::Telemetry, "logs"),
        (Stage::Telemetry, "traces"),
        (Stage::Resources, "pool"),
        (Stage::Resources, "broker"),
        (Stage::Intake, "consumer"),
    ] {
        let diary = diary.clone();
        life.hook(stage, name, async move || diary.write(name));
    }
    let report = life.shutdown().await;
    let order = ["consumer", "broker", "pool", "traces", "logs"];
    assert_eq!(diary.read(), order);
    let reported: Vec<_> = report.hooks().iter().map(HookReport::name).collect();
    assert_eq!(reported, order);
}

#[tokio::test(start_paused = true)]
async fn a_hook_runs_in_the_state_of_its_stage() {
    let life = life();
    for (stage, state) in [
        (Stage::Intake, State::Intake),
        (Stage::Resources, State::Closing),
        (Stage::Telemetry, State::Flushing),
    ] {
        let token = life.token();
        life.hook(stage, stage.name(), async move || {
            match token.state() == state {
                true => Ok(()),
                false => Err(token.state()),
            }
        });
    }
    let report = life.shutdown().await;
    assert_eq!(report.exit_code(), 0, "{report}");
}

#[tokio::test(start_paused = true)]
async fn resources_close_after_the_work_that_uses_them() {
    let life = life();
    let diary = Diary::default();
    let (work, pool) = (diary.clone(), diary.clone());
    life.hook(Stage::Resources, "pool", async move || pool.write("closed"));
    life.spawn("work", async move {
        sleep(secs(3)).await;
        work.write("worked");
    });
    let _ = life.shutdown().await;
    assert_eq!(diary.read(), ["worked", "closed"]);
}

#[tokio::test(start_paused = true)]
async fn intake_hooks_run_side_by_side() {
    let life = life();
    for name in ["one", "two", "three"] {
        life.hook(Stage::Intake, name, async || sleep(secs(2)).await);
    }
    assert_eq!(life.shutdown().await.total(), secs(2));
}

#[tokio::test(start_paused = true)]
async fn resources_close_one_after_another_unless_parallel() {
    let run = async |parallel: bool| {
        let life = life();
        for name in ["one", "two", "three"] {
            let handle = life.hook(Stage::Resources, name, async || {
                sleep(millis(300)).await;
            });
            if parallel {
                handle.parallel();
            }
        }
        life.shutdown().await.total()
    };
    assert_eq!(run(false).await, millis(900));
    assert_eq!(run(true).await, millis(300));
}

#[tokio::test(start_paused = true)]
async fn a_sequential_hook_between_parallel_ones_keeps_its_place() {
    let life = life();
    let diary = Diary::default();
    let hook = |name: &'static str, parallel: bool| {
        let diary = diary.clone();
        let handle = life.hook(Stage::Resources, name, async move || {
            sleep(millis(100)).await;
            diary.write(name);
        });
        if parallel {
            handle.parallel();
        }
    };
    hook("last", true);
    hook("middle", false);
    hook("first a", true);
    hook("first b", true);
    let report = life.shutdown().await;
    assert_eq!(report.total(), millis(300));
    assert_eq!(diary.read()[2..], ["middle", "last"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_hook_is_dropped_and_named_and_the_next_one_runs() {
    let life = life();
    let diary = Diary::default();
    let (next, stuck) = (diary.clone(), diary.clone());
    life.hook(Stage::Resources, "next", async move || next.write("next"));
    life.hook(Stage::Resources, "stuck", async move || {
        let _noticed = OnDrop(stuck, "dropped");
        std::future::pending::<()>().await;
    })
    .timeout(secs(1));
    let report = life.shutdown().await;
    assert_eq!(diary.read(), ["dropped", "next"]);
    assert_eq!(report.hooks()[0].outcome(), &HookOutcome::Late);
    assert_eq!(report.hooks()[0].took(), secs(1));
    assert_eq!(report.hooks()[1].outcome(), &HookOutcome::Done);
    assert_eq!(report.exit_code(), 124);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_hook_without_a_timeout_leaves_time_to_the_next_and_to_telemetry() {
    let life = life();
    life.group("http").guard().unwrap().label("held");
    let held = life.group("http").guard().unwrap();
    life.hook(Stage::Telemetry, "traces", async || {
        sleep(millis(300)).await;
    });
    life.hook(Stage::Resources, "pool", async || sleep(millis(100)).await);
    life.hook(Stage::Resources, "stuck", std::future::pending::<()>);
    let report = life.shutdown().await;
    drop(held);
    let outcomes: Vec<_> = report
        .hooks()
        .iter()
        .map(|hook| (hook.name(), hook.outcome().kind()))
        .collect();
    assert_eq!(
        outcomes,
        [("stuck", "late"), ("pool", "done"), ("traces", "done")]
    );
    assert!(report.hooks()[0].took() > RESERVE / 4);
}

#[tokio::test(start_paused = true)]
async fn errors_and_panics_of_hooks_are_named_and_the_rest_runs() {
    let life = life();
    life.hook(Stage::Resources, "fine", async || {});
    life.hook(Stage::Resources, "panics", async || {
        if true {
            panic!("no more {}", "pools");
        }
    });
    life.hook(
        Stage::Resources,
        "panics at once",
        || -> std::future::Ready<()> { panic!("not even a future") },
    );
    life.hook(Stage::Resources, "fails", async || {
        Err::<(), _>(std::io::Error::other("disk full"))
    });
    let report = life.shutdown().await;
    let outcomes: Vec<_> = report.hooks().iter().map(HookReport::outcome).collect();
    assert_eq!(
        outcomes,
        [
            &HookOutcome::Failed("disk full".to_owned()),
            &HookOutcome::Panicked("not even a future".to_owned()),
            &HookOutcome::Panicked("no more pools".to_owned()),
            &HookOutcome::Done,
        ]
    );
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_comes_too_late_is_named_and_never_called() {
    let life = life();
    let late = life.clone();
    life.hook(Stage::Resources, "outer", async move || {
        late.hook(Stage::Resources, "inner", async || panic!("called"));
        late.hook(Stage::Telemetry, "in time", async || {});
    });
    let report = life.shutdown().await;
    let outcome = |name| {
        let hook = report.hooks().iter().find(|hook| hook.name() == name);
        hook.unwrap().outcome().kind()
    };
    assert_eq!(outcome("inner"), "missed");
    assert_eq!(outcome("in time"), "done");
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn a_hook_that_blocks_its_thread_does_not_stop_the_clock() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let report = runtime.block_on(async {
        let budget = tf_shutdown::Options::for_tests().total(secs(60)).budget();
        let life = tf_shutdown::Lifecycle::new(budget);
        life.hook(Stage::Telemetry, "next", async || {});
        life.hook(Stage::Resources, "blocks", async move || {
            let _ = held.recv();
        })
        .timeout(millis(20));
        life.shutdown().await
    });
    release.send(()).unwrap();
    assert_eq!(report.hooks()[0].outcome(), &HookOutcome::Late);
    assert_eq!(report.hooks()[1].outcome(), &HookOutcome::Done);
    assert!(report.total() < secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_set_beyond_the_slice_does_not_lengthen_it() {
    let life = life();
    life.hook(Stage::Resources, "stuck", std::future::pending::<()>)
        .timeout(Duration::from_secs(3600));
    let report = life.shutdown().await;
    assert!(report.total() <= secs(10), "{report}");
}
