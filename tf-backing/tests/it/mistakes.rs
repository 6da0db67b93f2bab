//! Each mistake is named by its part and its fix, at its place.

use tf_backing::{Locator, ParseErrorKind, ParseOptions, Part, Warning};

/// The error's text for each refused locator.
fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = match Locator::parse(text) {
                Ok(locator) => format!("parsed: {locator}"),
                Err(error) => error.to_string(),
            };
            (found != *expected)
                .then(|| format!("{text}\n  expected {expected}\n  found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_unencoded_character_in_the_user_information_is_named() {
    check(&[
        (
            "postgres://u:p#w@h/d",
            "unencoded `#` in the password at byte 14; write %23",
        ),
        (
            "postgres://u:p/w@h/d",
            "unencoded `/` in the password at byte 14; write %2F",
        ),
        (
            "postgres://u:1/w@h:1/d",
            "unencoded `/` in the password at byte 14; write %2F",
        ),
        (
            "postgres://u:p?w@h/d",
            "unencoded `?` in the password at byte 14; write %3F",
        ),
        (
            "postgres://u:1?a=w@h/d",
            "unencoded `?` in the password at byte 14; write %3F",
        ),
        (
            "postgres://u:1/a?b=w@h/d",
            "unencoded `/` in the password at byte 14; write %2F",
        ),
        (
            "postgres://u:p@w@h/d",
            "unencoded `@` in the password at byte 14; write %40",
        ),
        (
            "postgres://u@x:p@h/d",
            "unencoded `@` in the user name at byte 12; write %40",
        ),
        (
            "postgres://u#x:p@h/d",
            "unencoded `#` in the user name at byte 12; write %23",
        ),
        (
            "nats://u:p@a,u:q@b",
            "hosts with different credentials at byte 13; give one pair, with the first host",
        ),
        (
            "postgres://u:p%w@h/d",
            "`%` without two hexadecimal digits after it in the password at byte 14; write %25 for a literal `%`",
        ),
        (
            "postgres://u:p w@h/d",
            "white space in the password at byte 14; write %20",
        ),
        (
            "postgres://u:p@h/a@b",
            "unencoded `@` in the path at byte 18; write %40, and %2F for a `/` in the password",
        ),
        (
            "postgres://u:p@h?x@y=1",
            "unencoded `@` in the options at byte 18; write %40, and %3F for a `?` in the password",
        ),
        (
            "mongodb://u:p:w@h/d",
            "unencoded `:` in the password at byte 13; write %3A",
        ),
        (
            "kafka://u:p,w@h,i",
            "unencoded `,` in the password at byte 11; write %2C, or give the credentials with the first host",
        ),
        (
            "nats://a,b#c@d",
            "unencoded `#` in the user name at byte 10; write %23",
        ),
        (
            "sqlite://u:p@h/d",
            "unencoded `@` in the path at byte 12; write %40, and %2F for a `/` in the password",
        ),
    ]);
}

#[test]
fn a_text_without_a_known_scheme_says_so() {
    let example = "missing scheme at byte 0; expected `scheme://…`, such as `postgres://user:password@host:5432/database`";
    check(&[
        ("", "no text at byte 0; expected `scheme://…`"),
        ("\n", "no text at byte 0; expected `scheme://…`"),
        ("db.internal:5432/shop", example),
        ("app:pw@db/shop", example),
        ("://h", example),
        (
            "\"postgres://h\"",
            "missing scheme at byte 0; drop the quotation marks",
        ),
        (
            " postgres://h",
            "missing scheme at byte 0; drop the white space",
        ),
        (
            "DATABASE_URL=postgres://h",
            "missing scheme at byte 0; drop the name and its `=`",
        ),
        (
            "postgres:db",
            "scheme without `//` after it at byte 9; write `://` after it",
        ),
        (
            "jdbc:postgresql://h/d",
            "unknown scheme at byte 0; drop `jdbc:` or `r2dbc:`",
        ),
    ]);
    let error = Locator::parse("postgre://h").unwrap_err();
    assert_eq!(
        (error.kind(), error.part()),
        (ParseErrorKind::UnknownScheme, Part::Scheme)
    );
    assert!(error.hint().contains("mysql, sqlite, redis"));
}

#[test]
fn hosts_and_ports_are_checked() {
    let port = "text that is no port number at byte 13; expected a number from 1 to 65535; a database stands after `/`, not after `:`";
    check(&[
        ("postgres://h:shop", port),
        ("postgres://h:1:shop", port),
        ("postgres://h:0/d", port),
        ("postgres://h:65536", port),
        ("postgres://h:05432", port),
        ("postgres://h:+1", port),
        (
            "postgres://::1/d",
            "`[` without an IPv6 address and `]` after it at byte 11; write an IPv6 address in brackets",
        ),
        (
            "postgres://[::1",
            "`[` without an IPv6 address and `]` after it at byte 11; such as `[::1]:5432`",
        ),
        (
            "postgres://[]",
            "`[` without an IPv6 address and `]` after it at byte 11; such as `[::1]:5432`",
        ),
        (
            "postgres://[::1]z",
            "`[` without an IPv6 address and `]` after it at byte 11; such as `[::1]:5432`",
        ),
        (
            "postgres://[fe80::1%]",
            "`[` without an IPv6 address and `]` after it at byte 11; such as `[::1]:5432`",
        ),
        (
            "amqp://a,b",
            "more than one host at byte 8; this kind of service takes one; write %2C for a literal `,`",
        ),
        (
            "redis://a,b",
            "more than one host at byte 9; a list needs `redis-sentinel` or `redis-cluster`",
        ),
        (
            "mongodb+srv://a.example,b.example",
            "more than one host at byte 23; DNS names the hosts; for a list write the scheme without `+srv`",
        ),
        (
            "mongodb+srv://a.example:27017",
            "port, where DNS names it at byte 14; remove it, or write the scheme without `+srv`",
        ),
        (
            "mongodb+srv://10.0.0.1",
            "address or socket, where DNS needs a name, in the host at byte 14; write a DNS name",
        ),
        (
            "mongodb:///d",
            "missing host at byte 10; write it after `://` or `@`",
        ),
        (
            "kafka://a,",
            "missing host at byte 10; write it after `://` or `@`",
        ),
        (
            "nats://a,mqtt://b",
            "hosts with different schemes at byte 9; repeat the first scheme, or write it only once",
        ),
        (
            "amqp://%2Frun%2Fmq",
            "socket, which this kind of service has not, in the host at byte 7; write a name or an address",
        ),
        (
            "postgres://a%2Cb",
            "character that no host has at byte 11; expected a DNS name, an address or an escaped socket path",
        ),
        (
            "redis+unix://h/x",
            "host given as a socket path, which needs an empty host at byte 13; write the absolute path after three slashes",
        ),
        (
            "postgres://a,b?port=1,2,3",
            "numbers of hosts and ports that differ at byte 15; write one for each host, or one for all",
        ),
        (
            "postgres://a%00b",
            "NUL byte in the host at byte 12; no service takes it",
        ),
        (
            "postgres://%ff",
            "escapes that are not UTF-8 in the host at byte 11; encode each byte of its UTF-8 form",
        ),
    ]);
}

#[test]
fn paths_options_and_fragments_are_checked() {
    let number = "database that is not a number at byte 10; expected `/` and a number such as 0, without sign and leading zeros";
    check(&[
        ("redis://h/cache", number),
        ("redis://h/-1", number),
        ("redis://h//1", number),
        ("redis://h/1/", number),
        ("redis://h/01", number),
        (
            "amqp://h/a/b",
            "more than one segment in the path at byte 10; expected one; write %2F for a literal `/`",
        ),
        (
            "mysql://h/a/",
            "more than one segment in the path at byte 11; expected one; write %2F for a literal `/`",
        ),
        (
            "mongodb://h/a%24",
            "character that no database name has at byte 12; MongoDB takes no slash, backslash, space, quotation mark or dollar sign",
        ),
        (
            "s3:///x",
            "no bucket name at byte 5; expected letters, digits, `-`, `.` and `_` after `s3://`",
        ),
        (
            "postgres://h?sslmode=verify",
            "value that this option does not take in the options at byte 13; expected disable, allow, prefer, require, verify-ca or verify-full",
        ),
        (
            "postgres://h?sslmode",
            "option without `=` in the options at byte 13; write `name=value`; %26 stands for a literal `&`",
        ),
        (
            "postgres://h?sslrootcert=system&sslmode=require",
            "options that contradict each other in the options at byte 13; `sslrootcert=system` needs `sslmode=verify-full`",
        ),
        (
            "mongodb://h/?tls=true&ssl=false",
            "options that contradict each other in the options at byte 13; `tls` and `ssl` must agree",
        ),
        (
            "mysql://h?a=1&A=2",
            "option given more than once at byte 10; write each once",
        ),
        (
            "postgres://h/d#x",
            "unexpected fragment at byte 14; write %23 if the `#` belongs to a value",
        ),
        (
            "redis://h#x",
            "unexpected fragment at byte 9; only `#insecure` is known; write %23 for a literal `#`",
        ),
        (
            "postgres://h/d\n\n",
            "white space in the path at byte 14; only one line break may end the text",
        ),
        (
            "postgres://h/\u{1}",
            "control character in the path at byte 13; write it as a percent escape",
        ),
    ]);
    let long = format!("postgres://h/{}", "x".repeat(70_000));
    assert_eq!(
        Locator::parse(&long).unwrap_err().kind(),
        ParseErrorKind::TooLong
    );
}

#[test]
fn what_is_allowed_but_not_meant_is_a_warning() {
    let warnings = |text: &str| Locator::parse(text).unwrap().warnings().to_vec();
    assert_eq!(warnings("amqp://mq/"), [Warning::EmptyVhost]);
    assert_eq!(warnings("amqp://mq/%2F"), []);
    assert_eq!(warnings("redis://secret@h"), [Warning::UserWithoutPassword]);
    assert_eq!(warnings("redis://u@h?password=p"), []);
    assert_eq!(warnings("rediss://h#insecure"), [Warning::UnverifiedTls]);
    assert_eq!(warnings("redis://h#insecure"), []);
    assert_eq!(warnings("nats://h/x"), [Warning::IgnoredPath]);
    assert_eq!(warnings("postgres://a?host=b"), [Warning::ReplacedPart]);
    assert_eq!(warnings("postgres://a?uzer=b"), [Warning::UnknownOption]);
    assert_eq!(
        warnings("mongodb://a/?tls=maybe&what=1&so=1"),
        [Warning::IgnoredValue, Warning::UnknownOption]
    );
    assert!(
        Warning::EmptyVhost
            .to_string()
            .contains("drop the slash or write /%2F")
    );
}

#[test]
fn lenient_user_information_is_tried_only_after_the_strict_rules() {
    let rules = ParseOptions::new().lenient_user_info(true);
    let parts = |text: &str| {
        let locator = Locator::parse_with(text, &rules).unwrap();
        crate::vectors::summary(&locator)
    };
    assert_eq!(
        parts("postgres://u:a#b/c?d@e%zz:f@h:1/d?sslmode=disable"),
        r#""u" "a#b/c?d@e%zz:f" [name h 1] "d" off"#
    );
    assert_eq!(
        parts("postgres://h/d?application_name=a@b"),
        r#"- - [name h] "d" opportunistic"#
    );
    assert_eq!(
        parts("nats://u:p,q@a,b"),
        r#""u" "p,q" [name a, name b] - off"#
    );
    for text in ["postgres://u:p#w@h:x", "postgres://u:p#\u{1}@h"] {
        let error = Locator::parse_with(text, &rules).unwrap_err();
        assert_eq!(error.part(), Part::Password);
    }
}

#[test]
fn schemes_can_be_added_and_kinds_expected() {
    use tf_backing::Kind;
    let rules = ParseOptions::new().scheme("LDAP", Kind::Other, 389).scheme(
        "bouncer",
        Kind::Postgres,
        6432,
    );
    let ldap = Locator::parse_with("ldap://a,b:1/dc=x", &rules).unwrap();
    assert_eq!((ldap.kind(), ldap.scheme()), (Kind::Other, "ldap"));
    assert_eq!(ldap.endpoints().len(), 2);
    assert_eq!(ldap.identity(), "ldap://a:389,b:1/dc%3Dx");
    let bouncer = Locator::parse_with("bouncer://h/d", &rules).unwrap();
    assert_eq!(bouncer.identity(), "postgres://h:6432/d");
    let bare = |text: &str, kind| Locator::parse_with(text, &ParseOptions::new().expect(kind));
    assert_eq!(bare("a:9092,b", Kind::Kafka).unwrap().hosts().len(), 2);
    assert_eq!(
        bare("h:5433/d", Kind::Postgres).unwrap().identity(),
        "postgres://h:5433/d"
    );
    assert_eq!(bare("ws://h", Kind::Nats).unwrap().kind(), Kind::Nats);
    assert_eq!(bare("ws://h", Kind::Mqtt).unwrap().kind(), Kind::Mqtt);
    assert_eq!(
        bare("https://h", Kind::Elasticsearch)
            .unwrap()
            .default_port(),
        Some(9200)
    );
}
