//! Records of the crate `log`.

use std::collections::BTreeMap;
use std::fmt;

use log::kv::{ToValue, Value};
use serde_json::json;
use tf_logs::Stream;
use tf_logs::testing::assert_ecs;

use crate::{events, in_own_process};

fn logs(filter: &str) -> tf_logs::Logs {
    let builder = tf_logs::builder("orders")
        .stream(Stream::Stderr)
        .filter(filter);
    builder.init().expect("nothing is installed yet")
}

#[test]
fn a_record_becomes_an_event_with_its_place_and_typed_pairs() {
    let name = "bridge::a_record_becomes_an_event_with_its_place_and_typed_pairs";
    let seen = in_own_process(name, &[], || {
        let _logs = logs("info");
        let items = 3_u64;
        let error = std::io::Error::other("inner");
        log::warn!(
            target: "orders::cart",
            items, delta = -2_i64, ratio = 1.0_f64, ok = true, name = "ann", big = u128::MAX,
            shown:% = format_args!("{}", 7), pair:? = (1, 2), "user.id" = 9, failure:err = error;
            "order {} priced", 42
        );
    });
    let Some(seen) = seen else { return };
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_ecs(&seen[0]);
    let event = &events(&seen)[0];
    assert_eq!(event["message"], "order 42 priced");
    assert_eq!(event["log.level"], "WARN");
    assert_eq!(event["log"]["logger"], "orders::cart");
    assert!(
        event["log"]["origin"]["file"]["name"]
            .as_str()
            .unwrap()
            .ends_with("bridge.rs")
    );
    assert!(event["log"]["origin"]["file"]["line"].is_u64());
    let typed = ["items", "delta", "ratio", "ok", "name", "big"].map(|key| event[key].clone());
    assert_eq!(
        json!(typed),
        json!([3, -2, 1.0, true, "ann", u128::MAX.to_string()])
    );
    assert!(event["ratio"].is_f64());
    assert_eq!(event["shown"], "7");
    assert_eq!(event["pair"], "(1, 2)");
    assert_eq!(event["user"]["id"], 9);
    assert!(event.to_string().contains("inner"), "{event}");
}

#[test]
fn records_obey_the_filter_also_after_a_change() {
    let name = "bridge::records_obey_the_filter_also_after_a_change";
    let seen = in_own_process(name, &[], || {
        let logs = logs("warn,orders=debug");
        assert_eq!(log::max_level(), log::LevelFilter::Debug);
        log::info!(target: "hyper", "not this");
        log::debug!(target: "orders::cart", "this");
        log::logger().log(
            &log::Record::builder()
                .level(log::Level::Trace)
                .target("orders")
                .build(),
        );
        logs.set_filter("off").unwrap();
        assert_eq!(log::max_level(), log::LevelFilter::Off);
        log::error!("not this");
        logs.set_filter("trace").unwrap();
        assert_eq!(log::max_level(), log::LevelFilter::Trace);
        log::trace!("and this");
    });
    let Some(seen) = seen else { return };
    let messages: Vec<_> = events(&seen)
        .iter()
        .map(|event| event["message"].clone())
        .collect();
    assert_eq!(messages, ["this", "and this"]);
}

#[test]
fn a_record_has_the_fields_of_the_current_span() {
    let name = "bridge::a_record_has_the_fields_of_the_current_span";
    let seen = in_own_process(name, &[], || {
        let _logs = logs("info");
        let outer = tracing::info_span!("outer", order = 1, step = "outer");
        let _outer = outer.enter();
        let inner = tracing::info_span!("inner", step = "inner");
        let _inner = inner.enter();
        log::info!(own = 2; "hello");
        log::info!(order = 3; "its own wins");
    });
    let Some(seen) = seen else { return };
    let events = events(&seen);
    assert_eq!(events.len(), 2, "{seen:?}");
    assert_eq!(
        (&events[0]["order"], &events[0]["step"], &events[0]["own"]),
        (&json!(1), &json!("inner"), &json!(2))
    );
    assert_eq!(events[1]["order"], 3);
}

/// Fails or panics when it is shown.
struct Bad(bool);

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half of it")?;
        assert!(!self.0, "in Display");
        Err(fmt::Error)
    }
}

impl ToValue for Bad {
    fn to_value(&self) -> Value<'_> {
        Value::from_dyn_display(self)
    }
}

#[test]
fn odd_names_and_values_leave_lines_whole() {
    let name = "bridge::odd_names_and_values_leave_lines_whole";
    let seen = in_own_process(name, &[], || {
        let _logs = logs("info");
        let odd: BTreeMap<&str, &str> = [
            ("", "empty"),
            ("a", "1"),
            ("a.b", "2"),
            ("message", "3"),
            ("\n\"", "4"),
        ]
        .into();
        let record = |pairs: &dyn log::kv::Source, text: &str| {
            let args = format_args!("{text}");
            let mut record = log::Record::builder();
            record
                .level(log::Level::Info)
                .target("odd")
                .key_values(&pairs)
                .args(args);
            log::logger().log(&record.build());
        };
        record(&odd, "odd names");
        record(&[("a", 1), ("a", 2)], "twice");
        log::info!(bad = Bad(false); "fails");
        log::info!(bad = Bad(true); "panics");
        log::info!("message that fails: {}", Bad(false));
        log::info!("after");
    });
    let Some(seen) = seen else { return };
    let lines: Vec<_> = seen.iter().filter(|line| line.starts_with('{')).collect();
    for line in &lines {
        assert_ecs(line);
        assert!(!line.contains("half of it"), "{line}");
    }
    let messages: Vec<_> = events(&seen)
        .iter()
        .map(|event| event["message"].clone())
        .collect();
    for message in ["odd names", "twice", "fails", "panics", "after"] {
        assert!(messages.contains(&json!(message)), "{message}: {seen:?}");
    }
    assert_eq!(messages.last(), Some(&json!("after")));
}
