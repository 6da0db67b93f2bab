//! Whatever the command line, the surroundings and the terminal: a code of the table, a message, a whole result.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use tf_admin::{
    Completion, Danger, DryRun, Env, ExitWith, Io, Registry, Report, SecretArg, SetupError, Task,
};
use tokio::runtime::{Builder, Runtime};

use crate::support::{TestLock, actions};

const MARKER: &str = "s3cr3t-marker-0123456789";

#[derive(clap::Args)]
struct Some {
    #[arg(long)]
    key: Option<SecretArg>,
    #[arg(long, default_value_t = 3)]
    count: u8,
    words: Vec<String>,
}

fn registry(busy: bool) -> Registry<String> {
    let lock = if busy {
        TestLock::held_by("anna")
    } else {
        TestLock::default()
    };
    let task = |name: &str| Task::new(name, "Do it").args::<Some>().code(7, "some_left");
    Registry::builder("shop")
        .lock(lock)
        .with_state(|setup| async move {
            let url = setup.env().var("DATABASE_URL").map(str::to_owned);
            let url = url.ok_or_else(|| SetupError::config("`DATABASE_URL` is not set"))?;
            setup.mask(&url);
            Ok(url)
        })
        .add(
            task("good")
                .dry_run(DryRun::Supported)
                .run(|cx, args| async move {
                    cx.effect("do", || async { Ok::<_, std::io::Error>(()) })
                        .await?;
                    cx.output(&args.words)?;
                    Ok(())
                }),
        )
        .add(
            task("bad")
                .danger(Danger::Destructive)
                .run(|cx, args| async move {
                    let key = args.key.map(|key| key.expose_secret().to_owned());
                    match args.count {
                        0 => Err(format!("key {key:?} and {}", cx.state()).into()),
                        1 => panic!("key {key:?} and {}", cx.state()),
                        2 => Err(ExitWith::new(i32::from(args.count), "odd").into()),
                        7 => Ok(Completion::Code(7)),
                        _ => Ok(Completion::Done),
                    }
                }),
        )
        .build()
        .expect("the declaration is right")
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("the declaration is right")
});

fn check(report: &Report) -> Result<(), TestCaseError> {
    let table = [0, 1, 2, 7, 69, 70, 75, 76, 77, 78, 124, 130, 141, 143];
    prop_assert!(table.contains(&report.code()), "{}", report.code());
    let is_skipped = report.stderr().contains("skipped: ");
    prop_assert!(report.code() == 0 || !report.stderr().is_empty());
    if report.code() != 0 && report.code() != 7 || is_skipped {
        prop_assert_eq!(report.stdout(), "");
    }
    prop_assert!(report.stdout().is_empty() || report.stdout().ends_with('\n'));
    let actions = actions(report);
    prop_assert!(
        actions.is_empty()
            || actions == ["admin.refused"]
            || actions == ["admin.started", "admin.finished"],
        "{actions:?}"
    );
    let events = report.events().iter();
    let events: String = events
        .map(|event| serde_json::to_string(event).expect("events are JSON"))
        .collect();
    let all = format!("{}{}{events}{report:?}", report.stdout(), report.stderr());
    prop_assert!(!all.contains(MARKER), "{all}");
    let has_escape = report.stderr().contains('\u{1b}');
    prop_assert!(!has_escape);
    Ok(())
}

fn word() -> impl Strategy<Value = OsString> {
    let known = prop::sample::select(vec![
        "good",
        "bad",
        "list",
        "help",
        "completions",
        "bash",
        "--dry-run",
        "--timeout",
        "--wait",
        "--skip-if-locked",
        "--confirm",
        "--reason",
        "--actor",
        "--expect-release",
        "--format",
        "json",
        "text",
        "--key-env",
        "KEY",
        "--key-file",
        "--key-stdin",
        "--key",
        "--count",
        "0",
        "1",
        "2",
        "7",
        "1s",
        "--",
        "-",
        "",
        "--help",
        "-h",
        "--version",
        "--count=1",
        "--confirm=bad",
        "--reason=x",
        "/nowhere",
        "/dev/null",
        "tidy\nup",
        "\u{1b}[2J",
        "ä",
    ]);
    prop_oneof![
        8 => known.prop_map(OsString::from),
        1 => "\\PC{0,8}".prop_map(OsString::from),
        1 => vec(any::<u8>().prop_filter("no word has a zero", |byte| *byte != 0), 0..6)
            .prop_map(OsString::from_vec),
    ]
}

fn surroundings() -> impl Strategy<Value = Env> {
    let protect = prop::option::of(prop::sample::select(vec!["on", "off", "", "maybe"]));
    (
        any::<bool>(),
        any::<bool>(),
        protect,
        prop::option::of("\\PC{0,6}"),
    )
        .prop_map(|(has_url, has_key, protect, actor)| {
            let mut vars = Vec::new();
            if has_url {
                vars.push(("DATABASE_URL", MARKER.to_owned()));
            }
            if has_key {
                vars.push(("KEY", MARKER.to_owned()));
            }
            vars.extend(protect.map(|word| ("ADMIN_PROTECT", word.to_owned())));
            vars.extend(actor.map(|actor| ("ADMIN_ACTOR", actor)));
            Env::from_vars(vars)
        })
}

fn streams() -> impl Strategy<Value = (bool, String)> {
    let typed = prop_oneof![
        Just("bad\n".to_owned()),
        Just(MARKER.to_owned()),
        "\\PC{0,6}"
    ];
    (any::<bool>(), typed)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_command_line_ends_with_a_code_of_the_table(
        words in vec(word(), 0..8),
        env in surroundings(),
        (terminal, typed) in streams(),
        busy in any::<bool>(),
    ) {
        let io = Io::captured().terminal(terminal).stdin(typed);
        let report = RUNTIME.block_on(registry(busy).run(words, env, io));
        check(&report)?;
    }

    #[test]
    fn every_command_line_of_a_task_ends_with_a_code_of_the_table(
        task in prop::sample::select(vec!["good", "bad"]),
        words in vec(word(), 0..6),
        env in surroundings(),
        (terminal, typed) in streams(),
        busy in any::<bool>(),
    ) {
        let io = Io::captured().terminal(terminal).stdin(typed);
        let words = std::iter::once(OsString::from(task)).chain(words);
        let report = RUNTIME.block_on(registry(busy).run(words, env, io));
        check(&report)?;
    }
}
