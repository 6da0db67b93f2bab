//! Logs, one event a line: spans, an error with its causes, a value that never shows, a panic in a
//! task, and a filter changed at run time.
//!
//! ```text
//! logs             readable lines on a terminal
//! logs | jq -e .   JSON everywhere else
//! ```

use std::error::Error;
use std::{fmt, io};

use tracing::{debug, error, info, info_span};

fn main() -> Result<(), Box<dyn Error>> {
    let logs = tf_logs::builder("shop")
        .version(env!("CARGO_PKG_VERSION"))
        .redact(["password"])
        .from_env()
        .init()?;
    info!(port = 5000, "listening");

    let request = info_span!("request", http.request.method = "POST").entered();
    let order = info_span!("order", order.id = 42).entered();
    info!(user.name = "ada", password = "hunter2", "order priced");
    if let Err(refused) = charge() {
        error!(error = &refused as &dyn Error, "card not charged");
    }
    drop((order, request));

    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let printer = async { panic!("out of paper") };
    let printed = runtime.block_on(async { tokio::spawn(printer).await });
    info!(failed = printed.is_err(), "invoice printed");

    debug!("not written");
    logs.set_filter("debug")?;
    debug!(filter = %logs.filter(), "written since the filter is `debug`");
    Ok(())
}

fn charge() -> Result<(), Refused> {
    Err(Refused(io::ErrorKind::ConnectionRefused.into()))
}

#[derive(Debug)]
struct Refused(io::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bank does not answer")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
