//! Values that never appear.

use tf_logs::testing::{Capture, assert_ecs, capture_with};
use tf_logs::{Format, Schema};

const SECRET: &str = "s3cr3t-m4rk3r";

fn everything(captured: &Capture) -> String {
    let span = tracing::info_span!(
        "login",
        password = SECRET,
        user.password = SECRET,
        plain = "seen"
    );
    let _entered = span.enter();
    tracing::info!(password = SECRET, "as text");
    tracing::info!(Password = %SECRET, "as display");
    tracing::info!(password = ?SECRET, "as debug");
    tracing::info!(
        user.password = SECRET,
        http.request.headers.authorization = SECRET,
        "dotted"
    );
    tracing::info!(password.old = SECRET, "below");
    tracing::info!(r#password = SECRET, "raw");
    let late = tracing::info_span!("late", authorization = tracing::field::Empty);
    late.record("authorization", SECRET);
    late.in_scope(|| tracing::info!("recorded"));
    tracing::info!(parent: &span, "explicit");
    captured.lines().join("\n")
}

#[test]
fn redacted_values_appear_nowhere_in_any_form() {
    for (schema, format) in [
        (Schema::Ecs, Format::Json),
        (Schema::Plain, Format::Json),
        (Schema::Ecs, Format::Pretty),
        (Schema::Plain, Format::Pretty),
    ] {
        let builder = tf_logs::builder("orders").schema(schema).format(format);
        let captured = capture_with(builder.redact(["PASSWORD", "authorization"]));
        let text = everything(&captured);
        assert!(!text.contains(SECRET), "{schema:?} {format:?}: {text}");
        assert!(text.contains("seen") && text.contains("recorded"), "{text}");
    }
}

#[test]
fn what_is_not_named_is_shown_and_lines_stay_whole() {
    let captured = capture_with(tf_logs::builder("orders").redact(["token"]));
    tracing::info!(token = SECRET, tokens = 3, "hello");
    let lines = captured.lines();
    assert_ecs(&lines[0]);
    assert!(
        lines[0].contains("\"tokens\":3") && lines[0].contains("token"),
        "{}",
        lines[0]
    );
}

#[test]
fn numbers_and_truths_are_hidden_too() {
    let captured = capture_with(tf_logs::builder("orders").redact(["pin", "admin"]));
    tracing::info!(pin = 987_654_321_u64, admin = true, "hello");
    let line = captured.lines().remove(0);
    assert!(
        !line.contains("987654321") && !line.contains("true"),
        "{line}"
    );
}

#[test]
fn fields_of_the_program_are_hidden_too() {
    let captured = capture_with(
        tf_logs::builder("orders")
            .redact(["token"])
            .field("labels.token", SECRET),
    );
    tracing::info!("hello");
    assert!(!captured.lines()[0].contains(SECRET));
}
