//! Values of every type and size.

use tf_logs::Logs;
use tracing::{Level, debug, error, field, info, info_span, trace, warn};

pub(super) fn levels() {
    trace!("trace");
    debug!("debug");
    warn!("warning");
    error!("error");
    info!(target: "shop::checkout", "target");
    // No message at all.
    info!(shop.items = 1);
    // A message that is no text.
    tracing::event!(Level::INFO, message = 7);
}

pub(super) fn values() {
    info!(
        small = 1u8,
        negative = -1i8,
        largest = i64::MAX,
        least = i64::MIN,
        beyond = u64::MAX,
        beyond_by_one = i64::MAX as u64 + 1,
        wide = u128::MAX,
        wide_negative = i128::MIN,
        wide_small = 5i128,
        yes = true,
        whole = 1.0,
        third = 1.0 / 3.0,
        huge = 1e300,
        tiny = 5e-324,
        minus_zero = -0.0,
        exact = 16_777_217.0f32,
        not_a_number = f64::NAN,
        infinite = f64::INFINITY,
        "numbers"
    );
    info!(
        empty = "",
        text = "é😀",
        owned = String::from("owned"),
        bytes = &b"bytes"[..],
        bad_bytes = &b"\xff\xfe\0"[..],
        debug = ?vec![Some("a"), None],
        display = %format_args!("{}-{}", 1, 2),
        present = Some(5),
        absent = None::<u64>,
        nothing = field::Empty,
        boxed = Box::new(3),
        json = r#"{"not":"parsed"}"#,
        "texts"
    );
}

pub(super) fn controls() {
    let all: String = ('\0'..'\u{250}').collect();
    info!(all, "all below U+0250: {all}");
    info!(
        lines = "a\u{2028}b\u{2029}c\u{feff}\u{fffe}\u{10ffff}",
        "unusual: \u{200b}\u{202e}"
    );
    info!("{}", "\"}\n{\"forged\":true}\r\n");
}

pub(super) fn sizes(logs: &Logs) {
    let long = "é\"\n".repeat(20_000);
    info!("{long}");
    info!(long, after = "kept", "long field");
    let _span = info_span!("long", long, place = "span").entered();
    info!(first = %long, second = long, "three long fields");
    assert!(logs.truncated() >= 3, "{}", logs.truncated());
}
