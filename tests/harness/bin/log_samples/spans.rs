//! Fields of spans, and what comes from elsewhere than `tracing`.

use tracing::{field, info, info_span};

pub(super) fn spans() {
    let outer = info_span!(
        "outer",
        shop.tenant = "outer",
        depth = 1,
        kept = "outer",
        order.id = 1
    );
    let _outer = outer.enter();
    let inner = info_span!(
        "inner",
        depth = 2,
        late = field::Empty,
        order.total.amount = 2,
        order = "scalar",
        user = "bob"
    );
    let _inner = inner.enter();
    inner.record("late", 1);
    inner.record("late", 2);
    info!(depth = 3, twice = 1, twice = 2, "three depths");
    info!(
        order = "scalar",
        shop = 1,
        "a scalar over the spans' objects"
    );
    info!(depth.of = 4, "an object over the spans' scalars");
    let many = info_span!(
        "many",
        f01 = 1,
        f02 = 2,
        f03 = 3,
        f04 = 4,
        f05 = 5,
        f06 = 6,
        f07 = 7,
        f08 = 8,
        f09 = 9,
        f10 = 10,
        f11 = 11,
        f12 = 12,
        f13 = 13,
        f14 = 14,
        f15 = 15,
        f16 = 16,
        f17 = 17,
        f18 = 18,
        f19 = 19,
        f20 = 20,
        g.a.a = 1,
        g.a.b = 2,
        g.b.a = 3,
        g.b.b = 4,
        g.c.a.a = 5,
    );
    let _many = many.enter();
    let spans: Vec<_> = (0..30)
        .map(|number| {
            info_span!(
                "deep",
                number,
                g.c.b = number,
                g.d = number,
                deep.er = number
            )
            .entered()
        })
        .collect();
    info!(g.a.b = "event", f07 = "event", "thirty spans");
    // They are left in the reverse order.
    spans.into_iter().rev().for_each(drop);
}

pub(super) fn parents() {
    let elsewhere = info_span!("elsewhere", place = "elsewhere");
    let _here = info_span!("here", place = "here").entered();
    info!(parent: &elsewhere, "explicit parent");
    info!(parent: None, "no parent");
}

pub(super) fn records() {
    log::info!("record");
    log::warn!(target: "library", items = 3, name = "kv", user = "bob", order:debug = vec![1]; "record with values");
    let _span = info_span!("around", place = "span").entered();
    log::error!(place = "record", "order.id" = 5, "log.level" = "x", rate = 0.5; "record in a span");
}

pub(super) fn traces() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    info_span!("request", traceparent = parent).in_scope(|| info!("trace"));
    info_span!("request", traceparent = "00-bad").in_scope(|| info!("bad trace"));
}
