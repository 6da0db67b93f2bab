//! Lines for people.

use tf_logs::Format;
use tf_logs::testing::{Capture, capture_with};

fn pretty() -> Capture {
    capture_with(
        tf_logs::builder("orders")
            .filter("trace")
            .format(Format::Pretty),
    )
}

#[test]
fn a_line_has_level_time_target_spans_message_and_fields() {
    let captured = pretty();
    let outer = tracing::info_span!("checkout", user.id = 7);
    let _outer = outer.enter();
    let inner = tracing::info_span!("price");
    let _inner = inner.enter();
    tracing::warn!(target: "orders::cart", items = 3, "order priced");
    let lines = captured.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let places: Vec<_> = [
        "WARN ",
        "orders::cart ",
        "checkout:price: ",
        "order priced",
        "items=3",
    ]
    .iter()
    .map(|part| {
        lines[0]
            .find(part)
            .unwrap_or_else(|| panic!("{part} in {}", lines[0]))
    })
    .collect();
    assert!(places.is_sorted(), "{}", lines[0]);
    assert!(lines[0].contains("user.id=7"), "{}", lines[0]);
}

#[test]
fn fields_begin_at_one_column() {
    let captured = pretty();
    tracing::info!(target: "a", first = 1, "short");
    tracing::error!(target: "orders::cart", first = 1, second = 2, "somewhat longer");
    let columns: Vec<_> = captured
        .lines()
        .iter()
        .map(|line| line.find("first=1"))
        .collect();
    assert!(columns[0].is_some());
    assert_eq!(columns[0], columns[1]);
}

#[test]
fn a_line_that_is_no_terminals_has_no_colours() {
    let captured = pretty();
    tracing::error!(a = 1, "plain");
    assert!(!captured.lines()[0].contains('\u{1b}'));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let captured = pretty();
    let evil = "\u{1b}[2J\u{9b}31m\r\u{8}\u{7f}";
    tracing::info!(field = evil, "evil {evil}");
    let _span = tracing::info_span!("span", evil).entered();
    tracing::info!("in a span");
    for line in captured.lines() {
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}

#[test]
fn text_of_several_lines_is_indented_so_that_it_is_no_line_of_its_own() {
    let captured = pretty();
    tracing::error!(
        trail = "outer\n  caused by \"inner\"",
        n = 1,
        "one\nINFO  00:00:00 forged"
    );
    let lines = captured.lines();
    assert!(lines.len() > 2, "{lines:?}");
    assert!(lines[0].starts_with("ERROR"));
    for line in &lines[1..] {
        assert!(line.starts_with("    "), "{lines:?}");
    }
    assert!(
        lines
            .iter()
            .any(|line| line.contains("caused by \"inner\"")),
        "{lines:?}"
    );
}

#[test]
fn quotes_and_backslashes_in_a_message_read_as_they_were_written() {
    let captured = pretty();
    tracing::info!(r#"say "hello\nworld" to C:\temp"#);
    let lines = captured.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains(r#"say "hello\nworld" to C:\temp"#),
        "{lines:?}"
    );
}
