//! stdout has the result of a task that ended well, whole, and nothing else.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;
use tf_admin::{Completion, Interrupt, Interrupts, Io, Outcome, Registry, Task};

use crate::support::{env, last, registry, run};

#[derive(Serialize)]
struct Summary {
    rows: u32,
    names: Vec<&'static str>,
}

fn tasks() -> Registry {
    registry([
        Task::new("good", "Do it").run(|cx, _| async move {
            cx.output(&Summary {
                rows: 2,
                names: vec!["a", "b"],
            })?;
            Ok(())
        }),
        Task::new("own-text", "Do it").run(|cx, _| async move {
            cx.output_as(&[1, 2], "one and two")?;
            Ok(())
        }),
        Task::new("own-code", "Do it")
            .code(7, "some_left")
            .run(|cx, _| async move {
                cx.output("some")?;
                Ok(Completion::Code(7))
            }),
        Task::new("bad", "Do it").run(|cx, _| async move {
            cx.output("half")?;
            Err::<(), _>("row 7 is odd".into())
        }),
        Task::new("twice", "Do it").run(|cx, _| async move {
            cx.output("one")?;
            cx.output("two")?;
            Ok(())
        }),
        Task::new("none", "Do it").run(|_, _| async { Ok(()) }),
    ])
}

#[tokio::test]
async fn a_result_is_text_or_one_document() {
    let registry = tasks();
    assert_eq!(
        run(&registry, "good").await.stdout(),
        "rows: 2\nnames:\n  a\n  b\n"
    );
    let json = run(&registry, "good --format json").await;
    assert_eq!(json.stdout(), "{\"rows\":2,\"names\":[\"a\",\"b\"]}\n");
    assert_eq!(run(&registry, "own-text").await.stdout(), "one and two\n");
    assert_eq!(
        run(&registry, "own-text --format json").await.stdout(),
        "[1,2]\n"
    );
    assert_eq!(run(&registry, "none --format json").await.stdout(), "");
}

#[tokio::test]
async fn a_task_that_fails_writes_no_result() {
    let registry = tasks();
    let report = run(&registry, "bad").await;
    assert_eq!((report.code(), report.stdout()), (1, ""));
    let report = run(&registry, "own-code").await;
    assert_eq!((report.code(), report.stdout()), (7, "some\n"));
    let report = run(&registry, "twice").await;
    assert_eq!((report.code(), report.stdout()), (1, ""));
    assert!(report.stderr().contains("already"), "{report:?}");
}

struct Failing(ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_went_away_has_a_code_of_its_own() {
    for (kind, outcome, code) in [
        (ErrorKind::BrokenPipe, Outcome::ClosedPipe, 141),
        (ErrorKind::StorageFull, Outcome::Failed, 1),
    ] {
        for words in [&["good"][..], &["list"], &["help", "good"]] {
            let io = Io::captured().stdout(Failing(kind));
            let report = tasks().run(words, env(&[]), io).await;
            assert_eq!(
                (report.outcome(), report.code()),
                (outcome, code),
                "{words:?}"
            );
            assert!(report.stderr().starts_with("error: "), "{report:?}");
        }
        let io = Io::captured().stdout(Failing(kind));
        let report = tasks().run(["good"], env(&[]), io).await;
        assert_eq!(last(&report).end.as_ref().unwrap().code, code);
        let io = Io::captured().stdout(Failing(kind));
        assert_eq!(tasks().run(["none"], env(&[]), io).await.code(), 0);
    }
}

#[tokio::test]
async fn a_stderr_that_went_away_changes_nothing() {
    let io = Io::captured().stderr(Failing(ErrorKind::BrokenPipe));
    let report = tasks().run(["good"], env(&[]), io).await;
    assert_eq!((report.code(), report.stdout().is_empty()), (0, false));
    let io = Io::captured().stderr(Failing(ErrorKind::BrokenPipe));
    assert_eq!(tasks().run(["bad"], env(&[]), io).await.code(), 1);
}

/// A reader that does not read.
struct Stalled {
    began: std::sync::mpsc::Sender<()>,
    gate: std::sync::mpsc::Receiver<()>,
}

impl Write for Stalled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.began.send(());
        let _ = self.gate.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_stalls_does_not_hold_a_signal_up() {
    let (began, has_begun) = std::sync::mpsc::channel();
    let (release, gate) = std::sync::mpsc::channel();
    let (interrupter, interrupts) = Interrupts::channel();
    let signal = std::thread::spawn(move || {
        has_begun.recv().unwrap();
        interrupter.send(Interrupt::Term);
    });
    let io = Io::captured()
        .stdout(Stalled { began, gate })
        .interrupts(interrupts);
    let report = tasks().run(["good"], env(&[]), io).await;
    signal.join().unwrap();
    assert_eq!(
        (report.outcome(), report.code()),
        (Outcome::Interrupted, 143)
    );
    assert!(report.left_behind());
    drop(release);
}
