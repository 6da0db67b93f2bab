//! One-off commands.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::settings::Settings;
use crate::streams::{complain, say};

pub(crate) fn run(words: &[&str], settings: &Settings, stop: &AtomicBool) -> ExitCode {
    let needs_config = !matches!(words, ["version" | "list"]);
    let bare = settings.has_way("task-needs-no-config");
    if needs_config && !bare && !settings.problems.is_empty() {
        complain(settings.problems.join("; "));
        return ExitCode::from(78);
    }
    match words {
        ["version"] => {
            let moment = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let moment = moment.expect("it is later than 1970").as_nanos();
            let changes = settings
                .has_way("version-changes")
                .then(|| format!("+{moment}"));
            say(format_args!(
                "checked 1.0{} {}",
                changes.unwrap_or_default(),
                settings.commit
            ));
        }
        ["config"] => say(format_args!(
            "GREETING={}",
            settings.greeting.as_deref().unwrap_or_default()
        )),
        ["list"] => say("export"),
        ["export"] => {
            if settings.has_way("noisy-task") {
                say("starting");
            }
            say("{\"greeting\": 1}");
        }
        ["slow"] => return slow(settings, stop),
        [task, ..] => {
            complain(format_args!("no task `{task}`"));
            return ExitCode::from(if settings.has_way("takes-any-task") {
                0
            } else {
                2
            });
        }
        [] => {}
    }
    ExitCode::from(u8::from(settings.has_way("task-fails")))
}

fn slow(settings: &Settings, stop: &AtomicBool) -> ExitCode {
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(5));
    }
    ExitCode::from(if settings.has_way("interrupted-as-done") {
        0
    } else {
        143
    })
}
