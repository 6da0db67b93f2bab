//! Groups and guards.

use tf_shutdown::TaskErrorKind;
use tokio::time::sleep;

use crate::support::{DRAIN, Diary, OnDrop, life, millis, secs, settle};

#[tokio::test(start_paused = true)]
async fn the_stop_waits_for_guards_clones_tasks_and_tracked_futures() {
    let life = life();
    let group = life.group("http");
    let guard = group.guard().unwrap();
    let clone = guard.clone();
    group.spawn(sleep(secs(3)));
    let tracked = group.track(sleep(secs(4))).unwrap();
    assert_eq!(group.len(), 4);
    tokio::spawn(async move {
        sleep(secs(1)).await;
        drop(guard);
        sleep(secs(1)).await;
        drop(clone);
        tracked.await;
    });
    let report = life.shutdown().await;
    assert_eq!(report.total(), secs(4));
    assert!(group.is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_guard_is_given_after_close_and_the_holder_can_clone() {
    let life = life();
    let group = life.group("http");
    let guard = group.guard().unwrap();
    life.stop("enough");
    life.token().stopping().await;
    settle().await;
    group.guard().unwrap_err();
    assert!(group.track(async {}).is_err());
    let refused = group.spawn(async {});
    assert_eq!(refused.await.unwrap_err().kind(), TaskErrorKind::Stopped);
    life.group("made late").guard().unwrap_err();

    let clone = guard.clone();
    drop(guard);
    settle().await;
    assert_eq!(group.len(), 1);
    let task = group.spawn_with(clone, async { 7 });
    assert_eq!(task.await.unwrap(), 7);
    assert_eq!(life.finished().await.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_group_is_one_by_its_name() {
    let life = life();
    let guard = life.group("http").guard().unwrap();
    assert_eq!(life.group("http".to_owned()).len(), 1);
    assert_eq!(life.group("grpc").len(), 0);
    drop(guard);
    assert_eq!(life.group("http").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn labelled_guards_are_named_and_the_others_counted() {
    let life = life();
    let group = life.group("jobs");
    let mut named = group.guard().unwrap();
    named.label("job 1");
    sleep(secs(1)).await;
    named.label("job 1, step 2");
    let _others = [named.clone(), group.guard().unwrap()];
    let mut gone = group.guard().unwrap();
    gone.label("job 2");
    drop(gone);

    let report = life.shutdown().await;
    let [first, rest] = report.stragglers() else {
        panic!("{report}");
    };
    assert_eq!(first.name(), Some("job 1, step 2"));
    assert_eq!(first.age(), Some(secs(1) + DRAIN));
    assert_eq!(first.place().unwrap().file(), file!());
    assert_eq!((rest.name(), rest.count()), (None, 2));
    assert_eq!(rest.group(), "jobs");
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_group_are_dropped_at_the_deadline() {
    let life = life();
    let diary = Diary::default();
    let group = life.group("connections");
    let token = life.token();
    for stuck in [false, true] {
        let noticed = OnDrop(diary.clone(), "dropped");
        let token = token.clone();
        group.spawn(async move {
            let _noticed = noticed;
            if !stuck {
                token.stopping().await;
            }
            std::future::pending::<()>().await;
        });
    }
    settle().await;
    let report = life.shutdown().await;
    assert_eq!(diary.read(), ["dropped"; 2]);
    assert_eq!(report.total(), DRAIN);
    assert_eq!(report.stragglers()[0].count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_task_of_a_group_is_counted_and_its_guard_returned() {
    let life = life();
    let group = life.group("connections");
    let task = group.spawn(async {
        sleep(millis(1)).await;
        panic!("bad frame");
    });
    let error: tf_shutdown::TaskError = match task.await {
        Ok(()) => panic!("it panicked"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), TaskErrorKind::Panicked);
    assert!(group.is_empty());
    let report = life.shutdown().await;
    assert_eq!((report.panicked_tasks(), report.exit_code()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn guards_of_many_threads_are_all_waited_for() {
    let life = life();
    let group = life.group("busy");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let group = group.clone();
            std::thread::spawn(move || {
                let mut kept = Vec::new();
                for turn in 0..10_000 {
                    match group.guard() {
                        Ok(guard) if turn % 100 == 0 => kept.push(guard.clone()),
                        Ok(guard) => drop(guard),
                        Err(_) => break,
                    }
                }
                kept.len()
            })
        })
        .collect();
    life.stop("meanwhile");
    let report = life.finished().await;
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(group.is_empty());
    assert!(report.total() <= DRAIN + millis(500));
    group.guard().unwrap_err();
}
