//! Invariants that hold whatever happens, and whenever.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tf_shutdown::{HookOutcome, HookReport, Lifecycle, Options, Report, Signal, Stage, State};
use tokio::time::sleep;

/// How a piece of work ends, after some time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Fine,
    Fails,
    Panics,
    Never,
}

#[derive(Clone, Debug)]
struct Work {
    at: Duration,
    lasts: Duration,
    end: End,
    heeds_stop: bool,
}

#[derive(Clone, Debug)]
enum Act {
    Task {
        essential: bool,
        work: Work,
    },
    Guard {
        work: Work,
        labelled: bool,
    },
    Connection(Work),
    Hook {
        stage: Stage,
        work: Work,
        timeout: Option<Duration>,
        parallel: bool,
    },
    Child {
        contained: bool,
        work: Work,
    },
    Stop {
        at: Duration,
        signal: bool,
    },
    Ready {
        at: Duration,
    },
}

fn moment() -> impl Strategy<Value = Duration> {
    (0_u64..15_000).prop_map(Duration::from_millis)
}

fn work() -> impl Strategy<Value = Work> {
    let end = prop_oneof![
        4 => Just(End::Fine),
        1 => Just(End::Fails),
        1 => Just(End::Panics),
        1 => Just(End::Never),
    ];
    (moment(), moment(), end, any::<bool>()).prop_map(|(at, lasts, end, heeds_stop)| Work {
        at,
        lasts,
        end,
        heeds_stop,
    })
}

fn stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        Just(Stage::Intake),
        Just(Stage::Resources),
        Just(Stage::Telemetry)
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (any::<bool>(), work()).prop_map(|(essential, work)| Act::Task { essential, work }),
        (any::<bool>(), work()).prop_map(|(labelled, work)| Act::Guard { work, labelled }),
        work().prop_map(Act::Connection),
        (
            stage(),
            work(),
            proptest::option::of(moment()),
            any::<bool>()
        )
            .prop_map(|(stage, work, timeout, parallel)| Act::Hook {
                stage,
                work,
                timeout,
                parallel
            }),
        (any::<bool>(), work()).prop_map(|(contained, work)| Act::Child { contained, work }),
        (moment(), any::<bool>()).prop_map(|(at, signal)| Act::Stop { at, signal }),
        moment().prop_map(|at| Act::Ready { at }),
    ]
}

#[derive(Clone, Default)]
struct Watch {
    states: Arc<Mutex<Vec<State>>>,
    guards_after_close: Arc<AtomicUsize>,
}

async fn carry_out(life: &Lifecycle, work: Work) -> Result<(), &'static str> {
    let token = life.token();
    match (work.end, work.heeds_stop) {
        (End::Never, true) => token.stopping().await,
        (End::Never, false) => std::future::pending().await,
        (_, true) => drop(token.until_stopping(sleep(work.lasts)).await),
        (_, false) => sleep(work.lasts).await,
    }
    match work.end {
        End::Fails => Err("failed"),
        End::Panics => panic!("panicked"),
        End::Fine | End::Never => Ok(()),
    }
}

/// Does one thing at its time. Runs beside the lifecycle, as the outside world does.
async fn play(life: Lifecycle, watch: Watch, calls: Arc<AtomicUsize>, act: Act) {
    let inner = life.clone();
    match act {
        Act::Task { essential, work } => {
            sleep(work.at).await;
            let future = async move { carry_out(&inner, work).await };
            drop(match essential {
                true => life.spawn_essential("essential", future),
                false => life.spawn("ordinary", future),
            });
        }
        Act::Guard { work, labelled } => hold_guard(&life, &watch, &work, labelled).await,
        Act::Connection(work) => {
            sleep(work.at).await;
            let future = async move { carry_out(&inner, work).await };
            drop(life.group("connections").spawn(future));
        }
        Act::Hook {
            stage,
            work,
            timeout,
            parallel,
        } => {
            let work = Work {
                heeds_stop: false,
                ..work
            };
            let mut handle = life.hook(stage, "hook", async move || {
                calls.fetch_add(1, Ordering::SeqCst);
                carry_out(&inner, work).await
            });
            if let Some(timeout) = timeout {
                handle = handle.timeout(timeout);
            }
            if parallel {
                handle.parallel();
            }
        }
        Act::Child { contained, work } => run_child(&life, contained, work).await,
        Act::Stop { at, signal } => {
            sleep(at).await;
            match signal {
                true => life.stop(tf_shutdown::Reason::Signal {
                    signal: Signal::Term,
                    origin: None,
                }),
                false => life.stop("asked"),
            }
        }
        Act::Ready { at } => {
            sleep(at).await;
            life.ready();
        }
    }
}

async fn hold_guard(life: &Lifecycle, watch: &Watch, work: &Work, labelled: bool) {
    sleep(work.at).await;
    let was_closed = life.state() >= State::Closing;
    let Ok(mut guard) = life.group("http").guard() else {
        return;
    };
    if was_closed {
        watch.guards_after_close.fetch_add(1, Ordering::SeqCst);
    }
    if labelled {
        guard.label("request");
    }
    sleep(work.lasts).await;
}

async fn run_child(life: &Lifecycle, contained: bool, work: Work) {
    sleep(work.at).await;
    let mut child = life.child("child");
    if contained {
        child = child.contained();
    }
    let of_child = child.clone();
    let future = async move { carry_out(&of_child, work).await };
    drop(child.spawn_essential("of a child", future));
}

struct Outcome {
    report: Report,
    states: Vec<State>,
    hooks: Vec<usize>,
    guards_after_close: usize,
}

async fn perform(total: Duration, pre_stop: Duration, acts: Vec<Act>) -> Outcome {
    let options = Options::for_tests().total(total).pre_stop(pre_stop);
    let life = Lifecycle::new(options.budget());
    let watch = Watch::default();
    for state in [
        State::LameDuck,
        State::Intake,
        State::Draining,
        State::Closing,
        State::Flushing,
    ] {
        let (reached, token) = (life.reached(state), life.token());
        let states = Arc::clone(&watch.states);
        tokio::spawn(async move {
            reached.await;
            states
                .lock()
                .expect("nobody panics with it")
                .push(token.state());
        });
    }
    let mut calls = Vec::new();
    for act in acts {
        let called = Arc::new(AtomicUsize::new(0));
        let is_hook = matches!(act, Act::Hook { .. });
        let act = play(life.clone(), watch.clone(), Arc::clone(&called), act);
        match is_hook {
            true => {
                calls.push(called);
                act.await;
            }
            false => drop(tokio::spawn(act)),
        }
    }
    sleep(Duration::from_secs(16)).await;
    let report = life.shutdown().await;
    // Whoever is late may still try.
    sleep(Duration::from_secs(40)).await;
    let states = watch.states.lock().expect("nobody panics with it").clone();
    Outcome {
        report,
        states,
        hooks: calls
            .iter()
            .map(|calls| calls.load(Ordering::SeqCst))
            .collect(),
        guards_after_close: watch.guards_after_close.load(Ordering::SeqCst),
    }
}

/// The table of exit codes, read off the report's parts.
fn expected_code(report: &Report) -> u8 {
    let hooks = || report.hooks().iter().map(HookReport::outcome);
    let children = || report.children().iter().map(Report::exit_code);
    let reasons = || report.reason().into_iter().chain(report.also());
    let is_late = !report.stragglers().is_empty()
        || hooks().any(|outcome| *outcome == HookOutcome::Late)
        || children().any(|code| code == 124);
    let kinds: Vec<_> = reasons().map(tf_shutdown::Reason::kind).collect();
    let has_failed = kinds.contains(&"task_failed")
        || hooks()
            .any(|outcome| matches!(outcome, HookOutcome::Failed(_) | HookOutcome::Panicked(_)));
    match (is_late, kinds.contains(&"task_panicked"), has_failed) {
        (true, _, _) => 124,
        (false, true, _) => 101,
        (false, false, true) => 1,
        (false, false, false) => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_schedule_ends_in_time_in_order_and_with_the_right_code(
        total in 1_u64..20_000,
        pre_stop in 0_u64..4_000,
        acts in vec(act(), 0..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let total = Duration::from_millis(total);
        let outcome = runtime.block_on(perform(total, Duration::from_millis(pre_stop), acts));
        let report = &outcome.report;

        prop_assert!(report.total() <= total + Duration::from_millis(500), "{report}");
        let stages: Vec<_> = report.stages().iter().map(|(state, _)| *state).collect();
        prop_assert!(stages.is_sorted_by(|a, b| a < b), "{report}");
        let is_complete = stages.ends_with(&[State::Intake, State::Draining, State::Closing, State::Flushing]);
        prop_assert!(is_complete, "{report}");
        prop_assert!(outcome.states.is_sorted(), "{:?}", outcome.states);
        prop_assert!(outcome.hooks.iter().all(|calls| *calls <= 1), "{:?}", outcome.hooks);
        prop_assert_eq!(report.hooks().len(), outcome.hooks.len());
        prop_assert_eq!(outcome.guards_after_close, 0);
        prop_assert_eq!(report.exit_code(), expected_code(report), "{}", report);
    }
}
