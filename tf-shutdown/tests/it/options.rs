//! Budgets from variables, values and the platform.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use proptest::prelude::*;
use tf_shutdown::{Options, Timeout};

const SECOND: Duration = Duration::from_secs(1);

fn problems(options: &Options) -> Vec<String> {
    options.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn without_variables_the_default_holds() {
    let budget = Options::from_vars([("HOME", "/")]).budget();
    assert_eq!(budget.total(), 25 * SECOND);
    assert_eq!(budget.pre_stop(), Duration::ZERO);
    assert_eq!(budget.reserve(), 5 * SECOND);
    assert_eq!(budget.source(), "default");
}

#[test]
fn the_variables_are_read_with_their_units() {
    let options = Options::from_vars([
        ("SHUTDOWN_TIMEOUT", "1m30s"),
        ("SHUTDOWN_PRE_STOP", " 500ms "),
    ]);
    assert!(options.problems().is_empty());
    assert_eq!(options.budget().total(), 90 * SECOND);
    assert_eq!(options.budget().pre_stop(), SECOND / 2);
}

#[test]
fn the_operator_outranks_the_program_which_outranks_the_platform() {
    let pod = ("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    let budget = Options::from_vars([pod]).budget();
    assert_eq!(budget.source(), pod.0);
    assert!(budget.pre_stop() > Duration::ZERO);

    let options = Options::from_vars([pod])
        .total(50 * SECOND)
        .pre_stop(SECOND);
    assert_eq!(options.budget().total(), 50 * SECOND);
    assert_eq!(options.budget().pre_stop(), SECOND);
    assert_eq!(options.budget().source(), "options");

    let vars = [
        pod,
        ("SHUTDOWN_TIMEOUT", "20s"),
        ("SHUTDOWN_PRE_STOP", "2s"),
    ];
    let options = Options::from_vars(vars).total(50 * SECOND).pre_stop(SECOND);
    assert_eq!(options.budget().total(), 20 * SECOND);
    assert_eq!(options.budget().pre_stop(), 2 * SECOND);
    assert_eq!(options.budget().source(), "SHUTDOWN_TIMEOUT");
}

#[test]
fn nonsense_is_listed_by_variable_all_at_once() {
    let options =
        Options::from_vars([("SHUTDOWN_TIMEOUT", "30"), ("SHUTDOWN_PRE_STOP", "a while")]);
    let problems = problems(&options);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("`SHUTDOWN_TIMEOUT`: the unit is missing"));
    assert!(problems[1].starts_with("`SHUTDOWN_PRE_STOP`: "));
    let subjects: Vec<_> = options
        .problems()
        .iter()
        .map(tf_shutdown::Problem::subject)
        .collect();
    assert_eq!(
        subjects,
        [Some("SHUTDOWN_TIMEOUT"), Some("SHUTDOWN_PRE_STOP")]
    );
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let options = Options::from_vars([
        ("SHUTDOWN_TIMEOUT", ""),
        ("SHUTDOWN_PRE_STOP", " "),
        ("KUBERNETES_SERVICE_HOST", ""),
    ]);
    assert!(options.problems().is_empty());
    assert_eq!(options.budget(), Options::new().budget());
}

#[test]
fn bytes_that_are_no_text_are_a_problem() {
    let junk = OsString::from_vec(b"2s\xff".to_vec());
    let options = Options::from_vars([("SHUTDOWN_TIMEOUT", junk)]);
    assert!(problems(&options)[0].contains("not UTF-8"));
}

#[test]
fn no_text_of_a_variable_is_ever_shown() {
    let junk = OsString::from_vec(b"m4rk3r\xff".to_vec());
    let options = [
        Options::from_vars([
            ("SHUTDOWN_TIMEOUT", "m4rk3r"),
            ("SHUTDOWN_PRE_STOP", "7m4rk3r"),
        ]),
        Options::from_vars([("SHUTDOWN_TIMEOUT", junk)]),
        Options::from_vars([("KUBERNETES_SERVICE_HOST", "m4rk3r")]),
    ];
    for options in options {
        let shown = format!("{options:?} {:?}", problems(&options));
        assert!(!shown.contains("m4rk"), "{shown}");
    }
}

#[test]
fn parts_that_do_not_fit_the_total_are_a_problem() {
    let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "4s"), ("SHUTDOWN_PRE_STOP", "3s")]);
    assert!(options.problems().is_empty());
    let options = options.reserve(2 * SECOND);
    let problems = problems(&options);
    assert_eq!(problems.len(), 1, "{problems:?}");
    for part in ["`SHUTDOWN_PRE_STOP`", "3s", "2s", "4s"] {
        assert!(problems[0].contains(part), "{problems:?}");
    }
    let options = options.reserve(SECOND);
    assert!(options.problems().is_empty());
}

#[test]
fn no_time_and_endless_time_are_problems() {
    let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "0")]);
    assert_eq!(options.problems().len(), 1);
    let options = Options::new()
        .total(Duration::MAX)
        .pre_stop(Duration::MAX)
        .reserve(Duration::MAX);
    assert_eq!(options.problems().len(), 3);
}

#[test]
fn a_platform_with_a_short_total_keeps_no_long_pre_stop() {
    let vars = [("KUBERNETES_SERVICE_HOST", "h"), ("SHUTDOWN_TIMEOUT", "2s")];
    let options = Options::from_vars(vars);
    assert!(options.problems().is_empty());
    assert!(options.budget().pre_stop() <= SECOND / 2);
}

#[test]
fn the_type_of_the_variable_serves_other_configurations() {
    let timeout: Timeout = "90s".parse().unwrap();
    assert_eq!(Options::new().total(timeout).budget().total(), 90 * SECOND);
    assert_eq!(timeout.to_string(), "1m30s");
}

proptest! {
    #[test]
    fn any_text_gives_a_budget_and_at_most_named_problems(timeout in ".*", pre_stop in ".*") {
        let vars = [("SHUTDOWN_TIMEOUT", &timeout), ("SHUTDOWN_PRE_STOP", &pre_stop)];
        let options = Options::from_vars(vars);
        for problem in options.problems() {
            prop_assert!(problem.subject().is_some());
        }
        prop_assert!(options.budget().total() <= Duration::from_secs(u64::MAX));
    }

    #[test]
    fn without_problems_the_parts_fit(total in 0_u64..100_000, pre_stop in 0_u64..100_000, reserve in proptest::option::of(0_u64..100_000)) {
        let mut options = Options::from_vars([("SHUTDOWN_TIMEOUT", format!("{total}ms")), ("SHUTDOWN_PRE_STOP", format!("{pre_stop}ms"))]);
        if let Some(reserve) = reserve {
            options = options.reserve(Duration::from_millis(reserve));
        }
        let budget = options.budget();
        let fits = budget.pre_stop() + budget.reserve() <= budget.total() && total > 0;
        prop_assert_eq!(options.problems().is_empty(), fits);
    }

    #[test]
    fn every_duration_reads_back_from_its_text(seconds in 0_u64..2_000_000, nanos in 0_u32..1_000_000_000) {
        let duration = Duration::new(seconds, nanos);
        let text = Timeout::from(duration).to_string();
        prop_assert_eq!(text.parse::<Timeout>().map(Duration::from), Ok(duration));
    }
}
