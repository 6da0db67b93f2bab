//! The states of a stop, their order and their times.

use std::time::Duration;

use tf_shutdown::{Reason, Stage, State};
use tokio::time::Instant;

use crate::support::{DRAIN, TOTAL, life, millis, secs, settle, sigterm, with_pre_stop};

const ORDER: [State; 8] = [
    State::Starting,
    State::Running,
    State::LameDuck,
    State::Intake,
    State::Draining,
    State::Closing,
    State::Flushing,
    State::Done,
];

#[tokio::test(start_paused = true)]
async fn a_ready_service_with_a_pre_stop_passes_all_states_in_order() {
    let life = with_pre_stop(secs(1));
    assert_eq!(life.state(), State::Starting);
    life.ready();
    assert_eq!(life.state(), State::Running);

    let mut waits = Vec::new();
    for state in ORDER {
        let reached = life.reached(state);
        waits.push(tokio::spawn(async move {
            reached.await;
            (state, Instant::now())
        }));
    }
    let asked = Instant::now();
    life.stop(sigterm());
    let report = life.shutdown().await;
    let mut seen = Vec::new();
    for wait in waits {
        seen.push(wait.await.unwrap());
    }
    assert!(seen.is_sorted_by_key(|(_, at)| *at));
    assert_eq!(seen[2].1, asked);
    assert_eq!(seen[3].1, asked + secs(1));

    let stages: Vec<_> = report.stages().iter().map(|(state, _)| *state).collect();
    assert_eq!(stages, ORDER[2..7]);
    assert_eq!(report.stages()[0].1, secs(1));
    assert_eq!(report.exit_code(), 0);
}

#[tokio::test(start_paused = true)]
async fn lame_duck_is_skipped_without_a_signal_or_pre_stop_or_readiness() {
    let request = |text: &'static str| Reason::Requested(text.into());
    for (pre_stop, is_ready, reason) in [
        (secs(1), true, request("no signal")),
        (Duration::ZERO, true, sigterm()),
        (secs(1), false, sigterm()),
    ] {
        let life = with_pre_stop(pre_stop);
        if is_ready {
            life.ready();
        }
        life.stop(reason);
        let report = life.shutdown().await;
        assert_eq!(report.stages()[0].0, State::Intake, "{report}");
        assert_eq!(report.total(), Duration::ZERO, "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn lame_duck_keeps_everything_open() {
    let life = with_pre_stop(secs(3));
    life.ready();
    life.stop(sigterm());
    life.token().lame_duck().await;
    assert_eq!(life.state(), State::LameDuck);
    assert!(!life.token().is_stopping());
    let group = life.group("http");
    drop(group.guard().unwrap());
    let task = life.spawn("late but welcome", async {});
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_lame_duck_is_told_even_when_it_is_skipped() {
    let life = life();
    let told = tokio::spawn(life.token().lame_duck());
    settle().await;
    assert!(!told.is_finished());
    life.stop("done");
    told.await.unwrap();
    assert!(life.state() >= State::Intake);
}

#[tokio::test(start_paused = true)]
async fn a_pre_stop_longer_than_the_drain_leaves_the_reserve_alone() {
    let life = with_pre_stop(secs(60));
    life.ready();
    life.stop(sigterm());
    let report = life.shutdown().await;
    assert_eq!(report.total(), DRAIN);
}

#[tokio::test(start_paused = true)]
async fn ready_after_the_request_to_stop_says_nothing() {
    let life = life();
    life.stop("too slow");
    life.ready();
    assert_ne!(life.state(), State::Running);
    assert_eq!(life.shutdown().await.exit_code(), 0);
    life.ready();
    assert_eq!(life.state(), State::Done);
}

#[tokio::test(start_paused = true)]
async fn the_first_reason_wins_and_later_ones_are_kept() {
    let life = life();
    life.stop("first");
    life.stop("second".to_owned());
    life.stop("third");
    let report = life.shutdown().await;
    assert_eq!(report.reason(), Some(&"first".into()));
    assert_eq!(
        report.also(),
        [Reason::from("second"), Reason::from("third")]
    );
    assert_eq!(life.token().reason(), Some("first".into()));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_reasons_are_not_all_kept() {
    let life = life();
    for _ in 0..1000 {
        life.stop("again");
    }
    let report = life.shutdown().await;
    assert!(report.also().len() < 100);
}

#[tokio::test(start_paused = true)]
async fn the_whole_budget_holds_when_everything_is_stuck() {
    let life = life();
    let _guard = life.group("http").guard().unwrap();
    life.spawn("stuck", std::future::pending::<()>());
    for (stage, name) in [
        (Stage::Intake, "intake"),
        (Stage::Resources, "pool"),
        (Stage::Resources, "broker"),
        (Stage::Telemetry, "traces"),
    ] {
        life.hook(stage, name, std::future::pending::<()>);
    }
    let report = life.shutdown().await;
    assert!(report.total() >= DRAIN, "{report}");
    assert!(report.total() <= TOTAL + millis(500), "{report}");
    assert_eq!(report.exit_code(), 124);
    assert_eq!(report.hooks().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_budget_of_nothing_still_ends_and_runs_hooks() {
    let budget = tf_shutdown::Options::for_tests().total(millis(1)).budget();
    let life = tf_shutdown::Lifecycle::new(budget);
    life.spawn("stuck", std::future::pending::<()>());
    life.hook(Stage::Resources, "pool", async || {});
    let report = life.shutdown().await;
    assert!(report.total() <= millis(501), "{report}");
    assert_eq!(report.hooks()[0].outcome().kind(), "done");
    assert_eq!(report.exit_code(), 124);
}

#[tokio::test(start_paused = true)]
async fn shutdown_may_be_dropped_and_asked_again() {
    let life = life();
    life.spawn("two seconds", async {
        tokio::time::sleep(secs(2)).await;
    });
    let first = tokio::time::timeout(secs(1), life.shutdown()).await;
    assert!(first.is_err());
    let (one, two) = (life.shutdown().await, life.finished().await);
    assert_eq!(one.total(), secs(2));
    assert_eq!(two.total(), one.total());
    assert!(one.also().is_empty());
}

#[test]
fn stop_is_asked_for_from_a_thread_without_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let life = runtime.block_on(async { life() });
    let other = life.clone();
    std::thread::spawn(move || other.stop("from elsewhere"))
        .join()
        .unwrap();
    let report = runtime.block_on(life.finished());
    assert_eq!(report.reason(), Some(&"from elsewhere".into()));
}
