//! The example of a company's framework, and the service that names nothing else.

use std::process::Command;

use harness::{binary, run};

use crate::http::service::{Service, bare};
use crate::orders::client::ask;

fn parcels(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary("wrapped", "parcels"));
    bare(&mut command, variables);
    command
}

#[test]
fn a_service_of_the_house_serves_logs_for_its_team_and_ends_well() {
    let variables = [
        ("PARCELS_DEPOT", "Ghent"),
        ("HOUSE_REGION", "eu-2"),
        ("LISTEN", "127.0.0.1:0"),
        ("RELEASE_ID", "v5"),
    ];
    let (mut service, address) = Service::ready(parcels(&variables));
    let address = address.parse().expect("an address");
    let about = ask(address, "GET /about", &[], "").expect("an answer");
    assert_eq!(about.field("x-house-release"), Some("v5"), "{about:?}");
    assert_eq!(about.json()["region"], "eu-2");
    let depot = ask(address, "GET /depot", &[], "").expect("an answer");
    assert_eq!(depot.status, 200, "{depot:?}");
    service.signal(rustix::process::Signal::TERM);
    let stopped = service.wait_for("lifecycle.stopped");
    assert_eq!(stopped["labels"]["team"], "logistics");
    service.end().assert_stopped_well();
}

#[test]
fn one_report_names_the_variables_of_house_and_service() {
    let output = run(&mut parcels(&[("HOUSE_REGION", ""), ("PORT", "x")]));
    assert_eq!(output.code, Some(78), "{output:?}");
    for name in ["PARCELS_DEPOT", "HOUSE_REGION", "PORT"] {
        assert!(output.stderr.contains(name), "{output:?}");
    }
}
