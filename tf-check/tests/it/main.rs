//! The library, over programs that every system has.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tf_check::{ErrorKind, Factor, Options, Profile, Verdict, run, run_with};

fn shell(line: &str) -> Profile {
    Profile::new("").program("sh", ["-c", line])
}

#[test]
fn a_program_that_ends_at_once_is_seen_to_listen_on_nothing() {
    let checklist = run(&Profile::new("true")).unwrap();
    assert!(!checklist.passes());
    assert_eq!(checklist.rows().len(), 12);
    assert_eq!(checklist.command(), "true");
    let row = checklist.row(Factor::Port).unwrap();
    assert_eq!(row.verdict(), Verdict::Fail);
    let listens = row.finding("listens").unwrap();
    assert!(listens.remark().contains("ended with 0"), "{listens:?}");
    assert!(checklist.to_string().contains("VII. Port binding"));
}

#[test]
fn only_the_wanted_rows_are_filled_in() {
    let options = Options::new()
        .only([Factor::Port, Factor::Logs])
        .skip([Factor::Logs]);
    let checklist = run_with(&shell("exit 3"), &options).unwrap();
    let factors: Vec<Factor> = checklist.rows().iter().map(tf_check::Row::factor).collect();
    assert_eq!(factors, [Factor::Port]);
    assert!(checklist.about()[0].contains("ended with 3"), "{checklist}");
}

#[test]
fn the_last_words_are_told_and_values_of_variables_are_not() {
    let profile = shell("echo the password is $PASSWORD at $URL >&2; exit 1");
    let profile = profile.variable("PASSWORD", "correct-horse");
    let profile = profile.variable("URL", "db://me:battery-staple@host/x");
    let checklist = run_with(&profile, &Options::new().only([Factor::Port])).unwrap();
    let shown = format!("{checklist} {checklist:?} {profile:?}");
    assert!(
        shown.contains("the password is $PASSWORD at $URL"),
        "{shown}"
    );
    for secret in ["correct-horse", "battery-staple"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_program_that_is_not_there_is_an_error_of_its_own_kind() {
    let error = run(&Profile::new("./no-such-program")).unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Program, 2));
    let error = Profile::load("no-such-profile.toml").unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Profile, 2));
}

#[test]
fn it_stops_when_it_is_told_to() {
    let signal = Arc::new(AtomicUsize::new(0));
    let options = Options::new()
        .stop_when(Arc::clone(&signal))
        .timeout(Duration::from_secs(60));
    let told = Arc::clone(&signal);
    // The first thing that is told comes before the first start.
    let options = options.progress(move |_| told.store(15, Ordering::Relaxed));
    let begun = Instant::now();
    let error = run_with(&shell("sleep 60"), &options).unwrap_err();
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Interrupted, 143)
    );
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn handles_may_be_shared_and_sent() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Profile>();
    is_shared::<Options>();
    is_shared::<tf_check::Checklist>();
    is_shared::<tf_check::JoelTest>();
}
