//! Signals, deadlines and grace, on a paused clock.

use std::future::pending;
use std::time::Duration;

use tf_admin::{Danger, Env, Interrupt, Io, Outcome, Registry, Report, StopReason, Task};
use tokio::time::{Instant, sleep};

use crate::support::{actions, interruptible, last, registry, run};

const SECOND: Duration = Duration::from_secs(1);

fn tasks() -> Registry {
    let task = |name: &str| Task::new(name, "Do it").danger(Danger::ReadOnly);
    registry([
        task("polite").run(|cx, _| async move {
            loop {
                cx.checkpoint()?;
                sleep(SECOND).await;
            }
            #[expect(unreachable_code, reason = "the task needs a type")]
            Ok(())
        }),
        task("wrapping").run(|cx, _| async move {
            cx.cancelled().await;
            let stopped = cx.checkpoint().expect_err("the task is to stop");
            Err::<(), _>(std::io::Error::other(stopped).into())
        }),
        task("finishing").run(|cx, _| async move {
            cx.cancelled().await;
            sleep(SECOND).await;
            cx.output("all of it")?;
            Ok(())
        }),
        task("swallowing").run(|cx, _| async move {
            cx.cancelled().await;
            let _ = cx.checkpoint();
            cx.output("a half")?;
            Ok(())
        }),
        task("failing").run(|cx, _| async move {
            cx.cancelled().await;
            Err::<(), _>("row 7 is odd".into())
        }),
        task("deaf").run(|cx, _| async move {
            cx.note("here");
            pending::<()>().await;
            Ok(())
        }),
        task("reason").run(|cx, _| async move {
            let reason = cx.cancelled().await;
            assert!(cx.is_cancelled());
            assert_eq!(
                cx.checkpoint().expect_err("the task is to stop").reason(),
                reason
            );
            assert_eq!(reason, StopReason::Interrupted(Interrupt::Term));
            Ok(cx.checkpoint()?)
        }),
    ])
}

/// Runs a task and interrupts it at these times.
async fn interrupt(task: &str, signals: &[(Duration, Interrupt)]) -> Report {
    let (interrupter, io) = interruptible();
    let signals = signals.to_vec();
    let start = Instant::now();
    let sender = tokio::spawn(async move {
        for (at, signal) in signals {
            tokio::time::sleep_until(start + at).await;
            interrupter.send(signal);
        }
    });
    let report = tasks().run([task], Env::default(), io).await;
    sender.abort();
    assert!(
        actions(&report) == ["admin.started", "admin.finished"],
        "{report:?}"
    );
    assert!(
        last(&report)
            .end
            .as_ref()
            .expect("the run has ended")
            .signalled
    );
    report
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_task_is_never_done() {
    for (signal, code) in [(Interrupt::Int, 130), (Interrupt::Term, 143)] {
        for task in ["polite", "wrapping", "swallowing"] {
            let report = interrupt(task, &[(SECOND, signal)]).await;
            assert_eq!(
                (report.outcome(), report.code()),
                (Outcome::Interrupted, code),
                "{task}"
            );
            assert!(report.stderr().contains(&signal.to_string()), "{report:?}");
            assert_eq!(report.stdout(), "");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_finishes_within_the_grace_time_is_done() {
    let report = interrupt("finishing", &[(SECOND, Interrupt::Term)]).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Done, 0));
    assert_eq!(report.stdout(), "all of it\n");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_by_itself_has_failed() {
    let report = interrupt("failing", &[(SECOND, Interrupt::Term)]).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Failed, 1));
}

#[tokio::test(start_paused = true)]
async fn a_task_learns_why_it_is_to_stop() {
    let report = interrupt("reason", &[(SECOND, Interrupt::Term)]).await;
    assert_eq!(report.code(), 143);
}

#[tokio::test(start_paused = true)]
async fn a_deaf_task_is_given_up_after_the_grace_time() {
    let start = Instant::now();
    let report = interrupt("deaf", &[(SECOND, Interrupt::Term)]).await;
    assert_eq!(
        (report.outcome(), report.code()),
        (Outcome::Interrupted, 143)
    );
    assert_eq!(start.elapsed(), SECOND + Duration::from_secs(10));
    assert!(!report.left_behind(), "it was dropped where it waited");
}

#[tokio::test(start_paused = true)]
async fn only_a_second_sigint_that_comes_later_forces() {
    let (int, term) = (Interrupt::Int, Interrupt::Term);
    let ms = Duration::from_millis;
    let grace = SECOND * 10;
    for (signals, code, end) in [
        (vec![(ms(0), int), (ms(499), int)], 130, grace),
        (vec![(ms(0), int), (ms(500), int)], 130, ms(500)),
        (
            vec![(ms(0), int), (ms(100), int), (ms(700), int)],
            130,
            ms(700),
        ),
        (
            vec![(ms(0), term), (ms(900), term), (ms(1800), term)],
            143,
            grace,
        ),
        (vec![(ms(0), term), (ms(900), int)], 143, grace),
        (
            vec![(ms(0), term), (ms(900), int), (ms(1500), int)],
            130,
            ms(1500),
        ),
        (vec![(ms(0), int), (ms(900), term)], 130, grace),
    ] {
        let start = Instant::now();
        let report = interrupt("deaf", &signals).await;
        assert_eq!(
            (report.outcome(), report.code()),
            (Outcome::Interrupted, code),
            "{signals:?}"
        );
        assert_eq!(start.elapsed(), end, "{signals:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passed_is_told_whatever_the_task_does_then() {
    for task in [
        "polite",
        "wrapping",
        "finishing",
        "swallowing",
        "failing",
        "deaf",
    ] {
        let report = run(&tasks(), &format!("{task} --timeout 5s")).await;
        assert_eq!(
            (report.outcome(), report.code()),
            (Outcome::Timeout, 124),
            "{task}"
        );
        assert!(report.stderr().contains("deadline"), "{report:?}");
        assert_eq!(report.stdout(), "", "{task}");
        assert!(!last(&report).end.as_ref().unwrap().signalled);
    }
}

#[tokio::test(start_paused = true)]
async fn the_command_line_overrides_the_deadline_of_the_task() {
    let task = Task::new("t", "Do it").timeout(SECOND).run(|_, _| async {
        sleep(SECOND * 100).await;
        Ok(())
    });
    let registry = registry([task]);
    assert_eq!(run(&registry, "t").await.code(), 124);
    assert_eq!(run(&registry, "t --timeout 99").await.code(), 124);
    assert_eq!(run(&registry, "t --timeout 2m").await.code(), 0);
    assert_eq!(run(&registry, "t --timeout 0").await.code(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_setup_that_hangs_ends_at_the_deadline_or_by_a_signal() {
    let registry = Registry::builder("shop")
        .with_state(|_| async {
            pending::<()>().await;
            Ok(())
        })
        .add(
            Task::new("t", "Do it")
                .timeout(SECOND)
                .run(|_, _| async { Ok(()) }),
        )
        .build()
        .unwrap();
    let report = registry.run(["t"], Env::default(), Io::captured()).await;
    assert_eq!((report.code(), report.left_behind()), (124, false));
    assert_eq!(actions(&report), ["admin.refused"]);
    let (interrupter, io) = interruptible();
    interrupter.send(Interrupt::Int);
    let report = registry.run(["t"], Env::default(), io).await;
    assert_eq!(
        (report.outcome(), report.code()),
        (Outcome::Interrupted, 130)
    );
}

#[tokio::test]
async fn a_thread_that_never_looks_is_left_behind() {
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let (running, is_running) = std::sync::mpsc::channel();
    let deaf = Task::new("deaf", "Wait").run_blocking(move |_, _| {
        running.send(())?;
        let _ = gate.lock().unwrap().recv();
        Ok(())
    });
    let registry = Registry::builder("shop")
        .grace(Duration::ZERO)
        .add(deaf)
        .build()
        .unwrap();
    let (interrupter, io) = interruptible();
    let signal = std::thread::spawn(move || {
        is_running.recv().unwrap();
        interrupter.send(Interrupt::Term);
    });
    let report = registry.run(["deaf"], Env::default(), io).await;
    signal.join().unwrap();
    assert_eq!((report.code(), report.left_behind()), (143, true));
    assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
    drop(release);
}

#[tokio::test]
async fn a_blocking_task_sees_the_same_checkpoints() {
    let (running, is_running) = std::sync::mpsc::channel();
    let task = Task::new("t", "Count").run_blocking(move |cx, _| {
        let mut running = Some(running.clone());
        loop {
            cx.checkpoint()?;
            if let Some(running) = running.take() {
                running.send(())?;
            }
            std::thread::yield_now();
        }
        #[expect(unreachable_code, reason = "the task needs a type")]
        Ok(())
    });
    let registry = registry([task]);
    let (interrupter, io) = interruptible();
    let signal = std::thread::spawn(move || {
        is_running.recv().unwrap();
        interrupter.send(Interrupt::Int);
    });
    let report = registry.run(["t"], Env::default(), io).await;
    signal.join().unwrap();
    assert_eq!((report.code(), report.left_behind()), (130, false));
}
