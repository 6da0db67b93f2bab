//! Heap use, counted per thread.

use std::io;
use std::thread;

use allocation_counter::{AllocationInfo, measure};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

struct Nowhere;

impl io::Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn dispatch() -> Dispatch {
    let (_, layer) = tf_logs::builder("test")
        .field("region", "eu")
        .with_writer(Nowhere)
        .layer()
        .expect("it is valid");
    Dispatch::new(tracing_subscriber::registry().with(layer))
}

/// What the second of two equal runs allocates.
fn second_run(run: impl Fn()) -> AllocationInfo {
    tracing::dispatcher::with_default(&dispatch(), || {
        run();
        measure(&run)
    })
}

macro_rules! many_callsites {
    ($($name:ident)*) => {
        $(tracing::info!($name = 1, text = "some \"text\"", ratio = 1.5, http.method = "GET", "hello {}", stringify!($name));)*
    };
}

fn events() {
    tracing::info!("nothing but text");
    tracing::info!(a = 1, b = "text", c = true, d = 0.1, e = ?"debug", f = %"display", g = u64::MAX, "all kinds");
    tracing::info!(
        event.action = "lifecycle.ready",
        lifecycle.ms = 5,
        user = "bob",
        "nested"
    );
    tracing::warn!(error = "text", "error");
    tracing::info!(
        traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "trace"
    );
    tracing::info!(long = "x".get(..1).map(|_| LONG), "long");
    many_callsites!(a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff gg hh ii jj kk ll mm nn oo pp);
}

const LONG: &str = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

#[test]
fn events_do_not_allocate_after_their_first_use() {
    assert_eq!(second_run(events).count_total, 0);
}

#[test]
fn events_in_spans_do_not_allocate_after_their_first_use() {
    let info = tracing::dispatcher::with_default(&dispatch(), || {
        let outer = tracing::info_span!("outer", request.id = 7, http.route = "/x", plain = "text");
        let _outer = outer.enter();
        let inner = tracing::info_span!(
            "inner",
            a = "inner",
            step = 2.5,
            status = tracing::field::Empty
        );
        let _inner = inner.enter();
        let run = || {
            inner.record("status", 200);
            events();
        };
        run();
        measure(run)
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn a_span_allocates_once_at_most() {
    const SPANS: u64 = 100;
    let run = || {
        for id in 0..SPANS {
            let span = tracing::info_span!("request", id, method = "GET", path = "/orders/17");
            let _entered = span.enter();
            tracing::info!("inside");
        }
    };
    let info = second_run(run);
    assert!(info.count_total <= SPANS, "{}", info.count_total);
    assert_eq!(info.count_current, 0);
}

#[test]
fn each_thread_needs_its_buffers_only_once() {
    let dispatch = dispatch();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let dispatch = dispatch.clone();
            thread::spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    events();
                    measure(events).count_total
                })
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 0);
    }
}

#[test]
fn a_changed_filter_does_not_make_plans_anew() {
    let (logs, layer) = tf_logs::builder("test")
        .with_writer(Nowhere)
        .layer()
        .unwrap();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    tracing::dispatcher::with_default(&dispatch, || {
        events();
        logs.set_filter("debug").unwrap();
        assert_eq!(measure(events).count_total, 0);
    });
}

#[test]
fn a_huge_event_does_not_keep_its_memory() {
    let text = "x".repeat(3_000_000);
    let kept = tracing::dispatcher::with_default(&dispatch(), || {
        events();
        measure(|| {
            tracing::info!(text, other = text, "huge");
            tracing::info!("small");
        })
        .bytes_current
    });
    assert!(kept <= 64 * 1024, "{kept}");
}
