//! The example `orders`, beside the same list of orders assembled by hand.

use std::path::{Path, PathBuf};

use bench_support::CLIENTS;

use crate::cold::Folder;
use crate::services::{Service, built, cargo_at, output};
use crate::{life, speed};

/// The workspace of the kit, where the example is.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");

/// How many there are in the database; an answer has 20.
const ORDERS: &str = "1000";

/// The tables of both, on one SQLite file.
pub fn report() {
    let folder = Folder::new();
    let url = format!("sqlite:{}/orders.db?mode=rwc", folder.path().display());
    let example = example();
    let service = |name, program: &Path, arguments| {
        Service::new(name, program.to_owned(), arguments)
            .with("DATABASE_URL", &url)
            .with("QUEUE_URL", &url)
    };
    let prepare: [&[&str]; 2] = [&["admin", "migrate"], &["admin", "seed", "--count", ORDERS]];
    for arguments in prepare {
        output(&mut service("orders", &example, arguments).command());
    }
    let services = [
        service("hand-orders", &built("service-orders"), &[]),
        service("orders web", &example, &["web"]),
    ];
    let title = format!(
        "`orders`: exec, /livez, SIGTERM, exit (x against {})",
        services[0].name
    );
    life::table(
        &title,
        &services.clone().map(|service| service.workers(2)),
        "/livez",
    );
    let title = format!(
        "`GET /orders`, an event for each request: {CLIENTS} in flight (x against {})",
        services[0].name
    );
    speed::table(&title, &services, "/orders");
}

/// Builds the example where its users do.
fn example() -> PathBuf {
    output(cargo_at("build", MANIFEST).args(["--release", "--package", "orders"]));
    Path::new(MANIFEST).with_file_name("target/release/orders")
}
