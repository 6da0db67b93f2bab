//! How the text of one variable becomes a value.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use tf_config::{ByteSize, Config, ProblemKind, WarningKind};

use crate::{error_of, kinds, load, problem_of, warning_kinds};

#[derive(Config)]
struct Text {
    x: String,
}

#[derive(Config)]
struct Number {
    x: u16,
}

#[test]
fn an_empty_required_variable_is_a_problem() {
    assert_eq!(problem_of::<Text>(&[("X", "")]).kind(), ProblemKind::Empty);
    assert_eq!(
        problem_of::<Number>(&[("X", "")]).kind(),
        ProblemKind::Empty
    );
}

#[test]
fn an_empty_optional_variable_counts_as_unset_with_a_warning() {
    #[derive(Config)]
    struct Settings {
        #[config(default = 7)]
        number: u16,
        text: Option<String>,
    }
    let (settings, warnings) = load::<Settings>(&[("NUMBER", ""), ("TEXT", "")]);
    assert_eq!((settings.number, settings.text), (7, None));
    let empty = WarningKind::Empty;
    assert_eq!(
        warning_kinds(&warnings),
        [("NUMBER", empty), ("TEXT", empty)]
    );
    assert!(
        warnings[0].message().contains("default 7"),
        "{}",
        warnings[0]
    );
}

#[test]
fn an_empty_text_is_a_value_where_that_is_allowed() {
    #[derive(Config)]
    struct Settings {
        #[config(allow_empty)]
        text: String,
        #[config(allow_empty)]
        list: Vec<u16>,
    }
    let (settings, warnings) = load::<Settings>(&[("TEXT", ""), ("LIST", "")]);
    assert_eq!((settings.text.as_str(), settings.list.len()), ("", 0));
    assert!(warnings.is_empty());
}

#[test]
fn white_space_alone_is_empty_for_all_but_optional_text() {
    #[derive(Config)]
    struct Settings {
        #[config(default = 7)]
        number: u16,
        optional: Option<String>,
    }
    assert_eq!(
        problem_of::<Text>(&[("X", " \t")]).kind(),
        ProblemKind::Empty
    );
    assert_eq!(
        problem_of::<Number>(&[("X", " \t")]).kind(),
        ProblemKind::Empty
    );
    let (settings, warnings) = load::<Settings>(&[("NUMBER", "  "), ("OPTIONAL", "  ")]);
    assert_eq!(
        (settings.number, settings.optional.as_deref()),
        (7, Some("  "))
    );
    assert_eq!(warning_kinds(&warnings), [("NUMBER", WarningKind::Empty)]);
}

#[test]
fn white_space_around_a_value_is_ignored_except_for_text() {
    assert_eq!(load::<Number>(&[("X", " 8080\n")]).0.x, 8080);
    assert_eq!(load::<Text>(&[("X", " a\n")]).0.x, " a\n");
}

#[test]
fn variables_of_others_may_be_anything() {
    let junk = OsString::from_encoded(b"\xff\xfe");
    let vars = [
        ("X".into(), "1".into()),
        ("OTHER".into(), junk.clone()),
        (junk, "1".into()),
    ];
    let vars: [(OsString, OsString); 3] = vars;
    assert_eq!(
        Number::from_vars(vars).map(|settings| settings.x).ok(),
        Some(1)
    );
}

#[test]
fn a_value_that_is_not_utf_8_is_a_problem_except_for_paths() {
    #[derive(Config)]
    struct Paths {
        x: PathBuf,
    }
    let vars = [("X", OsString::from_encoded(b"/\xff"))];
    let error = Text::from_vars(vars.clone()).err().unwrap();
    assert_eq!(kinds(&error), [("X", ProblemKind::NotUnicode)]);
    assert!(Paths::from_vars(vars.clone()).is_ok_and(|paths| paths.x.as_os_str() == vars[0].1));
}

/// Bytes that need not be UTF-8, as Unix allows.
trait FromEncoded {
    fn from_encoded(bytes: &[u8]) -> Self;
}

impl FromEncoded for OsString {
    fn from_encoded(bytes: &[u8]) -> Self {
        std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
    }
}

#[test]
fn booleans_are_words_in_any_case_and_a_typo_is_a_problem() {
    #[derive(Config)]
    struct Flag {
        x: bool,
    }
    for (text, value) in [("1", true), ("TRUE", true), ("Yes", true), ("on", true)]
        .into_iter()
        .chain([
            ("0", false),
            ("false", false),
            ("NO", false),
            (" off ", false),
        ])
    {
        assert_eq!(load::<Flag>(&[("X", text)]).0.x, value, "{text}");
    }
    for text in ["ture", "2", "y", "t", "enabled", "null"] {
        assert_eq!(
            problem_of::<Flag>(&[("X", text)]).kind(),
            ProblemKind::Invalid,
            "{text}"
        );
    }
    let hint = problem_of::<Flag>(&[("X", "ture")])
        .hint()
        .map(str::to_owned);
    assert_eq!(hint.as_deref(), Some("did you mean `true`?"));
}

#[test]
fn integers_are_decimal_and_an_overflow_names_the_range() {
    #[derive(Config)]
    struct Signed {
        x: i8,
    }
    assert_eq!(load::<Number>(&[("X", "+5")]).0.x, 5);
    assert_eq!(load::<Signed>(&[("X", "-0")]).0.x, 0);
    assert_eq!(load::<Number>(&[("X", "007")]).0.x, 7);
    for text in ["0x10", "1_000", "1e3", "1.0", "", "--1", "１"] {
        let kind = problem_of::<Number>(&[("X", text)]).kind();
        assert!(
            matches!(kind, ProblemKind::Invalid | ProblemKind::Empty),
            "{text}: {kind:?}"
        );
    }
    for (text, kind) in [
        ("65536", ProblemKind::OutOfRange),
        ("-1", ProblemKind::OutOfRange),
    ] {
        let problem = problem_of::<Number>(&[("X", text)]);
        assert_eq!(problem.kind(), kind);
        assert_eq!(problem.expected(), "an integer from 0 to 65535");
    }
}

#[test]
fn integers_of_128_bits_are_read() {
    #[derive(Config)]
    struct Wide {
        unsigned: u128,
        #[config(default = -170141183460469231731687303715884105728)]
        signed: i128,
    }
    let most = u128::MAX.to_string();
    let (wide, _) = load::<Wide>(&[("UNSIGNED", &most)]);
    assert_eq!((wide.unsigned, wide.signed), (u128::MAX, i128::MIN));
    let problem = problem_of::<Wide>(&[("UNSIGNED", &format!("{most}0"))]);
    assert_eq!(problem.kind(), ProblemKind::OutOfRange);
}

#[test]
fn floats_are_finite_numbers() {
    #[derive(Config)]
    struct Float {
        x: f64,
        #[config(default = 1.5)]
        single: f32,
    }
    let (float, _) = load::<Float>(&[("X", "1e3"), ("SINGLE", "-0.25")]);
    assert_eq!((float.x, float.single), (1000.0, -0.25));
    for text in ["NaN", "inf", "-infinity"] {
        assert_eq!(
            problem_of::<Float>(&[("X", text)]).kind(),
            ProblemKind::Invalid,
            "{text}"
        );
    }
    let problems = error_of::<Float>(&[("X", "1e999"), ("SINGLE", "1e39")]);
    let out = ProblemKind::OutOfRange;
    assert_eq!(kinds(&problems), [("X", out), ("SINGLE", out)]);
}

#[test]
fn digits_stay_text_where_text_is_wanted() {
    for text in ["012345", "1e5", "true", "null", "{}", "\"quoted\"", "0"] {
        assert_eq!(load::<Text>(&[("X", text)]).0.x, text);
    }
}

#[test]
fn ranges_hold_for_values_of_any_order() {
    #[derive(Debug, Config)]
    struct Ranges {
        #[config(default = 5000, range = 1..=65535)]
        port: u16,
        #[config(default = 0.5, range = 0.0..1.0)]
        ratio: f64,
        #[config(default = "30s", range = "1s"..="5m")]
        wait: Duration,
        #[config(default = "1KiB", range = ..="1MiB")]
        size: ByteSize,
        #[config(default = [1, 2], range = 1..)]
        list: Vec<i64>,
    }
    tf_config::testing::assert_valid::<Ranges>();
    let (ranges, _) = load::<Ranges>(&[("WAIT", "5m"), ("SIZE", "1MiB"), ("LIST", "1,9")]);
    assert_eq!((ranges.port, ranges.ratio), (5000, 0.5));
    assert_eq!(
        (ranges.wait.as_secs(), ranges.size.bytes(), ranges.list),
        (300, 1 << 20, vec![1, 9])
    );
    let error = error_of::<Ranges>(&[
        ("PORT", "0"),
        ("RATIO", "1.0"),
        ("WAIT", "301s"),
        ("SIZE", "2MiB"),
        ("LIST", "3,0,-1"),
    ]);
    assert!(
        error
            .problems()
            .iter()
            .all(|problem| problem.kind() == ProblemKind::OutOfRange),
        "{error}"
    );
    assert_eq!(error.problems().len(), 5);
    assert!(
        error.problems()[4].message().contains("items 2, 3"),
        "{error}"
    );
}

#[test]
fn durations_have_units_and_a_bare_number_is_refused_with_a_hint() {
    #[derive(Debug, Config)]
    struct Settings {
        x: Duration,
    }
    for (text, millis) in [
        ("30s", 30_000),
        ("1m30s", 90_000),
        ("500ms", 500),
        ("1.5s", 1500),
        ("0", 0),
    ] {
        assert_eq!(
            load::<Settings>(&[("X", text)]).0.x.as_millis(),
            millis,
            "{text}"
        );
    }
    let bare = problem_of::<Settings>(&[("X", "30")]);
    assert!(bare.message().contains("the unit is missing"), "{bare}");
    let negative = problem_of::<Settings>(&[("X", "-1s")]);
    assert!(negative.message().contains("not negative"), "{negative}");
    let overflow = problem_of::<Settings>(&[("X", "18446744073709551616s")]);
    assert_eq!(overflow.kind(), ProblemKind::OutOfRange);
}

#[test]
fn sizes_tell_powers_of_ten_from_powers_of_two() {
    #[derive(Debug, Config)]
    struct Settings {
        x: ByteSize,
    }
    assert_eq!(load::<Settings>(&[("X", "10MB")]).0.x.bytes(), 10_000_000);
    assert_eq!(load::<Settings>(&[("X", "10MiB")]).0.x.bytes(), 10_485_760);
    let ambiguous = problem_of::<Settings>(&[("X", "10M")]);
    assert!(ambiguous.message().contains("MB or MiB"), "{ambiguous}");
}

#[test]
fn defaults_are_decoded_and_checked_like_values() {
    fn even(number: &u16) -> Result<(), String> {
        if number % 2 == 0 {
            Ok(())
        } else {
            Err(format!("{number} is odd"))
        }
    }
    #[derive(Config)]
    #[config(debug)]
    struct Settings {
        #[config(default = 3, validate = even)]
        x: u16,
    }
    let problem = problem_of::<Settings>(&[]);
    assert_eq!(problem.kind(), ProblemKind::Default);
    let given = problem_of::<Settings>(&[("X", "5")]);
    assert_eq!(given.kind(), ProblemKind::Rejected);
    assert!(given.message().contains("5 is odd"), "{given}");
    let panic = std::panic::catch_unwind(tf_config::testing::assert_valid::<Settings>);
    assert!(panic.is_err());
}

#[test]
fn a_function_makes_a_default() {
    fn cores() -> usize {
        4
    }
    #[derive(Debug, Config)]
    struct Settings {
        #[config(default_with = cores)]
        workers: usize,
    }
    assert_eq!(load::<Settings>(&[]).0.workers, 4);
    assert_eq!(load::<Settings>(&[("WORKERS", "2")]).0.workers, 2);
}

#[test]
fn a_check_of_the_whole_runs_only_when_its_fields_are_fine() {
    impl Range {
        fn ordered(&self) -> Result<(), String> {
            if self.low <= self.high {
                Ok(())
            } else {
                Err("low is above high".to_owned())
            }
        }
    }
    #[derive(Debug, Config)]
    #[config(prefix = "R", validate = Self::ordered)]
    struct Range {
        low: u16,
        high: u16,
    }
    let problem = problem_of::<Range>(&[("R_LOW", "2"), ("R_HIGH", "1")]);
    assert_eq!(
        (problem.kind(), problem.message()),
        (ProblemKind::Rejected, "low is above high")
    );
    let error = error_of::<Range>(&[("R_LOW", "2"), ("R_HIGH", "x")]);
    assert_eq!(kinds(&error), [("R_HIGH", ProblemKind::Invalid)]);
}
