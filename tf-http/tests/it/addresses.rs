use proptest::prelude::*;
use tf_http::Address;

fn said(text: &str) -> String {
    let error = text.parse::<Address>().expect_err("no address");
    error.to_string()
}

#[test]
fn each_form_of_an_address_is_read() {
    let cases = [
        (":8080", "[::]:8080"),
        ("*:8080", "[::]:8080"),
        ("[::]:8080", "[::]:8080"),
        (" 127.0.0.1:80 ", "127.0.0.1:80"),
        ("[::1]:80", "[::1]:80"),
        ("localhost:0", "localhost:0"),
        ("/run/a.sock?", "/run/a.sock?"),
        ("./a.sock", "./a.sock"),
        ("unix:a.sock", "unix:a.sock"),
        ("unix:/run/a.sock?mode=660", "unix:/run/a.sock?mode=0660"),
        ("fd:0", "fd:0"),
    ];
    for (text, shown) in cases {
        assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
    }
    assert_eq!(Address::default(), ":5000".parse().unwrap());
}

#[test]
fn each_mistake_has_its_sentence() {
    assert!(said("").contains("empty"));
    assert!(said("8080").contains("`:8080`"));
    assert!(said("localhost").contains("port is missing"));
    assert!(said("localhost:").contains("65535"));
    assert!(said(":65536").contains("65535"));
    assert!(said(":+80").contains("65535"));
    assert!(said("::1:80").contains("brackets"));
    assert!(said("[fe80::1%2]:80").contains("host"));
    assert!(said("a b:80").contains("host"));
    assert!(said("http://localhost:80").contains("without a scheme"));
    assert!(said("unix:").contains("path"));
    assert!(said("unix:/a?mode=888").contains("octal"));
    assert!(said("unix:/a?mode=+7").contains("octal"));
    assert!(said("unix:/a?owner=me").contains("mode"));
    assert!(said(&format!("/{}", "x".repeat(107))).contains("107"));
    assert!(said("fd:3").contains("LISTEN_FDS"));
}

proptest! {
    #[test]
    fn any_text_gives_an_address_or_an_error(text in ".*") {
        let _ = text.parse::<Address>();
    }

    #[test]
    fn an_address_reads_what_it_shows(text in r"(unix:|/|\[|:|[a-z0-9.]{0,8}|fd:)[a-z0-9:./?=\]]{0,16}") {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
        }
    }
}
