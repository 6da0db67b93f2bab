//! Destructive tasks need a person's word.

use std::future::pending;

use tf_admin::{Danger, DryRun, Interrupt, Interrupts, Io, Outcome, Registry, Report, Task};

use crate::support::{actions, env, registry};

fn tasks() -> Registry {
    registry([
        Task::new("prune", "Delete")
            .danger(Danger::Destructive)
            .dry_run(DryRun::Supported)
            .run(|cx, _| async move {
                cx.effect("delete", || async { Ok::<_, std::io::Error>(()) })
                    .await?;
                Ok(())
            }),
        Task::new("ask", "Ask in the middle")
            .dry_run(DryRun::Supported)
            .run(|cx, _| async move {
                cx.confirm("three tables go").await?;
                Ok(())
            }),
    ])
}

async fn run(words: &str, vars: &[(&str, &str)], io: Io) -> Report {
    tasks().run(words.split_whitespace(), env(vars), io).await
}

fn terminal(typed: &str) -> Io {
    Io::captured().terminal(true).stdin(typed)
}

#[tokio::test]
async fn without_a_terminal_all_that_is_missing_is_told_at_once() {
    for (words, missing) in [
        ("prune", vec!["--confirm prune", "--reason"]),
        ("prune --reason tidy", vec!["--confirm prune"]),
        ("prune --confirm prune", vec!["--reason"]),
        ("prune --confirm sessions --reason tidy", vec!["--confirm"]),
    ] {
        let report = run(words, &[], Io::captured().stdin("prune\n")).await;
        assert_eq!(
            (report.outcome(), report.code()),
            (Outcome::Refused, 77),
            "{words}"
        );
        assert_eq!(actions(&report), ["admin.refused"]);
        assert!(report.effects().is_empty());
        for word in missing {
            assert!(
                report.stderr().contains(word),
                "{words}: {}",
                report.stderr()
            );
        }
    }
}

#[tokio::test]
async fn the_name_and_a_reason_confirm() {
    let report = run("prune --confirm prune --reason tidy", &[], Io::captured()).await;
    assert_eq!((report.code(), report.effects().len()), (0, 1));
}

#[tokio::test]
async fn on_a_terminal_the_name_is_typed_and_nothing_less_counts() {
    for typed in ["prune\n", "prune\r\n", "prune"] {
        let report = run("prune --reason tidy", &[], terminal(typed)).await;
        assert_eq!(report.code(), 0, "{typed:?}");
        assert!(report.stderr().contains("type the name"), "{report:?}");
    }
    for typed in [
        "",
        "\n",
        "y\n",
        "yes\n",
        "Prune\n",
        " prune\n",
        "prune!\n",
        "\u{fffd}\n",
    ] {
        let report = run("prune --reason tidy", &[], terminal(typed)).await;
        assert_eq!(
            (report.outcome(), report.code()),
            (Outcome::Refused, 77),
            "{typed:?}"
        );
        assert!(report.effects().is_empty());
    }
    let odd = Io::captured().terminal(true).stdin(*b"\xff\n");
    assert_eq!(run("prune --reason tidy", &[], odd).await.code(), 77);
    assert_eq!(
        run("prune", &[], terminal("prune\n")).await.code(),
        77,
        "there is no reason"
    );
}

#[tokio::test]
async fn the_protection_is_a_switch_of_its_own() {
    for word in ["off", "OFF", "false", "no", "0"] {
        assert_eq!(
            run("prune", &[("ADMIN_PROTECT", word)], Io::captured())
                .await
                .code(),
            0
        );
    }
    for word in ["on", "true", "yes", "1", ""] {
        assert_eq!(
            run("prune", &[("ADMIN_PROTECT", word)], Io::captured())
                .await
                .code(),
            77
        );
    }
    let report = run("prune", &[("ADMIN_PROTECT", "maybe")], Io::captured()).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Config, 78));
    assert!(report.stderr().contains("ADMIN_PROTECT"), "{report:?}");
}

#[tokio::test]
async fn a_dry_run_needs_no_word() {
    let report = run("prune --dry-run", &[], Io::captured()).await;
    assert_eq!((report.outcome(), report.code()), (Outcome::DryRun, 0));
    assert!(report.stderr().contains("would delete"), "{report:?}");
}

#[tokio::test]
async fn a_question_in_the_middle_has_the_same_rules() {
    let asked = async |words: &str, io: Io| run(words, &[], io).await.code();
    assert_eq!(asked("ask", terminal("ask\n")).await, 0);
    assert_eq!(asked("ask", terminal("yes\n")).await, 77);
    assert_eq!(asked("ask", Io::captured().stdin("ask\n")).await, 77);
    assert_eq!(asked("ask --confirm ask", Io::captured()).await, 0);
    assert_eq!(asked("ask --dry-run", Io::captured()).await, 0);
    assert_eq!(
        run("ask", &[("ADMIN_PROTECT", "off")], Io::captured())
            .await
            .code(),
        0
    );
}

#[tokio::test]
async fn a_signal_ends_the_question() {
    let registry = Registry::builder("shop")
        .with_state(|_| async {
            pending::<()>().await;
            Ok(())
        })
        .add(Task::new("t", "Do it").run(|_, _| async { Ok(()) }))
        .build()
        .unwrap();
    let (interrupter, interrupts) = Interrupts::channel();
    interrupter.send(Interrupt::Term);
    let io = Io::captured().interrupts(interrupts);
    let report = registry.run(["t"], env(&[]), io).await;
    assert_eq!(
        (report.code(), actions(&report)),
        (143, vec!["admin.refused"])
    );
}
