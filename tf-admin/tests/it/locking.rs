//! How runs keep out of each other's way.

use std::time::Duration;

use tf_admin::{Danger, DryRun, Env, GuardError, Interrupt, Io, Key, Outcome, Registry, Task};
use tokio::time::{Instant, sleep};

use crate::support::{TestLock, actions, interruptible, last, locked, run};

const SECOND: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
struct Tenant {
    #[arg(long, default_value = "a")]
    tenant: String,
}

fn tasks(lock: &TestLock) -> Registry {
    locked(
        lock,
        [
            Task::new("write", "Do it")
                .dry_run(DryRun::Supported)
                .run(|cx, _| async move {
                    cx.effect("write", || async { Ok::<_, std::io::Error>(()) })
                        .await?;
                    sleep(SECOND).await;
                    Ok(())
                }),
            Task::new("read", "Look")
                .danger(Danger::ReadOnly)
                .run(|_, _| async { Ok(()) }),
            Task::new("free", "Do it")
                .single_flight(Key::None)
                .run(|_, _| async { Ok(()) }),
            Task::new("tenant", "Do it")
                .args::<Tenant>()
                .single_flight(Key::with(|args: &Tenant| args.tenant.clone()))
                .run(|_, _| async { Ok(()) }),
            Task::new("long", "Do it").run(|cx, _| async move {
                cx.cancelled().await;
                Ok(())
            }),
        ],
    )
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_taken_under_a_plain_key_and_given_back() {
    let lock = TestLock::default();
    let report = run(&tasks(&lock), "write").await;
    assert_eq!(report.code(), 0);
    assert_eq!(
        (lock.attempts(), lock.releases()),
        (vec!["shop/write".to_owned()], 1)
    );
    let end = last(&report).end.clone().unwrap();
    assert_eq!((end.waited, end.held), (Some(Duration::ZERO), Some(SECOND)));
    assert_eq!(last(&report).run.lock_key.as_deref(), Some("shop/write"));
    assert_eq!(report.stderr().matches("protects nothing").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_key_can_have_a_part_from_the_arguments() {
    let lock = TestLock::default();
    let registry = tasks(&lock);
    run(&registry, "tenant --tenant b").await;
    registry
        .run(
            ["tenant", "--tenant", "x\ny"],
            Env::default(),
            Io::captured(),
        )
        .await;
    let keys = lock.attempts();
    assert_eq!(keys[0], "shop/tenant/b");
    assert!(!keys[1].contains('\n'), "{keys:?}");
}

#[tokio::test(start_paused = true)]
async fn tasks_that_only_read_or_say_so_take_no_lock() {
    let lock = TestLock::held_by("anna");
    for line in ["read", "free"] {
        assert_eq!(run(&tasks(&lock), line).await.code(), 0, "{line}");
    }
    assert!(lock.attempts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn contention_fails_at_once_and_names_the_holder() {
    let lock = TestLock::held_by("anna");
    let start = Instant::now();
    let report = run(&tasks(&lock), "write").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Busy, 75));
    assert_eq!(start.elapsed(), Duration::ZERO);
    for word in ["shop/write", "0199-other", "anna", "web-2", "99"] {
        assert!(
            report.stderr().contains(word),
            "{word}: {}",
            report.stderr()
        );
    }
    assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
    assert_eq!((report.effects().len(), lock.releases()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_run_can_be_skipped_instead_and_says_so() {
    let lock = TestLock::held_by("anna");
    let report = run(&tasks(&lock), "write --skip-if-locked").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Skipped, 0));
    assert_eq!(report.stdout(), "");
    assert!(report.stderr().contains("skipped: "), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_the_lock_or_at_its_deadline() {
    let lock = TestLock::held_by("anna");
    let start = Instant::now();
    let report = run(&tasks(&lock), "write --wait 30s").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Busy, 75));
    assert_eq!(start.elapsed(), SECOND * 30);
    assert!(lock.attempts().len() > 20, "{}", lock.attempts().len());
    assert_eq!(report.stderr().matches("waiting: ").count(), 1);
    assert_eq!(
        last(&report).end.as_ref().unwrap().waited,
        Some(SECOND * 30)
    );

    let freed = lock.clone();
    let free = tokio::spawn(async move {
        sleep(SECOND * 7).await;
        freed.free();
    });
    let report = run(&tasks(&lock), "write --wait 30s").await;
    free.await.unwrap();
    assert_eq!(report.code(), 0);
    let waited = last(&report).end.as_ref().unwrap().waited.unwrap();
    assert!(waited >= SECOND * 7 && waited < SECOND * 8, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn waiting_is_ended_by_the_deadline_of_the_run_and_by_signals() {
    let lock = TestLock::held_by("anna");
    let report = run(&tasks(&lock), "write --wait 1h --timeout 5s").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Timeout, 124));
    let (interrupter, io) = interruptible();
    tokio::spawn(async move {
        sleep(SECOND * 5).await;
        interrupter.send(Interrupt::Term);
    });
    let report = tasks(&lock)
        .run(["write", "--wait", "1h"], Env::default(), io)
        .await;
    assert_eq!(
        (report.outcome(), report.code()),
        (Outcome::Interrupted, 143)
    );
    assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lock_stops_the_task_and_is_told() {
    let lock = TestLock::default();
    let losing = lock.clone();
    tokio::spawn(async move {
        sleep(SECOND).await;
        losing.lose("the connection dropped");
    });
    let report = run(&tasks(&lock), "long").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::LockLost, 76));
    assert!(
        report.stderr().contains("the connection dropped"),
        "{report:?}"
    );
    assert_eq!(lock.releases(), 0, "what is lost is not given back");
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_takes_no_lock_and_reports_the_holder() {
    let lock = TestLock::held_by("anna");
    let report = run(&tasks(&lock), "write --dry-run").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::DryRun, 0));
    assert!(lock.attempts().is_empty());
    assert!(report.stderr().contains("anna"), "{report:?}");
    assert_eq!(report.effects(), ["write"]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_told_from_one_that_is_set_up_wrong() {
    for (error, code) in [
        (
            (|| GuardError::unavailable("no answer")) as fn() -> GuardError,
            69,
        ),
        (|| GuardError::config("a pooled URL"), 78),
    ] {
        let lock = TestLock::default();
        lock.state.lock().unwrap().broken = Some(error);
        let report = run(&tasks(&lock), "write").await;
        assert_eq!(report.code(), code);
        assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_setup_can_bring_the_lock() {
    let lock = TestLock::held_by("anna");
    let build = |lock: Option<TestLock>| {
        let builder = Registry::builder("shop")
            .lock_namespace("eu")
            .with_state(move |setup| {
                if let Some(lock) = &lock {
                    setup.lock(lock.clone());
                }
                async { Ok(()) }
            });
        let task = Task::new("t", "Do it")
            .single_flight(Key::Task)
            .run(|_, _| async { Ok(()) });
        builder.add(task).build().unwrap()
    };
    let report = run(&build(Some(lock.clone())), "t").await;
    assert_eq!(
        (report.code(), lock.attempts()),
        (75, vec!["eu/shop/t".to_owned()])
    );
    assert_eq!(run(&build(None), "t").await.code(), 78);
}

#[tokio::test]
async fn a_task_that_panics_gives_its_lock_back() {
    let lock = TestLock::default();
    let task = Task::new("t", "Do it").run(|cx, _| async move {
        assert!(cx.is_dry_run(), "it is odd");
        Ok(())
    });
    let report = run(&locked(&lock, [task]), "t").await;
    assert_eq!((report.code(), lock.releases()), (70, 1));
}
