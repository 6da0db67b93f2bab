//! A service of the house, which names nothing but the house.

use std::process::ExitCode;

use house::axum::{Router, routing::get};
use house::{Config, Context};

#[derive(Config)]
#[config(crate = house::tf_config, prefix = "PARCELS")]
struct Settings {
    /// Depot whose parcels are told.
    depot: String,
}

fn main() -> ExitCode {
    house::service::<Settings>(house::build!().named("parcels"), "logistics", routes).run()
}

fn routes(cx: &Context<Settings>) -> Router {
    let depot = cx.config().1.depot.clone();
    Router::new().route("/depot", get(async move || depot))
}
