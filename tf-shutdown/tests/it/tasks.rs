//! Tasks: what their ends mean, and what becomes of those that do not end.

use std::future::poll_fn;
use std::sync::mpsc;
use std::task::{Context, Waker};

use tf_shutdown::{Reason, State, TaskErrorKind};
use tokio::time::{Instant, sleep};

use crate::support::{DRAIN, Diary, OnDrop, life, millis, secs, settle};

#[tokio::test(start_paused = true)]
async fn an_error_or_panic_of_an_ordinary_task_stops_nothing_and_is_counted() {
    let life = life();
    let failed = life.spawn("fails", async { Err::<(), _>("no route") });
    let panicked = life.spawn("panics", async {
        sleep(secs(1)).await;
        panic!("off by one")
    });
    assert_eq!(failed.await.unwrap(), Err("no route"));
    let error = panicked.await.unwrap_err();
    assert_eq!(error.kind(), TaskErrorKind::Panicked);
    assert_eq!(error.to_string(), "the task panicked: off by one");
    let payload = error.into_panic().unwrap();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"off by one"));

    assert_eq!(life.state(), State::Starting);
    let report = life.shutdown().await;
    assert_eq!((report.failed_tasks(), report.panicked_tasks()), (1, 1));
    assert_eq!(report.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_end_of_an_essential_task_is_a_reason_to_stop() {
    let failed = life();
    failed.spawn_essential("consumer", async { Err::<(), _>("queue gone") });
    let report = failed.finished().await;
    let reason = Reason::TaskFailed {
        name: "consumer".into(),
        error: "queue gone".to_owned(),
    };
    assert_eq!((report.reason(), report.exit_code()), (Some(&reason), 1));

    let panicked = life();
    panicked.spawn_essential("consumer", async {
        if true {
            panic!("{}", "index 7");
        }
    });
    let report = panicked.finished().await;
    let reason = Reason::TaskPanicked {
        name: "consumer".into(),
        message: "index 7".to_owned(),
    };
    assert_eq!((report.reason(), report.exit_code()), (Some(&reason), 101));

    let ended = life();
    ended.spawn_essential("consumer", async {});
    let report = ended.finished().await;
    let reason = Reason::TaskEnded {
        name: "consumer".into(),
    };
    assert_eq!((report.reason(), report.exit_code()), (Some(&reason), 0));
}

#[tokio::test(start_paused = true)]
async fn an_essential_task_that_ends_after_the_request_is_no_reason() {
    let life = life();
    let token = life.token();
    life.spawn_essential("consumer", async move { token.stopping().await });
    settle().await;
    let report = life.shutdown().await;
    assert!(report.also().is_empty());
    assert_eq!(report.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_essential_task_that_fails_during_the_stop_counts_for_the_exit_code() {
    let life = life();
    let token = life.token();
    life.spawn_essential("consumer", async move {
        token.stopping().await;
        Err::<(), _>("ack lost")
    });
    settle().await;
    let report = life.shutdown().await;
    assert_eq!(report.also().len(), 1);
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_aborted_essential_task_is_no_reason() {
    let life = life();
    let task = life.spawn_essential("consumer", std::future::pending::<()>());
    task.abort();
    assert_eq!(task.await.unwrap_err().kind(), TaskErrorKind::Aborted);
    settle().await;
    assert_eq!(life.state(), State::Starting);
    assert!(life.group("tasks").is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_spawned_once_the_lifecycle_stops() {
    let life = life();
    let _guard = life.group("http").guard().unwrap();
    life.stop("enough");
    life.token().stopping().await;
    let diary = Diary::default();
    let noticed = OnDrop(diary.clone(), "dropped");
    let refused = life.spawn("late", async move {
        drop(noticed);
        panic!("spawned");
    });
    assert!(refused.is_finished());
    assert_eq!(diary.read(), ["dropped"]);
    assert_eq!(refused.await.unwrap_err().kind(), TaskErrorKind::Stopped);
    let refused = life.spawn_essential("late", async {});
    assert_eq!(refused.await.unwrap_err().kind(), TaskErrorKind::Stopped);
    let refused = life.spawn_blocking("late", |_| ());
    assert_eq!(refused.await.unwrap_err().kind(), TaskErrorKind::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_task_is_dropped_at_the_drain_deadline_and_named_with_its_age_and_place() {
    let life = life();
    let diary = Diary::default();
    let noticed = OnDrop(diary.clone(), "dropped");
    let line = line!() + 1;
    let stuck = life.spawn("stuck", async move {
        let _noticed = noticed;
        std::future::pending::<()>().await;
    });
    sleep(secs(5)).await;
    let asked = Instant::now();
    let report = life.shutdown().await;
    assert_eq!(diary.read(), ["dropped"]);
    assert_eq!(asked.elapsed(), DRAIN);
    let [straggler] = report.stragglers() else {
        panic!("{report}");
    };
    assert_eq!(straggler.name(), Some("stuck"));
    assert_eq!(straggler.group(), "tasks");
    assert_eq!(straggler.age(), Some(secs(5) + DRAIN));
    let place = straggler.place().unwrap();
    assert_eq!((place.file(), place.line()), (file!(), line));
    assert_eq!(report.exit_code(), 124);
    assert_eq!(stuck.await.unwrap_err().kind(), TaskErrorKind::Aborted);
}

#[tokio::test(start_paused = true)]
async fn the_abort_reaches_a_task_whatever_it_waits_for() {
    type Waits = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
    let life = life();
    let token = life.token();
    let long_stop = token.clone();
    let dropped_wait = token.clone();
    let elsewhere = token.clone();
    let diary = Diary::default();
    let waits: [Waits; 5] = [
        Box::pin(std::future::pending()),
        // Woken by the stop, and not interested.
        Box::pin(async move {
            long_stop.stopping().await;
            std::future::pending::<()>().await;
        }),
        // Registered in the same poll in which it is dropped.
        Box::pin(async move {
            let _ = tokio::time::timeout(millis(0), dropped_wait.stopping()).await;
            std::future::pending::<()>().await;
        }),
        // Registered by another task.
        Box::pin(async move {
            let inner = tokio::spawn(elsewhere.stopping());
            inner.await.unwrap();
            std::future::pending::<()>().await;
        }),
        Box::pin(async move {
            tokio::select! {
                () = token.reached(State::Done) => {}
                () = sleep(secs(3600)) => {}
            }
        }),
    ];
    for wait in waits {
        let noticed = OnDrop(diary.clone(), "dropped");
        life.spawn("stuck", async move {
            let _noticed = noticed;
            wait.await;
        });
    }
    settle().await;
    let report = life.shutdown().await;
    assert_eq!(report.stragglers().len(), 5);
    assert_eq!(diary.read(), ["dropped"; 5]);
    assert_eq!(report.total(), DRAIN, "nobody had to be waited for");
}

#[tokio::test(start_paused = true)]
async fn the_abort_reaches_a_task_whose_wait_went_to_another_waker() {
    let life = life();
    let mut wait = Box::pin(life.token().stopping());
    let stuck = life.spawn(
        "stuck",
        poll_fn(move |cx| {
            let mut other = Context::from_waker(Waker::noop());
            let _ = wait.as_mut().poll(cx);
            wait.as_mut().poll(&mut other)
        }),
    );
    settle().await;
    let report = life.shutdown().await;
    assert_eq!(
        report.total(),
        DRAIN,
        "the stop does not wake it, the abort does"
    );
    assert_eq!(stuck.await.unwrap_err().kind(), TaskErrorKind::Aborted);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_never_returns_compiles_and_is_dropped() {
    let life = life();
    life.spawn_essential("ticker", async {
        loop {
            sleep(secs(1)).await;
        }
    });
    assert_eq!(life.shutdown().await.exit_code(), 124);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_handle_leaves_its_task_running() {
    let life = life();
    let diary = Diary::default();
    let writes = diary.clone();
    drop(life.spawn("writes", async move {
        sleep(secs(1)).await;
        writes.write("done");
    }));
    let _ = life.shutdown().await;
    assert_eq!(diary.read(), ["done"]);
}

#[test]
fn a_blocking_task_sees_the_token_and_is_waited_for() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let life = life();
        let (sender, started) = mpsc::channel();
        let task = life.spawn_blocking("hashing", move |token| {
            sender.send(()).unwrap();
            while !token.is_stopping() {
                std::thread::yield_now();
            }
            Ok::<_, String>(token.reason())
        });
        started.recv().unwrap();
        let report = life.shutdown().await;
        assert_eq!(task.await.unwrap(), Ok(Some("shutdown".into())));
        report
    });
    assert_eq!(report.exit_code(), 0);
}

#[test]
fn a_blocking_task_that_goes_on_is_named_and_not_waited_for() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (release, held) = mpsc::channel::<()>();
    let report = runtime.block_on(async {
        let options = tf_shutdown::Options::for_tests().total(millis(200));
        let life = tf_shutdown::Lifecycle::new(options.budget());
        life.spawn_blocking("deaf", move |_| {
            let _ = held.recv();
        });
        life.shutdown().await
    });
    release.send(()).unwrap();
    assert_eq!(report.stragglers()[0].name(), Some("deaf"));
    assert_eq!(report.exit_code(), 124);
    assert!(report.total() < secs(5), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_panicking_blocking_task_is_told_apart() {
    let life = life();
    let task = life.spawn_blocking("panics", |_| {
        if true {
            panic!("bad input");
        }
    });
    assert_eq!(task.await.unwrap_err().kind(), TaskErrorKind::Panicked);
    assert_eq!(life.shutdown().await.panicked_tasks(), 1);
}
