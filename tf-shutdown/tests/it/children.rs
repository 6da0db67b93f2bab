//! Lifecycles inside lifecycles.

use tf_shutdown::{Reason, Stage, State};
use tokio::time::sleep;

use crate::support::{DRAIN, Diary, TOTAL, life, millis, secs, settle, sigterm, with_pre_stop};

#[tokio::test(start_paused = true)]
async fn a_child_is_done_before_its_parent_closes() {
    let life = life();
    let child = life.child("tenant");
    let diary = Diary::default();
    let (inner, outer, work) = (diary.clone(), diary.clone(), diary.clone());
    life.hook(Stage::Resources, "pool", async move || outer.write("pool"));
    child.hook(Stage::Telemetry, "traces", async move || {
        inner.write("traces of the child");
    });
    child.spawn("work", async move {
        sleep(secs(2)).await;
        work.write("work of the child");
    });
    life.stop(sigterm());
    let report = life.finished().await;
    assert_eq!(
        diary.read(),
        ["work of the child", "traces of the child", "pool"]
    );
    let [of_child] = report.children() else {
        panic!("{report}");
    };
    assert_eq!(of_child.name(), "tenant");
    assert_eq!(of_child.reason(), Some(&sigterm()));
    assert_eq!(report.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_child_stops_alone() {
    let life = life();
    let child = life.child("tenant");
    let report = child.shutdown().await;
    assert_eq!(report.exit_code(), 0);
    assert_eq!(child.state(), State::Done);
    assert_eq!(life.state(), State::Starting);
    life.spawn("still possible", async {}).await.unwrap();
    let report = life.shutdown().await;
    assert!(report.children().is_empty(), "it left long ago");
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_child_stops_its_parent_unless_contained() {
    for contained in [false, true] {
        let life = life();
        let mut child = life.child("tenant");
        if contained {
            child = child.contained();
        }
        child.spawn_essential("sync", async { Err::<(), _>("no such table") });
        assert_eq!(child.finished().await.exit_code(), 1);
        settle().await;
        assert_eq!(life.token().reason().is_some(), !contained);
        let report = life.shutdown().await;
        assert_eq!(
            report.exit_code(),
            if contained { 0 } else { 1 },
            "{report}"
        );
        if !contained {
            let expected = Reason::TaskFailed {
                name: "sync".into(),
                error: "no such table".to_owned(),
            };
            assert_eq!(report.reason(), Some(&expected));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stuck_child_is_aborted_in_time_and_its_stragglers_named() {
    let life = life();
    let child = life.child("tenant");
    let grandchild = child.child("shard");
    child.spawn("stuck", std::future::pending::<()>());
    grandchild.spawn("stuck too", std::future::pending::<()>());
    let report = life.shutdown().await;
    assert!(report.total() <= TOTAL, "{report}");
    assert_eq!(report.exit_code(), 124);
    let text = report.to_string();
    assert!(text.contains("`stuck` in `tasks`"), "{text}");
    assert!(text.contains("`stuck too` in `tasks`"), "{text}");
    assert_eq!(grandchild.state(), State::Done);
}

#[tokio::test(start_paused = true)]
async fn contained_or_not_work_left_undone_is_told() {
    let life = life();
    let child = life.child("tenant").contained();
    child.spawn("stuck", std::future::pending::<()>());
    assert_eq!(life.shutdown().await.exit_code(), 124);
}

#[tokio::test(start_paused = true)]
async fn a_child_sees_the_lame_duck_of_its_parent() {
    let life = with_pre_stop(secs(2));
    let child = life.child("tenant");
    life.ready();
    life.stop(sigterm());
    child.token().lame_duck().await;
    assert_eq!(child.state(), State::LameDuck);
    assert!(!child.token().is_stopping());
    sleep(secs(1)).await;
    assert_eq!(child.state(), State::LameDuck);
    let report = life.finished().await;
    assert_eq!(report.total(), secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_child_of_a_stopping_parent_stops_at_once() {
    let life = life();
    let guard = life.group("http").guard().unwrap();
    life.stop("enough");
    life.token().stopping().await;
    let child = life.child("late");
    let _ = child.finished().await;
    assert_eq!(child.state(), State::Done);
    assert_eq!(life.state(), State::Draining);
    drop(guard);
    let _ = life.finished().await;
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_child_ends_with_the_drain_of_its_parent() {
    let life = life();
    let child = life.child("tenant");
    let _stuck = child.group("http").guard().unwrap();
    life.stop("enough");
    life.token().stopping().await;
    settle().await;
    assert!(child.token().remaining().unwrap() < DRAIN);
    let report = life.finished().await;
    assert!(report.total() <= DRAIN + millis(500), "{report}");
}
