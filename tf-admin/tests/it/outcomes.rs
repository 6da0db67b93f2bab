//! Each way to end has its code, its message and its place in the audit.

use std::fmt;
use std::io;

use tf_admin::{
    Completion, Danger, Env, ExitWith, Io, Outcome, Registry, Report, SetupError, Task, TaskError,
};

use crate::support::{actions, last, registry, run};

fn ending(end: fn() -> Result<Completion, TaskError>) -> Registry {
    let ends = move || end();
    registry([
        Task::new("end", "End somehow")
            .code(7, "some_left")
            .run(move |_, _| async move { ends() }),
        Task::new("end-blocking", "End somehow")
            .code(7, "some_left")
            .run_blocking(move |_, _| ends()),
    ])
}

/// The report of a task that ends so, which is the same on a thread of its own.
async fn report(end: fn() -> Result<Completion, TaskError>) -> Report {
    let registry = ending(end);
    let blocking = run(&registry, "end-blocking").await;
    let report = run(&registry, "end").await;
    assert_eq!(
        (blocking.outcome(), blocking.code()),
        (report.outcome(), report.code())
    );
    assert_eq!(blocking.error(), report.error());
    report
}

#[tokio::test]
async fn good_ends_have_code_0() {
    for (end, outcome) in [
        (Completion::Done, Outcome::Done),
        (Completion::NothingToDo, Outcome::NothingToDo),
        (Completion::AlreadyDone, Outcome::AlreadyDone),
    ] {
        let registry = registry([Task::new("end", "End").run(move |_, _| async move { Ok(end) })]);
        let report = run(&registry, "end").await;
        assert_eq!((report.outcome(), report.code()), (outcome, 0));
        assert_eq!(last(&report).end.as_ref().unwrap().outcome, outcome);
        assert_eq!((report.stderr(), report.error()), ("", None));
    }
}

#[tokio::test]
async fn an_error_is_told_with_its_causes_once_each() {
    #[derive(Debug)]
    struct Outer(io::Error);
    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the import failed")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let report = report(|| Err(Outer(io::Error::other("row 7 is odd")).into())).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Failed, 1));
    assert_eq!(report.stderr(), "error: the import failed: row 7 is odd\n");
    assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
}

#[tokio::test]
async fn a_declared_code_is_the_exit_code() {
    for end in [
        (|| Ok(Completion::Code(7))) as fn() -> Result<Completion, TaskError>,
        || Err(ExitWith::new(7, "three rows are left").into()),
        || Err(io::Error::other(ExitWith::new(7, "three rows are left")).into()),
    ] {
        let report = report(end).await;
        assert_eq!((report.outcome(), report.code()), (Outcome::Failed, 7));
        assert!(report.stderr().contains("some_left"), "{report:?}");
        let end = last(&report).end.as_ref().unwrap();
        assert_eq!(end.code_name.as_deref(), Some("some_left"));
    }
}

#[tokio::test]
async fn a_code_that_is_not_declared_is_a_bug_and_never_truncated() {
    for end in [
        (|| Ok(Completion::Code(8))) as fn() -> Result<Completion, TaskError>,
        || Ok(Completion::Code(0)),
        || Ok(Completion::Code(256 + 7)),
        || Ok(Completion::Code(-249)),
        || Err(ExitWith::new(256, "all fine").into()),
    ] {
        let report = report(end).await;
        assert_eq!((report.outcome(), report.code()), (Outcome::Panic, 70));
        assert!(report.stderr().contains("does not declare"), "{report:?}");
    }
}

#[tokio::test]
async fn a_panic_is_caught_and_its_text_recorded() {
    for end in [
        (|| panic!("index {} is odd", 7)) as fn() -> Result<Completion, TaskError>,
        || std::panic::panic_any(7),
    ] {
        let report = report(end).await;
        assert_eq!((report.outcome(), report.code()), (Outcome::Panic, 70));
        assert_eq!(actions(&report), ["admin.started", "admin.finished"]);
        assert!(
            report.stderr().starts_with("error: panic in the task: "),
            "{report:?}"
        );
        assert!(!report.left_behind());
    }
    let report = report(|| panic!("index {} is odd", 7)).await;
    assert!(report.error().unwrap().contains("index 7 is odd"));
}

#[tokio::test]
async fn a_setup_says_with_which_code_it_fails() {
    for (code, outcome, expected) in [
        (1, Outcome::Failed, 1),
        (65, Outcome::Failed, 65),
        (69, Outcome::Unavailable, 69),
        (77, Outcome::Refused, 77),
        (78, Outcome::Config, 78),
        (0, Outcome::Panic, 70),
        (200, Outcome::Panic, 70),
    ] {
        let task = Task::new("t", "Do it").danger(Danger::ReadOnly);
        let registry = Registry::builder("shop")
            .with_state(move |_| async move { Err::<u8, _>(SetupError::new(code, "it is so")) })
            .add(task.run(|_, _| async { Ok(()) }))
            .build()
            .unwrap();
        let report = registry.run(["t"], Env::default(), Io::captured()).await;
        assert_eq!((report.outcome(), report.code()), (outcome, expected));
        assert_eq!(report.stderr(), "error: it is so\n");
        assert_eq!(actions(&report), ["admin.refused"]);
    }
}

#[tokio::test]
async fn a_setup_that_panics_is_a_bug() {
    let registry = Registry::builder("shop")
        .with_state(|setup| async move {
            assert!(setup.env().var("X").is_some(), "no X");
            Ok(())
        })
        .add(Task::new("t", "Do it").run(|_, _| async { Ok(()) }))
        .build()
        .unwrap();
    let report = registry.run(["t"], Env::default(), Io::captured()).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Panic, 70));
    assert!(report.error().unwrap().contains("no X"), "{report:?}");
}

#[tokio::test]
async fn the_state_is_made_from_the_surroundings_and_reaches_the_task() {
    let registry = Registry::builder("shop")
        .with_state(|setup| async move {
            setup.config_fingerprint("00ff");
            let name = setup.env().var("NAME").map(str::to_owned);
            name.ok_or_else(|| SetupError::config("`NAME` is not set"))
        })
        .add(Task::new("t", "Do it").run(|cx, _| async move { Ok(cx.output(cx.state())?) }))
        .build()
        .unwrap();
    let env = Env::from_vars([("NAME", "anna")]);
    let report = registry.run(["t"], env, Io::captured()).await;
    assert_eq!(report.stdout(), "anna\n");
    assert_eq!(
        last(&report).run.config_fingerprint.as_deref(),
        Some("00ff")
    );
}

#[tokio::test]
async fn a_thousand_runs_leave_no_trace_of_each_other() {
    let registry = registry([Task::new("t", "Do it").run(|cx, _| async move {
        cx.output(cx.run_id())?;
        Ok(())
    })]);
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        let report = run(&registry, "t --reason tidy").await;
        assert_eq!(report.stdout().trim_end(), report.run_id().unwrap());
        ids.insert(report.stdout().to_owned());
    }
    assert_eq!(ids.len(), 1000);
}
