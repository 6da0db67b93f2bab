//! Lines that would be too long.

use proptest::prelude::*;
use serde_json::Value;
use tf_logs::Schema;
use tf_logs::testing::{Capture, assert_ecs, capture, capture_with};

use crate::dynamic::{Fields, Sample, event, span, strict};

const LIMIT: usize = 16 * 1024;

/// The only line, which must have been cut to nearly the limit.
#[track_caller]
fn cut(captured: &Capture) -> Value {
    let lines = captured.lines();
    assert_eq!(lines.len(), 1);
    assert_ecs(&lines[0]);
    assert!(lines[0].len() < LIMIT, "{}", lines[0].len());
    captured.clear();
    strict(&lines[0])
}

fn original(line: &Value) -> usize {
    line["labels"]["truncated"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("a number of bytes")
}

#[test]
fn a_line_at_the_limit_is_whole_and_one_above_is_cut() {
    let captured = capture();
    tracing::info!("x");
    let rest = captured.lines()[0].len();
    captured.clear();
    for length in LIMIT - rest - 5..LIMIT - rest + 5 {
        tracing::info!("{}", "x".repeat(length));
        let line = captured.lines().remove(0);
        // A number more of the source line or of the time would not matter: all have the same digits.
        let whole = strict(&line)["message"].as_str().unwrap().len() == length;
        assert!(line.len() < LIMIT);
        assert_eq!(whole, !line.contains("truncated"), "{length}");
        captured.clear();
    }
    assert!(captured.logs().truncated() > 0);
}

#[test]
fn a_long_message_is_cut_and_the_fields_stay() {
    let captured = capture();
    let span = tracing::info_span!("s", of_span = "short", labels.mine = "kept");
    let _entered = span.enter();
    tracing::info!(a = 1, b = "short", "{}", "m".repeat(1_000_000));
    let line = cut(&captured);
    assert_eq!(
        (&line["a"], &line["b"], &line["of_span"]),
        (&1.into(), &"short".into(), &"short".into())
    );
    assert_eq!(line["labels"]["mine"], "kept");
    let message = line["message"].as_str().unwrap();
    assert!(message.len() > LIMIT - 1_000 && message.chars().all(|c| c == 'm'));
    assert!(original(&line) > 1_000_000);
    assert_eq!(captured.logs().truncated(), 1);
}

#[test]
fn the_longest_texts_are_cut_first() {
    let captured = capture();
    tracing::info!(
        long = "l".repeat(20_000),
        longer = "k".repeat(30_000),
        short = "s".repeat(3_000),
        "text"
    );
    let line = cut(&captured);
    let length = |name: &str| line[name].as_str().unwrap().len();
    assert_eq!(length("short"), 3_000);
    assert!(length("long") > 5_000 && length("long") == length("longer"));
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Caused(String, #[source] std::io::Error);

#[test]
fn the_stack_trace_is_cut_before_anything_else() {
    let captured = capture();
    let error = Caused("outer".into(), std::io::Error::other("c".repeat(9_000)));
    tracing::info!(
        error = tf_logs::error(&error),
        text = "t".repeat(10_000),
        "text"
    );
    let line = cut(&captured);
    assert_eq!(line["text"].as_str().unwrap().len(), 10_000);
    assert_eq!(line["error"]["message"], "outer");
    let trace = line["error"]["stack_trace"].as_str().unwrap();
    assert!(trace.starts_with("outer\nCaused by: ccc") && trace.len() > 4_000);
}

#[test]
fn characters_and_escapes_are_not_split() {
    let captured = capture();
    for unit in ["ü", "日", "🙂", "\n", "\"", "\u{7f}", "\u{2028}", "a\u{85}"] {
        for shift in 0..6 {
            let text = "x".repeat(shift) + &unit.repeat(20_000);
            tracing::info!(text, "hello");
            let line = cut(&captured);
            let cut = line["text"].as_str().unwrap();
            assert!(text.starts_with(cut) && cut.len() > 1_000, "{unit:?}");
        }
    }
}

#[test]
fn thousands_of_fields_fit_as_far_as_they_can() {
    let captured = capture();
    for nested in ["", "x.", "labels."] {
        let fields: Fields = (0..5_000_u64)
            .map(|index| (format!("{nested}f{index}"), Sample::U64(index)))
            .collect();
        event(&fields);
        let line = cut(&captured);
        let place = if nested.is_empty() {
            &line
        } else {
            &line[nested.trim_end_matches('.')]
        };
        let kept = place
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| key.starts_with('f'))
            .count();
        assert!((500..5_000).contains(&kept), "{kept}");
        assert!(original(&line) > 50_000);
    }
}

#[test]
fn one_huge_name_goes_and_the_rest_stays() {
    let captured = capture();
    for huge in [
        "n".repeat(100_000),
        format!("a.{}", "n".repeat(100_000)),
        "n.".repeat(50_000) + "n",
    ] {
        event(&vec![
            ("before".into(), Sample::U64(1)),
            (huge, Sample::U64(2)),
            ("after".into(), Sample::U64(3)),
        ]);
        let line = cut(&captured);
        assert_eq!((&line["before"], &line["after"]), (&1.into(), &3.into()));
    }
}

#[test]
fn a_label_called_truncated_gives_way() {
    let captured = capture();
    tracing::info!(
        labels.truncated = "mine",
        labels.other = "kept",
        "{}",
        "m".repeat(20_000)
    );
    let line = cut(&captured);
    assert!(original(&line) > 20_000);
    assert_eq!(line["labels"]["other"], "kept");
}

#[test]
fn without_a_schema_the_mark_is_at_the_root() {
    let captured = capture_with(tf_logs::builder("test").schema(Schema::Plain));
    tracing::info!(truncated = "mine", "{}", "m".repeat(20_000));
    let line = strict(&captured.lines()[0]);
    assert!(line["truncated"].as_u64().unwrap() > 20_000);
    assert_eq!(line["fields.truncated"], "mine");
}

#[test]
fn a_huge_event_leaves_no_trace_in_the_next_one() {
    let captured = capture();
    tracing::info!(a = "a".repeat(5_000_000), "huge");
    captured.clear();
    tracing::info!(a = "a", "small");
    let line = captured.lines().remove(0);
    assert!(line.len() < 1_000 && !line.contains("truncated"), "{line}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lines_of_any_size_keep_to_any_limit(
        limit in 1_024_usize..20_000,
        in_event in proptest::collection::vec(("[a-c]{1,2}(\\.[a-c]{1,2}){0,2}", "[a\"\\x00-\\x1fü🙂]{0,300}", 0_usize..200), 0..12),
        in_span in proptest::collection::vec(("[a-d]{1,2}(\\.[a-c]{1,2}){0,2}|labels\\.[a-z]", "\\PC{0,100}", 0_usize..200), 0..12),
    ) {
        let captured = capture_with(tf_logs::builder("test").instance("i").max_event_bytes(limit));
        let fields = |parts: Vec<(String, String, usize)>| -> Fields {
            parts.into_iter().map(|(name, unit, count)| (name, Sample::Text(unit.repeat(count)))).collect()
        };
        let span = span(&fields(in_span));
        let _entered = span.enter();
        event(&fields(in_event));
        let line = captured.lines().remove(0);
        prop_assert!(line.len() < limit);
        assert_ecs(&line);
        let parsed = strict(&line);
        prop_assert_eq!(captured.logs().truncated() == 1, parsed["labels"].get("truncated").is_some());
    }
}
