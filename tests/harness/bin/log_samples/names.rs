//! Names of fields.

use std::error::Error;
use std::io;

use log::kv::ToValue;
use tracing::{info, info_span};

pub(super) fn dotted() {
    info!(
        order.id = 7,
        order.total.amount = 9.5,
        order.total.currency = "EUR",
        other = 1,
        order.paid = true,
        order.total.tax = 1.5,
        "nested"
    );
    info!(order = "7", order.id = 7, order.id.major = 1, "prefixes");
    info!(
        order.id.major = 1,
        order.id = 7,
        order = "7",
        error.message = "inner",
        error = "outer",
        "prefixes reversed"
    );
    info!(
        tags = "one",
        labels = "all",
        labels.a = "b",
        labels.b.c = 5,
        labels.d = true,
        "labels"
    );
    info!(
        client.address = "h",
        client.port = 80,
        server.ip = "::1",
        url.path = "/x",
        user.id = "u",
        "ecs"
    );
}

macro_rules! scalars {
    ($message:literal, $($root:ident)*) => {
        info!($($root = concat!("value of ", stringify!($root)),)* $message)
    };
}

pub(super) fn roots() {
    scalars!("roots 1", agent client cloud container data_stream destination device dll dns ecs email entity);
    scalars!("roots 2", error event faas file gen_ai group host http log network observer orchestrator);
    scalars!("roots 3", organization package process registry related rule server service source span threat);
    scalars!("roots 4", tls trace transaction url user user_agent volume vulnerability);
    info!(user = 5, host = true, url = 1.5, file = ?Some(1), error = 404, "typed roots");
    info!(
        http.request = "GET /",
        log.origin = "here",
        service.node = 3,
        process.thread = "t",
        "inner objects"
    );
}

pub(super) fn reserved() {
    info!(
        "@timestamp" = "mine",
        "log.level" = "mine",
        "ecs.version" = "mine",
        level = "mine",
        "service.name" = "mine",
        "service.name.first" = "mine",
        "process.pid" = "mine",
        "process.thread.id" = "mine",
        "log.origin.file.line" = "mine",
        "event.dataset" = "mine",
        "message.id" = "mine",
        "trace.id" = "mine",
        "reserved"
    );
    let span = info_span!(
        "thief",
        message = "stolen",
        "log.level" = "OFF",
        "@timestamp" = 0,
        "ecs.version" = 1
    );
    span.in_scope(|| info!("reserved in a span"));
}

pub(super) fn odd_names() {
    info!(
        "" = 1,
        "." = 2,
        ".a" = 3,
        "a." = 4,
        "a..b" = 5,
        " " = 6,
        "a b" = 7,
        "a\"b\\c" = 8,
        "\u{1b}[31m\n" = 9,
        "é.😀" = 10,
        "$!x" = 11,
        "_id" = 12,
        "a*b" = 13,
        "A" = 14,
        "\0" = 15,
        "order\u{2028}id" = 16,
        r#type = 17,
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z" = 18,
        "odd names"
    );
}

pub(super) fn secrets() {
    let span = info_span!(
        "login",
        password = "hunter2x",
        http.request.headers.authorization = "hunter2x",
        user.name = "u"
    );
    let _span = span.enter();
    info!(Password = "hunter2x", db.password = ?Some("hunter2x"), password.hash = "hunter2x", "secrets");
    log::info!(password = "hunter2x", AUTHORIZATION:debug = "hunter2x"; "secrets of a record");
}

/// Events whose field names come from outside.
pub(super) fn from_outside() -> Result<(), Box<dyn Error>> {
    for name in io::stdin().lines() {
        let name = name?;
        let field = (name.as_str(), name.to_value());
        log::logger().log(
            &log::Record::builder()
                .args(format_args!("names"))
                .level(log::Level::Info)
                .target("names")
                .key_values(&field)
                .build(),
        );
    }
    Ok(())
}
