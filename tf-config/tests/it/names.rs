//! Which variable a field is read from, and what is said about near misses.

use tf_config::{Config, ProblemKind, Vars, WarningKind, testing};

use crate::{error_of, kinds, load, problem_of, warning_kinds};

#[derive(Debug, Config)]
#[config(prefix = "APP")]
struct Port {
    port: u16,
}

#[test]
fn names_match_in_their_exact_case() {
    let (settings, _) = load::<Port>(&[("app_port", "1"), ("APP_PORT", "2"), ("App_Port", "3")]);
    assert_eq!(settings.port, 2);
    assert_eq!(
        problem_of::<Port>(&[("app_port", "1")]).kind(),
        ProblemKind::Missing
    );
}

#[test]
fn the_first_of_two_equal_names_counts_with_a_warning() {
    let (settings, warnings) = load::<Port>(&[("APP_PORT", "1"), ("APP_PORT", "2")]);
    assert_eq!(settings.port, 1);
    assert_eq!(
        warning_kinds(&warnings),
        [("APP_PORT", WarningKind::Repeated)]
    );
}

#[test]
fn a_prefix_is_taken_as_it_is_with_or_without_its_underscore() {
    #[derive(Debug, Config)]
    #[config(prefix = "APP_")]
    struct Doubled {
        app_x: u16,
    }
    #[derive(Debug, Config)]
    #[config(prefix = "")]
    struct Bare {
        x: u16,
    }
    assert_eq!(
        load::<Doubled>(&[("APP_APP_X", "1"), ("APP_X", "2"), ("X", "3")])
            .0
            .app_x,
        1
    );
    assert_eq!(
        load::<Bare>(&[("APP_X", "2"), ("X", "3"), ("_X", "4")]).0.x,
        3
    );
}

#[test]
fn field_names_become_upper_case_whatever_they_are() {
    #[derive(Debug, Config)]
    struct Odd {
        r#type: String,
        http2: u16,
        url_v2: u16,
        db_url: String,
        #[config(rename = "GROESSE")]
        größe: u16,
    }
    let vars = [
        ("TYPE", "t"),
        ("HTTP2", "2"),
        ("URL_V2", "3"),
        ("DB_URL", "u"),
        ("GROESSE", "4"),
    ];
    let (odd, _) = load::<Odd>(&vars);
    assert_eq!(
        (odd.r#type.as_str(), odd.http2, odd.url_v2, odd.größe),
        ("t", 2, 3, 4)
    );
    assert_eq!(odd.db_url, "u");
    let fields: Vec<_> = Odd::reference()
        .variables()
        .iter()
        .map(|v| v.field().to_owned())
        .collect();
    assert_eq!(fields, ["type", "http2", "url_v2", "db_url", "größe"]);
}

#[test]
fn nested_names_are_known_and_never_split() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(nested)]
        db: Db,
        #[config(nested)]
        db_pool: Pool,
    }
    #[derive(Debug, Config)]
    struct Db {
        pool_size_max: u16,
    }
    #[derive(Debug, Config)]
    struct Pool {
        size: u16,
    }
    let (settings, _) = load::<Settings>(&[("DB_POOL_SIZE_MAX", "1"), ("DB_POOL_SIZE", "2")]);
    assert_eq!((settings.db.pool_size_max, settings.db_pool.size), (1, 2));
}

#[test]
fn two_fields_of_one_variable_are_found_by_assert_valid() {
    #[derive(Config)]
    #[config(debug)]
    struct Settings {
        #[config(nested)]
        db: Db,
        #[config(nested)]
        db_pool: Pool,
    }
    #[derive(Config)]
    #[config(debug)]
    struct Db {
        pool_size: u16,
    }
    #[derive(Config)]
    #[config(debug)]
    struct Pool {
        size: u16,
        #[config(alias = "DB_POOL_SIZE_FILE")]
        other: u16,
    }
    let panic = std::panic::catch_unwind(testing::assert_valid::<Settings>).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.contains("`DB_POOL_SIZE`: read by the fields `db.pool_size` and `db_pool.size`"),
        "{text}"
    );
    assert!(text.contains("`DB_POOL_SIZE_FILE`"), "{text}");
}

#[test]
fn one_struct_is_used_under_two_prefixes() {
    #[derive(Debug, Config)]
    #[config(prefix = "APP")]
    struct Settings {
        #[config(nested)]
        primary: Db,
        #[config(nested, prefix = "READ")]
        replica: Db,
        #[config(nested, prefix = "")]
        flat: Limits,
    }
    #[derive(Debug, Config)]
    struct Db {
        host: String,
    }
    #[derive(Debug, Config)]
    struct Limits {
        connections: u16,
    }
    testing::assert_valid::<Settings>();
    let vars = [
        ("APP_PRIMARY_HOST", "a"),
        ("APP_READ_HOST", "b"),
        ("APP_CONNECTIONS", "3"),
    ];
    let (settings, _) = load::<Settings>(&vars);
    assert_eq!(
        (&*settings.primary.host, &*settings.replica.host),
        ("a", "b")
    );
    assert_eq!(settings.flat.connections, 3);
}

#[derive(Debug, Config)]
#[config(prefix = "SHOP")]
struct Renamed {
    #[config(alias = "LOG_FORMAT", deprecated = "SHOP_LOG_FMT", default = "auto")]
    log_format: String,
}

#[test]
fn an_alias_is_read_and_a_deprecated_name_is_read_with_a_warning() {
    let (settings, warnings) = load::<Renamed>(&[("LOG_FORMAT", "a")]);
    assert_eq!((settings.log_format.as_str(), warnings.len()), ("a", 0));
    let (settings, warnings) = load::<Renamed>(&[("SHOP_LOG_FMT", "b")]);
    assert_eq!(settings.log_format, "b");
    assert_eq!(
        warning_kinds(&warnings),
        [("SHOP_LOG_FMT", WarningKind::Deprecated)]
    );
    assert!(
        warnings[0].message().contains("use SHOP_LOG_FORMAT"),
        "{}",
        warnings[0]
    );
}

#[test]
fn the_current_name_wins_over_the_others_with_a_warning() {
    let vars = [
        ("SHOP_LOG_FORMAT", "c"),
        ("LOG_FORMAT", "a"),
        ("SHOP_LOG_FMT", "b"),
    ];
    let (settings, warnings) = load::<Renamed>(&vars);
    assert_eq!(settings.log_format, "c");
    let superseded = WarningKind::Superseded;
    assert_eq!(
        warning_kinds(&warnings),
        [("LOG_FORMAT", superseded), ("SHOP_LOG_FMT", superseded)]
    );
}

#[test]
fn an_empty_old_name_is_not_a_value() {
    let (settings, warnings) = load::<Renamed>(&[("SHOP_LOG_FMT", "")]);
    assert_eq!(settings.log_format, "auto");
    assert_eq!(
        warning_kinds(&warnings),
        [("SHOP_LOG_FMT", WarningKind::Empty)]
    );
    let (settings, _) = load::<Renamed>(&[("SHOP_LOG_FORMAT", ""), ("SHOP_LOG_FMT", "b")]);
    assert_eq!(settings.log_format, "b");
}

#[derive(Config)]
#[config(prefix = "SHOP", debug)]
struct Hinted {
    database: String,
    #[config(default = 5)]
    retries: u16,
    #[config(default = 5)]
    workers: u16,
}

#[test]
fn a_misspelt_name_is_a_hint_when_something_is_missing() {
    let problem = problem_of::<Hinted>(&[("SHOP_DATABSE", "v4lue"), ("OTHER_DATABASE", "x")]);
    assert_eq!(
        problem.hint(),
        Some("SHOP_DATABSE is set: did you mean SHOP_DATABASE?")
    );
}

#[test]
fn a_misspelt_name_is_a_warning_when_all_is_fine() {
    let vars = [
        ("SHOP_DATABASE", "d"),
        ("SHOP_RETIRES", "3"),
        ("SHOP_UNRELATED", "1"),
    ];
    let (_, warnings) = load::<Hinted>(&vars);
    assert_eq!(
        warning_kinds(&warnings),
        [("SHOP_RETIRES", WarningKind::Unknown)]
    );
    assert!(
        warnings[0].message().contains("did you mean SHOP_RETRIES?"),
        "{}",
        warnings[0]
    );
}

#[test]
fn a_name_that_is_in_use_is_never_suggested() {
    let vars = [
        ("SHOP_DATABASE", "d"),
        ("SHOP_DATABASES", "e"),
        ("SHOP_WORKERS", "1"),
    ];
    let (_, warnings) = load::<Hinted>(&vars);
    assert_eq!(warning_kinds(&warnings), []);
}

#[test]
fn a_misspelt_file_variable_is_found_too() {
    let problem = problem_of::<Hinted>(&[("SHOP_DATABSE_FILE", "/run/secrets/x")]);
    assert_eq!(
        problem.hint(),
        Some("SHOP_DATABSE_FILE is set: did you mean SHOP_DATABASE_FILE?")
    );
}

#[test]
fn a_name_that_could_forge_a_line_is_never_suggested() {
    let problem = problem_of::<Hinted>(&[("SHOP_DATABASE\n", "x"), ("SHOP_DATABAS\u{202e}", "x")]);
    assert_eq!(problem.hint(), None);
}

#[test]
fn more_guesses_than_help_are_none() {
    let names: Vec<String> = (b'A'..=b'Z')
        .map(|last| format!("SHOP_DATABAS{}", char::from(last)))
        .collect();
    let vars = names
        .iter()
        .filter(|name| *name != "SHOP_DATABASE")
        .map(|name| (name.as_str(), "1"));
    assert_eq!(problem_of::<Hinted>(&vars.collect::<Vec<_>>()).hint(), None);
}

#[test]
fn service_links_of_kubernetes_are_explained_and_never_taken_for_misspelt_names() {
    #[derive(Config)]
    #[config(prefix = "SHOP", debug)]
    struct Settings {
        #[config(default = 5000)]
        port: u16,
        #[config(default = 1)]
        service_hosts: u16,
    }
    let problem = problem_of::<Settings>(&[("SHOP_PORT", "tcp://10.0.3.7:80")]);
    let hint = problem.hint().unwrap();
    assert!(
        hint.contains("a Service named `shop`") && hint.contains("enableServiceLinks"),
        "{hint}"
    );
    let links = [
        ("SHOP_SERVICE_HOST", "10.0.0.1"),
        ("SHOP_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    assert_eq!(load::<Settings>(&links).1, []);
}

#[test]
fn an_optional_field_is_required_on_a_condition() {
    #[derive(Debug, Config)]
    #[config(prefix = "APP")]
    struct Settings {
        #[config(required_if(tls = true))]
        certificate: Option<String>,
        #[config(default = false)]
        tls: bool,
        #[config(required_if(user))]
        group: Option<String>,
        user: Option<String>,
        other: u16,
    }
    let other = ("APP_OTHER", "1");
    let (settings, _) = load::<Settings>(&[other]);
    assert!(settings.certificate.is_none() && settings.group.is_none());
    assert!(!settings.tls && settings.user.is_none() && settings.other == 1);
    let error = error_of::<Settings>(&[("APP_TLS", "on"), ("APP_USER", "u")]);
    let missing = ProblemKind::Missing;
    let expected = [
        ("APP_CERTIFICATE", missing),
        ("APP_GROUP", missing),
        ("APP_OTHER", missing),
    ];
    assert_eq!(kinds(&error), expected, "in the order of declaration");
    assert!(
        error.problems()[0]
            .message()
            .contains("needed because APP_TLS is true"),
        "{error}"
    );
    assert!(
        error.problems()[1]
            .message()
            .contains("needed because APP_USER is set"),
        "{error}"
    );
}

#[test]
fn two_configurations_are_read_as_one() {
    let error = error_of::<(Port, Renamed)>(&[("SHOP_LOG_FORMAT", ""), ("APP_PRT", "1")]);
    assert_eq!(kinds(&error), [("APP_PORT", ProblemKind::Missing)]);
    let vars = Vars::from_vars([("APP_PORT", "1"), ("SHOP_LOG_FORMAT", "x")]);
    let loaded = <(Port, Renamed)>::load(&vars).unwrap();
    let values = loaded.values();
    let names: Vec<_> = values.iter().map(tf_config::Resolved::variable).collect();
    assert_eq!(names, ["APP_PORT", "SHOP_LOG_FORMAT"]);
    let (port, renamed) = loaded.into_value();
    assert_eq!((port.port, renamed.log_format.as_str()), (1, "x"));
}

#[test]
fn an_empty_or_unreadable_other_name_does_not_matter_beside_a_good_one() {
    #[derive(Debug, Config)]
    struct Required {
        #[config(alias = "OLD")]
        new: u16,
    }
    assert_eq!(load::<Required>(&[("NEW", "1"), ("OLD", "")]).0.new, 1);
    assert_eq!(
        load::<Required>(&[("NEW", "1"), ("OLD_FILE", "/nonexistent")])
            .0
            .new,
        1
    );
    assert_eq!(load::<Required>(&[("NEW", ""), ("OLD", "2")]).0.new, 2);
    assert_eq!(
        problem_of::<Required>(&[("NEW", ""), ("OLD", " ")]).kind(),
        ProblemKind::Empty
    );
    assert_eq!(problem_of::<Required>(&[("OLD", "x")]).variable(), "OLD");
}
