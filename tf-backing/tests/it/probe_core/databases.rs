//! PostgreSQL and MySQL.

use tf_backing::{Outcome, Reason, Step, Verdict};

use super::{REACHABLE, READY, not_ready, outcome, play, protocol, sent};

/// A PostgreSQL message.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a protocol and an answer");
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

fn sqlstate(code: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mno entry for user \"app\"\0\0");
    message(b'E', fields.as_bytes())
}

/// A MySQL packet.
fn packet(sequence: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len())
        .expect("a protocol and an answer")
        .to_le_bytes();
    [&length[..3], &[sequence], body].concat()
}

fn greeting(version: &str, abilities: u16) -> Vec<u8> {
    let mut body = [&[10][..], version.as_bytes(), &[0], b"\x09\0\0\0abcdefgh\0"].concat();
    body.extend(abilities.to_le_bytes());
    body.extend([33, 2, 0, 0xFF, 0x81, 21]);
    body.extend([0; 10]);
    body.extend(b"ijklmnopqrst\0mysql_native_password\0");
    packet(0, &body)
}

fn mysql_error(sequence: u8, code: u16) -> Vec<u8> {
    let body = [&[0xFF][..], &code.to_le_bytes(), b"#HY000no"].concat();
    packet(sequence, &body)
}

#[test]
fn postgres_follows_the_rule_of_pg_isready() {
    let url = "postgres://app@db/orders";
    let opening = sent(protocol(url).opening());
    assert_eq!(
        opening,
        b"\0\0\0\x22\0\x03\0\0user\0app\0database\0orders\0\0"
    );
    let scram = message(b'R', b"\0\0\0\x0ASCRAM-SHA-256\0\0");
    assert_eq!(outcome(url, &[&scram]), READY);
    assert_eq!(
        outcome(url, &[&sqlstate("57P03")]),
        not_ready(Reason::Starting)
    );
    assert_eq!(outcome(url, &[&sqlstate("53300")]), not_ready(Reason::Full));
    for code in ["28000", "28P01", "3D000"] {
        let verdict = play(url, &[&sqlstate(code)]);
        assert_eq!(verdict.outcome(), READY, "{code}");
        assert!(format!("{verdict:?}").contains(code));
        assert!(!format!("{verdict:?}").contains("app"));
    }
}

#[test]
fn postgres_gives_its_version_after_a_login_without_a_password() {
    let session = [
        message(b'R', &[0; 4]),
        message(b'S', b"application_name\0\0"),
        message(b'S', b"server_version\x0015.4 (Debian)\0"),
        message(b'Z', b"I"),
    ]
    .concat();
    let verdict = play("postgres://db", &[&session]);
    assert_eq!(verdict, Verdict::ready().server(b"15.4 (Debian)"));
    let mut protocol = protocol("postgres://db");
    protocol.judge(&message(b'R', &[0; 4]));
    assert_eq!(protocol.ended(b""), Some(Verdict::ready()));
    assert_eq!(protocol.farewell(), b"X\0\0\0\x04");
}

#[test]
fn postgres_with_tls_names_nobody_in_plain_text() {
    let url = "postgres://app:pw@db/orders?sslmode=require";
    let mut protocol = protocol(url);
    assert_eq!(sent(protocol.opening()), b"\0\0\0\x08\x04\xD2\x16\x2F");
    let again = sent(protocol.judge(b"S"));
    let again = String::from_utf8_lossy(&again).into_owned();
    assert!(
        !again.contains("app") && !again.contains("orders"),
        "{again}"
    );
    assert_eq!(
        protocol.judge(&sqlstate("57P03")),
        Step::Done(Verdict::not_ready(Reason::Starting))
    );
    assert_eq!(outcome(url, &[b"N"]), not_ready(Reason::NoTls));
    assert_eq!(self::protocol(url).judge(b"SSH-2.0-x\r\n"), Step::Foreign);
}

#[test]
fn mysql_always_answers_a_greeting() {
    let hello = greeting("5.5.5-10.11.6-MariaDB", 0xFFFF);
    let mut nobody = protocol("mysql://db");
    let response = sent(nobody.judge(&hello));
    assert_eq!(response[3], 1);
    assert_eq!(&response[36..38], b"\0\0");
    let refused = mysql_error(2, 1045);
    let version = b"10.11.6-MariaDB";
    assert_eq!(
        nobody.judge(&refused),
        Step::Done(Verdict::ready().server(version))
    );

    // A user with a password could be locked by a login that fails: nobody logs in instead.
    let response = sent(protocol("mysql://app:pw@db").judge(&hello));
    assert!(!String::from_utf8_lossy(&response).contains("app"));
    let response = sent(protocol("mysql://app@db").judge(&hello));
    assert!(String::from_utf8_lossy(&response).contains("app\0\0mysql_native_password\0"));
}

#[test]
fn mysql_logs_in_to_the_end() {
    let hello = greeting("8.4.0", 0xFFFF);
    let switch = packet(2, b"\xFEcaching_sha2_password\0abcdefghijklmnopqrst\0");
    let mut app = protocol("mysql://app@db");
    sent(app.judge(&hello));
    assert_eq!(sent(app.judge(&switch)), b"\0\0\0\x03");
    let ok = packet(4, b"\0\0\0\x02\0\0\0");
    assert_eq!(
        app.judge(&ok),
        Step::Done(Verdict::ready().server(b"8.4.0"))
    );
    assert_eq!(app.farewell(), b"\x01\0\0\0\x01");

    let mut app = protocol("mysql://app@db");
    sent(app.judge(&hello));
    let refused = app.judge(&mysql_error(2, 1045));
    assert!(matches!(refused, Step::Done(verdict) if verdict.outcome() == REACHABLE));
}

#[test]
fn mysql_errors_say_why() {
    for (code, reason) in [
        (1040, Reason::Full),
        (1129, Reason::Denied),
        (1130, Reason::Denied),
        (1053, Reason::Starting),
        (9999, Reason::Unavailable),
    ] {
        let error = mysql_error(0, code);
        assert_eq!(
            outcome("mysql://db", &[&error]),
            not_ready(reason),
            "{code}"
        );
    }
    let plain = greeting("8.4.0", 0xF7FF & !0x800);
    let tls = "mysql://db?ssl-mode=REQUIRED";
    let plain = [&plain[..], &mysql_error(2, 1045)];
    assert_eq!(outcome(tls, &plain), not_ready(Reason::NoTls));
    let insecure = [greeting("8.4.0", 0xFFFF), mysql_error(2, 3159)];
    let insecure = [&insecure[0][..], &insecure[1][..]];
    assert_eq!(outcome("mysql://db", &insecure), READY);
    let off = "mysql://db?ssl-mode=DISABLED";
    assert_eq!(outcome(off, &insecure), Outcome::TlsRequired);
}
