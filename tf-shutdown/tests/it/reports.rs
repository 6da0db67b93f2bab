//! Reports: exit codes, text, and JSON.

use std::process::Termination;

use tf_shutdown::{Lifecycle, Report, Stage};
use tokio::time::sleep;

use crate::support::{life, millis, secs, settle, sigterm};

/// Everything that can go wrong, one by one and together.
async fn report_of(late: bool, panics: bool, hook_fails: bool) -> Report {
    let life = life();
    if late {
        life.spawn("late", std::future::pending::<()>());
    }
    if hook_fails {
        life.hook(Stage::Resources, "fails", async || Err::<(), _>("no disk"));
    }
    if panics {
        life.spawn_essential("panics", async {
            sleep(secs(1)).await;
            if true {
                panic!("boom");
            }
        });
        life.token().stopping().await;
    }
    life.shutdown().await
}

#[tokio::test(start_paused = true)]
async fn the_worst_thing_gives_the_exit_code() {
    for late in [false, true] {
        for panics in [false, true] {
            for hook_fails in [false, true] {
                let report = report_of(late, panics, hook_fails).await;
                let expected = match (late, panics, hook_fails) {
                    (true, _, _) => 124,
                    (false, true, _) => 101,
                    (false, false, true) => 1,
                    (false, false, false) => 0,
                };
                assert_eq!(report.exit_code(), expected, "{report}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn main_may_return_a_report() {
    fn code(value: impl Termination) -> String {
        format!("{:?}", value.report())
    }
    let report = report_of(true, false, false).await;
    let expected = format!("{:?}", std::process::ExitCode::from(124));
    assert_eq!(code(report), expected);
}

async fn eventful() -> Report {
    let life: Lifecycle = life();
    life.spawn("stuck", std::future::pending::<()>());
    let _guard = life.group("http").guard().expect("it is open");
    let tenant = life.child("tenant");
    tenant.hook(Stage::Resources, "cache", async || {});
    life.hook(Stage::Resources, "pool", async || Err::<(), _>("no disk"));
    life.hook(Stage::Telemetry, "traces", async || {
        sleep(millis(250)).await;
    });
    life.spawn("fails", async { Err::<(), _>("bad row") });
    settle().await;
    life.stop(sigterm());
    life.stop("also this");
    life.finished().await
}

#[tokio::test(start_paused = true)]
async fn the_text_tells_all_that_is_worth_knowing() {
    let report = eventful().await;
    let text = report.to_string();
    for part in [
        "SIGTERM; exit code 124",
        "also: requested: also this",
        "draining 8.5 s",
        "flushing 250 ms",
        "hook `pool` (resources) failed in 0 ms: no disk",
        "hook `traces` (telemetry) done in 250 ms",
        "left: `stuck` in `tasks`, 8.0 s old, from ",
        file!(),
        "left: 1 without a name in `http`",
        "tasks: 1 failed, 0 panicked",
        "child `tenant`",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(text.lines().all(|line| line.trim_end() == line));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stop_is_two_lines() {
    let text = life().shutdown().await.to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with("stopped in 0 ms: requested: shutdown; exit code 0"));
}

#[cfg(feature = "serde")]
#[tokio::test(start_paused = true)]
async fn the_json_has_the_same_facts_in_whole_milliseconds() {
    let report = eventful().await;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["exit_code"], 124);
    assert_eq!(json["reason"]["kind"], "signal");
    assert_eq!(json["reason"]["detail"]["signal"], "SIGTERM");
    assert_eq!(json["also"][0]["detail"], "also this");
    let stages = json["stages"].as_array().unwrap();
    let spent: u64 = stages
        .iter()
        .map(|stage| stage["took_ms"].as_u64().unwrap())
        .sum();
    assert_eq!(json["total_ms"].as_u64(), Some(spent));
    assert_eq!(json["hooks"][0]["outcome"]["kind"], "failed");
    assert_eq!(json["stragglers"][0]["name"], "stuck");
    assert_eq!(json["stragglers"][0]["age_ms"], 8000);
    assert_eq!(json["stragglers"][1]["count"], 1);
    assert_eq!(json["children"][0]["name"], "tenant");
    assert_eq!(json["children"][0]["hooks"][0]["name"], "cache");
    assert!(json.get("name").is_none(), "the process has no name");
}
