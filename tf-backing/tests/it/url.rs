//! To and from the `url` crate.

use tf_backing::{Locator, ToUrlErrorKind};
use url::Url;

#[test]
fn one_tcp_host_fits_into_a_url() {
    for (text, expected) in [
        (
            "postgres://u:p%23%2f@h:1/d?sslmode=require",
            "postgres://u:p%23%2F@h:1/d?sslmode=require",
        ),
        ("postgres://u@/d", "postgres://u@localhost/d"),
        ("https://h", "https://h/"),
        ("https://u:p@h/a/../b?q=a+b", "https://u:p@h/b?q=a%20b"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("amqp://[::1]/%2F", "amqp://[::1]/%2F"),
    ] {
        let url = Locator::parse(text).unwrap().expose_to_url().unwrap();
        assert_eq!(url.as_str(), expected);
    }
    let urls = Locator::parse("postgres://u:p@a:1,b/d")
        .unwrap()
        .expose_to_urls()
        .unwrap();
    let texts: Vec<&str> = urls.iter().map(Url::as_str).collect();
    assert_eq!(texts, ["postgres://u:p@a:1/d", "postgres://u:p@b/d"]);
}

#[test]
fn what_a_url_would_lose_is_refused() {
    use ToUrlErrorKind::{Lossy, NoHost, SeveralHosts, Socket};
    for (text, kind) in [
        ("postgres://a,b", SeveralHosts),
        ("postgres://%2Frun", Socket),
        ("postgres://%40pg", Socket),
        ("sqlite:x", NoHost),
        ("postgres://u:@h", Lossy),
        ("postgres://h/..", Lossy),
        ("amqp://h/%2e%2e", Lossy),
        ("postgres://[fe80::1%25eth0]", Lossy),
    ] {
        let error = Locator::parse(text).unwrap().expose_to_url().unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
    }
}

#[test]
fn a_url_is_a_locator() {
    let url = Url::parse("rediss://:pw@h/1").unwrap();
    assert_eq!(
        Locator::try_from(&url).unwrap().to_string(),
        "rediss://:***@h/1"
    );
}
