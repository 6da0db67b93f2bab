//! Writes one event of every kind by `tf_logs`: the lines that tests give to readers of others.
//!
//! The argument `ecs` or `plain` chooses the names. With `odd`, a service that is strange itself writes some
//! events. With `names`, each line of the standard input becomes the name of the one field of an event.

mod failures;
mod names;
mod spans;
mod values;

use std::error::Error;
use std::panic;

use tf_logs::{Builder, Format, Schema};
use tracing::{info, info_span};

use failures::Failure;

fn main() -> Result<(), Box<dyn Error>> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    if mode == "odd" {
        return odd();
    }
    let schema = if mode == "plain" {
        Schema::Plain
    } else {
        Schema::Ecs
    };
    if mode == "names" {
        let _logs = builder().init()?;
        return names::from_outside();
    }
    let logs = builder()
        .schema(schema)
        .redact(["password", "authorization"])
        .init()?;
    values::levels();
    values::values();
    names::dotted();
    names::roots();
    names::reserved();
    names::odd_names();
    spans::spans();
    spans::parents();
    failures::errors();
    spans::records();
    values::controls();
    values::sizes(&logs);
    spans::traces();
    names::secrets();
    failures::broken();
    failures::panics();
    info!(
        shop.items = 2,
        http.request.method = "POST",
        http.response.status_code = 201,
        event.action = "order.paid",
        "paid"
    );
    Ok(())
}

fn builder() -> Builder {
    tf_logs::builder("Corner-Shop")
        .version("1.4.2")
        .release("v42")
        .instance("web.1")
        .process_type("web")
        .field("labels.region", "eu-1")
        .field("shop.tenant", "static")
        .filter("trace")
        .format(Format::Json)
}

/// Events of a service with names that no platform gives, and with little room.
fn odd() -> Result<(), Box<dyn Error>> {
    let all: String = ('\0'..'\u{a0}').collect();
    let mut builder = tf_logs::builder("Café \"7\" \u{2028}\\")
        .release("\0\u{1b}[2J")
        .instance("a b")
        .process_type("web,\n\"x\"")
        .format(Format::Json)
        .max_event_bytes(1024);
    for name in [
        "user",
        "error",
        "message",
        "@timestamp",
        "log.level",
        "ecs.version",
        "service.name",
        "labels",
        "labels.a.b",
        "order",
        "order.id",
        "order.id",
        "",
        "a..b",
        "process",
        "http.request",
        "traceparent",
        "_id",
        "tags",
    ] {
        builder = builder.field(name, "odd");
    }
    let _logs = builder.init()?;
    info!("odd service");
    info!(order = 1, error = "mine", labels.a_b = 2, "odd fields");
    info!(order.id.major = 1, all, "odd objects");
    let wide = info_span!(
        "wide",
        a = all,
        b = all,
        c = all,
        d = all,
        e = all,
        f = 5,
        g.a = all,
        g.b = all,
        g.c.d = all
    );
    wide.in_scope(|| info!(all, order.text = all, labels.x = all, "odd and wide: {all}"));
    let failure = Failure {
        code: 1,
        cause: Some(Box::new(Failure {
            code: 2,
            cause: None,
        })),
    };
    info!(
        error = tf_logs::error(&failure),
        long = "x".repeat(900),
        "odd error"
    );
    assert!(panic::catch_unwind(|| panic!("odd panic {all}")).is_err());
    Ok(())
}
