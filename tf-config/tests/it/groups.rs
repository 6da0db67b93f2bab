//! Optional structs: all or none.

use tf_config::{Config, Origin, ProblemKind, Vars, WarningKind};

use crate::{error_of, kinds, load, warning_kinds};

#[derive(Debug, Config)]
#[config(prefix = "SHOP")]
struct Settings {
    #[config(nested)]
    mail: Option<Mail>,
}

#[derive(Debug, Config)]
struct Mail {
    host: String,
    #[config(default = 25)]
    port: u16,
    #[config(deprecated = "MAIL_PASS")]
    password: String,
    #[config(nested)]
    proxy: Option<Proxy>,
}

#[derive(Debug, Config)]
struct Proxy {
    host: String,
    port: u16,
}

#[test]
fn without_any_variable_there_is_no_group() {
    let vars = Vars::from_vars([("OTHER", "1")]);
    let loaded = Settings::load(&vars).unwrap();
    assert!(
        loaded
            .values()
            .iter()
            .all(|value| *value.origin() == Origin::Unset)
    );
    assert_eq!(loaded.values().len(), 5);
    assert!(loaded.value().mail.is_none());
}

#[test]
fn one_variable_makes_the_others_needed_and_is_named() {
    let error = error_of::<Settings>(&[("SHOP_MAIL_PORT", "2525")]);
    let missing = ProblemKind::Missing;
    assert_eq!(
        kinds(&error),
        [("SHOP_MAIL_HOST", missing), ("SHOP_MAIL_PASSWORD", missing)]
    );
    for problem in error.problems() {
        assert!(
            problem
                .message()
                .contains("(needed because SHOP_MAIL_PORT is set)"),
            "{problem}"
        );
    }
    assert_eq!(error.problems()[0].field(), "mail.host");
}

#[test]
fn a_complete_group_is_there_with_its_defaults() {
    let (settings, _) = load::<Settings>(&[("SHOP_MAIL_HOST", "m"), ("SHOP_MAIL_PASSWORD", "p")]);
    let mail = settings.mail.unwrap();
    assert_eq!(
        (mail.host.as_str(), mail.port, mail.password.as_str()),
        ("m", 25, "p")
    );
    assert!(mail.proxy.is_none());
}

#[test]
fn a_deprecated_name_or_a_file_opens_the_group_too() {
    let error = error_of::<Settings>(&[("MAIL_PASS", "p")]);
    assert_eq!(kinds(&error), [("SHOP_MAIL_HOST", ProblemKind::Missing)]);
    assert!(
        error
            .to_string()
            .contains("needed because MAIL_PASS is set"),
        "{error}"
    );
    let error = error_of::<Settings>(&[("SHOP_MAIL_PASSWORD_FILE", "/nonexistent")]);
    let expected = [
        ("SHOP_MAIL_HOST", ProblemKind::Missing),
        ("SHOP_MAIL_PASSWORD_FILE", ProblemKind::File),
    ];
    assert_eq!(kinds(&error), expected);
}

#[test]
fn an_empty_variable_opens_no_group_and_is_mentioned() {
    let (settings, warnings) = load::<Settings>(&[("SHOP_MAIL_HOST", ""), ("SHOP_MAIL_PORT", " ")]);
    assert!(settings.mail.is_none());
    let empty = WarningKind::Empty;
    assert_eq!(
        warning_kinds(&warnings),
        [("SHOP_MAIL_HOST", empty), ("SHOP_MAIL_PORT", empty)]
    );
}

#[test]
fn a_variable_of_an_inner_group_opens_the_outer_one() {
    let error = error_of::<Settings>(&[("SHOP_MAIL_PROXY_PORT", "3128")]);
    let missing = ProblemKind::Missing;
    let expected = [
        ("SHOP_MAIL_HOST", missing),
        ("SHOP_MAIL_PASSWORD", missing),
        ("SHOP_MAIL_PROXY_HOST", missing),
    ];
    assert_eq!(kinds(&error), expected);
    let vars = [
        ("SHOP_MAIL_HOST", "m"),
        ("SHOP_MAIL_PASSWORD", "p"),
        ("SHOP_MAIL_PROXY_HOST", "x"),
        ("SHOP_MAIL_PROXY_PORT", "3128"),
    ];
    let proxy = load::<Settings>(&vars)
        .0
        .mail
        .and_then(|mail| mail.proxy)
        .unwrap();
    assert_eq!((proxy.host.as_str(), proxy.port), ("x", 3128));
}

#[test]
fn a_group_is_required_on_a_condition() {
    #[derive(Debug, Config)]
    struct Settings {
        #[config(default = false)]
        notify: bool,
        #[config(nested, required_if(notify = true))]
        mail: Option<Mail>,
    }
    let error = error_of::<Settings>(&[("NOTIFY", "yes")]);
    let missing = ProblemKind::Missing;
    assert_eq!(
        kinds(&error),
        [("MAIL_HOST", missing), ("MAIL_PASSWORD", missing)]
    );
    assert!(
        error
            .to_string()
            .contains("(needed because NOTIFY is true)"),
        "{error}"
    );
    let (settings, _) = load::<Settings>(&[("NOTIFY", "no")]);
    assert!(!settings.notify && settings.mail.is_none());
}

#[test]
fn a_misspelt_variable_of_an_absent_group_is_mentioned() {
    let (_, warnings) = load::<Settings>(&[("SHOP_MIAL_HOST", "m")]);
    assert_eq!(
        warning_kinds(&warnings),
        [("SHOP_MIAL_HOST", WarningKind::Unknown)]
    );
}
