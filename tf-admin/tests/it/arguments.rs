//! Command lines: what is taken, what is refused, and how politely.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use tf_admin::{Danger, DryRun, Io, Outcome, Registry, Task};

use crate::support::{actions, env, registry, run};

#[derive(clap::Args)]
struct Hello {
    /// Whom to greet.
    #[arg(long, default_value = "world")]
    name: String,
    #[arg(long, default_value_t = 1)]
    times: u8,
}

#[derive(clap::Args)]
struct Import {
    files: Vec<PathBuf>,
}

fn tasks() -> Registry {
    registry([
        Task::new("hello", "Greet")
            .args::<Hello>()
            .danger(Danger::ReadOnly)
            .run(|cx, args| async move {
                cx.output(&vec![args.name; usize::from(args.times)])?;
                Ok(())
            }),
        Task::new("import", "Read files")
            .args::<Import>()
            .dry_run(DryRun::Supported)
            .run(|cx, args| async move {
                let sizes: Vec<usize> = args
                    .files
                    .iter()
                    .map(|file| file.as_os_str().len())
                    .collect();
                cx.output(&sizes)?;
                Ok(())
            }),
    ])
}

#[tokio::test]
async fn arguments_are_typed() {
    let report = run(&tasks(), "hello --name anna --times 2").await;
    assert_eq!(report.stdout(), "anna\nanna\n");
    let report = run(&tasks(), "hello --times 256").await;
    assert_eq!((report.outcome(), report.code()), (Outcome::Usage, 2));
    assert!(report.stderr().contains("--times"), "{report:?}");
    assert_eq!(report.stdout(), "");
}

#[tokio::test]
async fn wrong_words_open_nothing_and_say_what_is_wrong() {
    let registry = Registry::builder("shop").with_state(|_| async {
        panic!("a wrong command line needs no state");
        #[expect(unreachable_code, reason = "the setup needs a type")]
        Ok(())
    });
    let registry = registry
        .add(
            Task::new("hello", "Greet")
                .args::<Hello>()
                .run(|cx, args| async move {
                    drop((cx, args));
                    Ok(())
                }),
        )
        .build()
        .unwrap();
    for words in [
        vec![],
        vec![""],
        vec!["helo"],
        vec!["--dry-run"],
        vec!["hello", "--nmae", "x"],
        vec!["hello", "extra"],
        vec!["hello", "--dry-run"],
        vec!["hello", "--timeout", "soon"],
        vec!["hello", "--wait", "1s", "--skip-if-locked"],
        vec!["hello", "--format", "xml"],
        vec!["hello", "--actor", " "],
        vec!["hello", "--expect-release", "v2"],
        vec!["list", "--format", "xml"],
        vec!["help", "helo"],
        vec!["completions"],
        vec!["completions", "tcsh"],
    ] {
        let report = registry.run(&words, env(&[]), Io::captured()).await;
        assert_eq!(
            (report.outcome(), report.code()),
            (Outcome::Usage, 2),
            "{words:?}"
        );
        assert_eq!(report.stdout(), "", "{words:?}");
        assert!(
            report.stderr().starts_with("error: "),
            "{words:?}: {}",
            report.stderr()
        );
    }
}

#[tokio::test]
async fn a_refused_run_of_a_known_task_is_recorded_as_one() {
    let report = run(&tasks(), "hello --times 256").await;
    assert_eq!(actions(&report), ["admin.refused"]);
    assert!(run(&tasks(), "helo").await.events().is_empty());
}

#[tokio::test]
async fn an_unknown_task_is_told_the_nearest_name() {
    for (typed, near) in [
        ("helo", "hello"),
        ("HELLO", "hello"),
        ("imporrt", "import"),
        ("lst", "list"),
    ] {
        let report = run(&tasks(), typed).await;
        assert!(
            report.stderr().contains(&format!("did you mean `{near}`")),
            "{report:?}"
        );
    }
    let report = run(&tasks(), "something-else").await;
    assert!(!report.stderr().contains("did you mean"), "{report:?}");
}

#[tokio::test]
async fn two_dashes_end_the_options() {
    let report = run(&tasks(), "import --dry-run -- --dry-run -x --").await;
    assert_eq!(report.stdout(), "9\n2\n2\n");
    assert_eq!(report.outcome(), Outcome::DryRun);
}

#[tokio::test]
async fn text_that_is_not_utf8_is_taken_for_paths_and_refused_elsewhere() {
    let odd = OsString::from_vec(b"a\xffb".to_vec());
    let words = ["import".into(), odd.clone()];
    let report = tasks().run(words, env(&[]), Io::captured()).await;
    assert_eq!(report.stdout(), format!("{}\n", odd.as_bytes().len()));
    let refused = [
        vec!["hello".into(), "--name".into(), odd.clone()],
        vec!["hello".into(), "--reason".into(), odd.clone()],
        vec![odd],
    ];
    for words in refused {
        let report = tasks().run(words, env(&[]), Io::captured()).await;
        assert_eq!(report.code(), 2);
        assert!(report.stderr().contains("UTF-8"), "{report:?}");
    }
}

#[tokio::test]
async fn a_dry_run_is_refused_where_none_is_supported() {
    let report = run(&tasks(), "hello --dry-run").await;
    assert_eq!(report.code(), 2);
    assert!(report.stderr().contains("no dry run"), "{report:?}");
}

#[tokio::test]
async fn the_release_must_be_the_expected_one() {
    let run_with = async |vars: &[(&str, &str)]| {
        let words = ["hello", "--expect-release", "v7"];
        tasks().run(words, env(vars), Io::captured()).await.code()
    };
    assert_eq!(run_with(&[("RELEASE_ID", "v7")]).await, 0);
    assert_eq!(run_with(&[("RELEASE_ID", "v8")]).await, 2);
    assert_eq!(run_with(&[]).await, 2);
}

#[tokio::test]
async fn what_steers_a_terminal_is_not_echoed() {
    for words in [
        ["\u{1b}[2Jx", ""],
        ["hello", "\u{1b}[2Jx"],
        ["hello", "--times=\u{1b}]0;x\u{7}"],
    ] {
        let report = tasks().run(words, env(&[]), Io::captured()).await;
        assert!(!report.stderr().contains('\u{1b}'), "{:?}", report.stderr());
        assert_eq!(report.code(), 2);
    }
}
