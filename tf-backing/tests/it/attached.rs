//! Where locators come from, with given variables and files.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use secrecy::ExposeSecret;
use tf_backing::{
    AttachError, AttachErrorKind, Attached, Kafka, Kind, Locator, MySql, Origin, Postgres,
};

fn url(attached: &Attached) -> String {
    attached.get::<Locator>().expect("attached").expose_url()
}

fn error(attached: &Attached) -> AttachError {
    attached.get::<Locator>().expect_err("refused")
}

#[test]
fn a_variable_or_its_file_holds_the_url() {
    let set = Attached::from_vars([("DB", "mysql://h")]).var("DB");
    assert_eq!(url(&set), "mysql://h");
    let file = Attached::from_vars([("DB_FILE", "/run/db")])
        .files([("/run/db", "mysql://f\n")])
        .var("DB");
    assert_eq!(url(&file), "mysql://f");
    let found = file.find::<MySql>().unwrap().unwrap();
    assert_eq!(found.origin().to_string(), "file `/run/db` of `DB_FILE`");
    let kafka: Kafka = Attached::from_vars([("K", "a:9092,b")])
        .var("K")
        .get()
        .unwrap();
    assert_eq!(kafka.bootstrap_servers(), "a:9092,b:9092");
}

#[test]
fn files_are_read_from_disk_unless_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    std::fs::write(&path, "mysql://disk\r\n").unwrap();
    let attached = Attached::from_vars([("DB_FILE", path.as_os_str())]).var("DB");
    assert_eq!(url(&attached), "mysql://disk");
}

#[test]
fn the_first_place_that_has_something_decides() {
    let both = Attached::from_vars([("A", "mysql://a"), ("B", "mysql://b")]);
    assert_eq!(url(&both.var("X").var("B").var("A")), "mysql://b");
    let wrong = Attached::from_vars([("A", "nonsense"), ("B", "mysql://b")])
        .var("A")
        .var("B");
    assert_eq!(error(&wrong).to_string().split(':').next(), Some("`A`"));
}

#[test]
fn every_mistake_names_its_place_and_no_value() {
    let vars = |name: &str, value: &str| {
        Attached::from_vars([(name.to_owned(), value.to_owned())]).var("DB")
    };
    for (attached, kind, text) in [
        (
            vars("OTHER", "x")
                .or_binding("orders")
                .or_split(Kind::MySql, "SHOP"),
            AttachErrorKind::Missing,
            "nothing is attached; expected `DB` or `DB_FILE`, a service binding named `orders`, `SHOP_HOST`",
        ),
        (
            vars("DB", "  "),
            AttachErrorKind::Invalid,
            "`DB`: set but empty",
        ),
        (
            vars("DB_FILE", "/x").files([("/y", "")]),
            AttachErrorKind::Unreadable,
            "`DB_FILE`: the file that it names does not exist",
        ),
        (
            vars("DB_FILE", "/x").files([("/x", "\n")]),
            AttachErrorKind::Invalid,
            "file `/x` of `DB_FILE`: set but empty",
        ),
        (
            vars("DB_FILE", "/x").files([("/x", [0xff])]),
            AttachErrorKind::Invalid,
            "file `/x` of `DB_FILE`: not UTF-8",
        ),
        (
            Attached::from_vars([("DB", "mysql://h"), ("DB_FILE", "/x")]).var("DB"),
            AttachErrorKind::Ambiguous,
            "`DB`: `DB_FILE` is set too; unset one of them",
        ),
        (
            Attached::from_vars([("DB", OsString::from_vec(vec![0xff]))]).var("DB"),
            AttachErrorKind::Invalid,
            "`DB`: not UTF-8",
        ),
        (
            Attached::from_vars([("SHOP_PASSWORD", "hunter2")]).or_split(Kind::MySql, "SHOP"),
            AttachErrorKind::Incomplete,
            "`SHOP_HOST` and its siblings: `SHOP_HOST` is missing",
        ),
        (
            Attached::from_vars([("SHOP_HOST", "h"), ("SHOP_PORT", "tcp://10.0.0.1:1")])
                .or_split(Kind::MySql, "SHOP"),
            AttachErrorKind::Invalid,
            "`SHOP_HOST` and its siblings: text that is no port number; expected a number from 1 to 65535",
        ),
    ] {
        let error = error(&attached);
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, text));
    }
    let wrong = vars("DB", "postgres://u:hunter2@h")
        .get::<MySql>()
        .unwrap_err();
    assert!(
        wrong
            .to_string()
            .starts_with("`DB`: service of another kind; expected a MySQL URL")
    );
    assert!(wrong.parse_error().is_some());
    assert!(!format!("{wrong:?}").contains("hunter2"));
}

#[test]
fn a_password_may_come_from_a_second_variable() {
    let vars = |url: &'static str| {
        Attached::from_vars([("DB", url), ("PW", "a#b/c")])
            .var("DB")
            .password_var("PW")
    };
    let locator: Postgres = vars("postgres://app@h/d").get().unwrap();
    assert_eq!(
        locator
            .locator()
            .password()
            .map(ExposeSecret::expose_secret),
        Some("a#b/c")
    );
    assert_eq!(
        error(&vars("postgres://app:x@h/d")).kind(),
        AttachErrorKind::Ambiguous
    );
    let without = Attached::from_vars([("DB", "postgres://app@h/d")])
        .var("DB")
        .password_var("PW");
    assert_eq!(url(&without), "postgres://app@h/d");
}

#[test]
fn split_variables_are_raw_values() {
    let vars = [
        ("S_HOST", "h"),
        ("S_PORT", "1"),
        ("S_USER", "u@x"),
        ("S_PASSWORD_FILE", "/pw"),
        ("S_NAME", "d"),
    ];
    let attached = Attached::from_vars(vars)
        .files([("/pw", "p:w\n")])
        .var("DB")
        .or_split(Kind::MySql, "S");
    assert_eq!(url(&attached), "mysql://u%40x:p%3Aw@h:1/d");
    assert_eq!(
        attached.find::<Locator>().unwrap().unwrap().origin(),
        &Origin::Split("S".to_owned())
    );
}

#[test]
fn a_service_binding_is_a_folder_of_files() {
    let binding = |files: &[(&str, &str)]| {
        let files = files
            .iter()
            .map(|(name, content)| (format!("/bindings/orders/{name}"), *content));
        Attached::from_vars([("SERVICE_BINDING_ROOT", "/bindings")])
            .files(files)
            .or_binding("orders")
    };
    let parts = [
        ("type", "mysql\n"),
        ("host", "h"),
        ("port", "3307\n"),
        ("username", "u"),
        ("password", "p/w\n"),
        ("database", "d"),
    ];
    assert_eq!(url(&binding(&parts)), "mysql://u:p%2Fw@h:3307/d");
    let uri = [
        ("type", "rabbitmq"),
        ("uri", "amqp://h/v"),
        ("username", "u"),
        ("password", "p"),
    ];
    assert_eq!(url(&binding(&uri)), "amqp://u:p@h/v");
    let kafka = [("type", "kafka"), ("bootstrap-servers", "a:9092,b:9093")];
    assert_eq!(url(&binding(&kafka)), "kafka://a:9092,b:9093");
    assert_eq!(
        error(&binding(&[("host", "h")])).kind(),
        AttachErrorKind::Missing
    );
    assert_eq!(
        error(&binding(&[("type", "mysql")])).kind(),
        AttachErrorKind::Incomplete
    );
    assert_eq!(
        error(&binding(&[("type", "oracle"), ("host", "h")])).kind(),
        AttachErrorKind::Incomplete
    );
    let origin = binding(&parts)
        .find::<Locator>()
        .unwrap()
        .unwrap()
        .origin()
        .to_string();
    assert_eq!(origin, "service binding `/bindings/orders`");
    let outside =
        Attached::from_vars([("SERVICE_BINDING_ROOT", "/b")]).files([("/b/../x/type", "mysql")]);
    assert_eq!(
        error(&outside.or_binding("../x")).kind(),
        AttachErrorKind::Missing
    );
}

#[cfg(feature = "vcap")]
mod vcap {
    use super::*;

    const SERVICES: &str = r#"{
        "p.mysql": [
            {"name": "orders-db", "tags": ["mysql", "relational"],
             "credentials": {"hostname": "h", "port": 3306, "username": "u", "password": "p#w", "name": "d"}}
        ],
        "user-provided": [
            {"name": "queue", "tags": ["amqp"], "credentials": {"uri": "amqp://u:p@mq/v"}},
            {"name": "spare", "tags": ["amqp"], "credentials": {"uri": "amqp://u:p@mq2/v"}}
        ]
    }"#;

    #[test]
    fn a_service_is_chosen_by_tag_label_or_name() {
        let services = || Attached::from_vars([("VCAP_SERVICES", SERVICES)]);
        assert_eq!(
            url(&services().or_vcap_tag("mysql")),
            "mysql://u:p%23w@h:3306/d"
        );
        assert_eq!(
            url(&services().or_vcap_tag("p.mysql")),
            "mysql://u:p%23w@h:3306/d"
        );
        assert_eq!(url(&services().or_vcap_name("queue")), "amqp://u:p@mq/v");
        let several = error(&services().or_vcap_tag("amqp"));
        assert_eq!(
            several.to_string(),
            "`VCAP_SERVICES`: several services match: `queue`, `spare`; ask for one by name"
        );
        assert_eq!(
            error(&services().or_vcap_tag("redis")).kind(),
            AttachErrorKind::Missing
        );
        let origin = services()
            .or_vcap_name("queue")
            .find::<Locator>()
            .unwrap()
            .unwrap()
            .origin()
            .to_string();
        assert_eq!(origin, "service `queue` in `VCAP_SERVICES`");
    }

    #[test]
    fn the_services_may_stand_in_a_file() {
        let attached =
            Attached::from_vars([("VCAP_SERVICES_FILE_PATH", "/v")]).files([("/v", SERVICES)]);
        assert_eq!(url(&attached.or_vcap_name("queue")), "amqp://u:p@mq/v");
    }

    #[test]
    fn broken_json_is_refused_without_being_shown() {
        for text in [
            r#"{"a": "hunter2"#,
            r#"["hunter2"]"#,
            r#"{"a": {"b": "hunter2"}}"#,
        ] {
            let error = error(&Attached::from_vars([("VCAP_SERVICES", text)]).or_vcap_tag("a"));
            assert_eq!(error.kind(), AttachErrorKind::Invalid);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}

#[test]
fn what_is_no_regular_file_is_refused_at_once_and_a_lost_path_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(
        std::process::Command::new("mkfifo")
            .arg(path("pipe"))
            .status()
            .unwrap()
            .success()
    );
    std::fs::write(path("big"), vec![b'x'; (1 << 20) + 1]).unwrap();
    for name in ["pipe", "big", "."] {
        let vars = [("DB_FILE", path(name))];
        let error = Attached::from_vars(vars)
            .var("DB")
            .get::<Locator>()
            .unwrap_err();
        assert_eq!(error.kind(), AttachErrorKind::Unreadable, "{name}");
        assert!(
            error.to_string().contains(path(name).to_str().unwrap()),
            "{error}"
        );
    }
    let gone = path("gone/url");
    let vars = [("DB_FILE", gone)];
    let error = Attached::from_vars(vars)
        .var("DB")
        .get::<Locator>()
        .unwrap_err();
    let part = format!("only `{}` is there", folder.path().display());
    assert!(error.to_string().ends_with(&part), "{error}");
    for lost in ["postgres://u:hunter2@h/d", "/hunter2", "hunter2\n"] {
        let error = Attached::from_vars([("DB_FILE", lost)])
            .var("DB")
            .get::<Locator>()
            .unwrap_err();
        let said = format!("{error} {error:?} {error:#?}");
        assert!(!said.contains("hunter"), "{said}");
    }
}
