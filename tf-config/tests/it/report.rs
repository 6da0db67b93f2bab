//! The report, for people and for machines.

use std::time::Duration;

use expect_test::expect;
use secrecy::SecretString;
use tf_config::{Config, ProblemKind, WarningKind};
use url::Url;

use crate::error_of;

#[derive(Config)]
#[config(prefix = "SHOP", debug)]
struct Settings {
    /// Port the HTTP server listens on.
    #[config(default = 5000, range = 1..=65535)]
    port: u16,
    /// Primary database.
    ///
    /// A second paragraph, which the report leaves out.
    #[config(secret, example = "postgres://user:pass@host/db")]
    database_url: Url,
    #[config(default = "30s")]
    drain: Duration,
    #[config(list, default = [])]
    allowed_origins: Vec<Url>,
    #[config(nested)]
    mail: Option<Mail>,
    #[config(deprecated = "SHOP_LOG_FMT", default = "auto")]
    log_format: String,
}

#[derive(Config)]
#[config(debug)]
struct Mail {
    host: String,
    #[config(default = 25)]
    port: u16,
    password: SecretString,
}

const VARS: [(&str, &str); 6] = [
    ("SHOP_LOG_FMT", "json"),
    ("SHOP_MAIL_PORT", "25"),
    ("SHOP_ALLOWED_ORIGINS", ""),
    ("SHOP_DATABSE_URL", "postgres://u:s3cr3t@h/d"),
    ("SHOP_PORT", "tcp://10.0.3.7:80"),
    ("SHOP_DRAIN", "5"),
];

#[test]
fn people_see_every_problem_with_what_to_do() {
    let error = error_of::<Settings>(&VARS);
    expect![[r#"
        configuration is not usable: 5 problems, 2 warnings

          SHOP_PORT           not an integer from 1 to 65535: "tcp://10.0.3.7:80"
                              Port the HTTP server listens on.
                              looks like a Kubernetes service link for a Service named `shop`; set `enableServiceLinks: false` in the pod's spec, or rename the variable or the Service
          SHOP_DATABASE_URL   missing; expected a URL such as postgres://user:pass@host/db, secret
                              Primary database.
                              set it, or SHOP_DATABASE_URL_FILE to the path of a file
                              SHOP_DATABSE_URL is set: did you mean SHOP_DATABASE_URL?
          SHOP_DRAIN          not a duration such as 30s, 1m30s or 500ms: "5"; the unit is missing; write for example 30s, 500ms or 1m30s
          SHOP_MAIL_HOST      missing (needed because SHOP_MAIL_PORT is set); expected text
          SHOP_MAIL_PASSWORD  missing (needed because SHOP_MAIL_PORT is set); expected text, secret
                              set it, or SHOP_MAIL_PASSWORD_FILE to the path of a file

          warning: SHOP_ALLOWED_ORIGINS is set but empty; the default, which is empty, is used
          warning: SHOP_LOG_FMT is deprecated; use SHOP_LOG_FORMAT (the value was used)"#]]
    .assert_eq(&error.to_string());
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn machines_get_records_with_stable_codes() {
    let error = error_of::<Settings>(&VARS[3..5]);
    expect![[r#"
        {
          "problems": [
            {
              "kind": "invalid",
              "variable": "SHOP_PORT",
              "field": "port",
              "message": "not an integer from 1 to 65535: \"tcp://10.0.3.7:80\"",
              "expected": "an integer from 1 to 65535",
              "hint": "looks like a Kubernetes service link for a Service named `shop`; set `enableServiceLinks: false` in the pod's spec, or rename the variable or the Service"
            },
            {
              "kind": "missing",
              "variable": "SHOP_DATABASE_URL",
              "field": "database_url",
              "message": "missing; expected a URL such as postgres://user:pass@host/db, secret",
              "expected": "a URL such as postgres://user:pass@host/db",
              "hint": "set it, or SHOP_DATABASE_URL_FILE to the path of a file\nSHOP_DATABSE_URL is set: did you mean SHOP_DATABASE_URL?"
            }
          ],
          "warnings": []
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&error).unwrap());
}

#[test]
fn the_order_is_that_of_the_declaration_whatever_the_environment_order() {
    let forward = error_of::<Settings>(&VARS);
    let mut vars = VARS;
    for turn in 0..VARS.len() {
        vars.rotate_left(1);
        vars.swap(0, turn);
        let again = error_of::<Settings>(&vars);
        assert_eq!(again.to_string(), forward.to_string());
    }
}

#[test]
fn one_problem_is_singular_and_a_long_name_has_its_own_line() {
    #[derive(Debug, Config)]
    struct Long {
        a_name_that_is_much_longer_than_any_column_should_be: u16,
    }
    let error = Long::from_vars::<&str, &str>([])
        .map(|long| long.a_name_that_is_much_longer_than_any_column_should_be);
    expect![[r#"
        configuration is not usable: 1 problem

          A_NAME_THAT_IS_MUCH_LONGER_THAN_ANY_COLUMN_SHOULD_BE
            missing; expected an integer from 0 to 65535"#]]
    .assert_eq(&error.unwrap_err().to_string());
}

#[test]
fn values_cannot_forge_lines_or_colours_or_flood_the_report() {
    #[derive(Debug, Config)]
    struct Number {
        x: u16,
    }
    let error = error_of::<Number>(&[("X", "1\n  Y  fine\u{1b}[2J")]);
    assert!(
        error.to_string().contains(r#""1\n  Y  fine\u{1b}[2J""#),
        "{error}"
    );
    let error = error_of::<Number>(&[("X", &"9".repeat(1 << 20))]);
    assert!(error.to_string().len() < 400, "{}", error.to_string().len());
    assert!(error.to_string().contains("(1048576 bytes)"), "{error}");
    assert!(Number::from_vars([("X", "1")]).is_ok_and(|number| number.x == 1));
}

#[test]
fn codes_are_stable() {
    use ProblemKind as P;
    use WarningKind as W;
    let problems = [
        P::Missing,
        P::Empty,
        P::NotUnicode,
        P::Invalid,
        P::OutOfRange,
        P::Rejected,
        P::BothSet,
        P::File,
        P::Dotenv,
        P::Default,
        P::Unsupported,
        P::Source,
    ];
    expect!["missing empty not_unicode invalid out_of_range rejected both_set file dotenv default unsupported source"]
        .assert_eq(&problems.map(ProblemKind::code).join(" "));
    let warnings = [
        W::Empty,
        W::Deprecated,
        W::Superseded,
        W::Unknown,
        W::TrailingNewline,
        W::Repeated,
    ];
    expect!["empty deprecated superseded unknown trailing_newline repeated"]
        .assert_eq(&warnings.map(WarningKind::code).join(" "));
}

#[test]
fn fifty_problems_are_fifty_lines() {
    #[derive(Debug, Config)]
    struct Many {
        #[config(nested)]
        a: Tens,
        #[config(nested)]
        b: Tens,
        #[config(nested)]
        c: Tens,
        #[config(nested)]
        d: Tens,
        #[config(nested)]
        e: Tens,
    }
    #[derive(Debug, Config)]
    struct Tens {
        #[config(nested)]
        x: Fives,
        #[config(nested)]
        y: Fives,
    }
    #[derive(Config)]
    #[config(debug)]
    struct Fives {
        one: u8,
        two: bool,
        three: f64,
        four: String,
        five: Duration,
    }
    let error = error_of::<Many>(&[]);
    assert_eq!(error.problems().len(), 50);
    let report = error.to_string();
    assert!(
        report.starts_with("configuration is not usable: 50 problems\n\n  A_X_ONE    missing;")
    );
    assert_eq!(report.lines().count(), 52);
    assert!(
        report.ends_with("E_Y_FIVE   missing; expected a duration such as 30s, 1m30s or 500ms")
    );
    assert!(!report.contains('\u{1b}'), "no colour");
    let _ = |many: Many| [many.a, many.b, many.c, many.d, many.e].map(|tens| (tens.x, tens.y));
}
