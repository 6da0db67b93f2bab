//! What the house promises its services, and what its services know of the kit.

use house::axum::Router;
use house::{App, Config, Context, House};
use tf_app::{Env, Io, Report};

#[derive(Config)]
#[config(crate = house::tf_config, prefix = "MAIL")]
struct Settings {
    /// Who sends.
    #[expect(dead_code, reason = "only the name matters")]
    sender: String,
}

fn app() -> App<(House, Settings)> {
    let routes = |_: &Context<Settings>| Router::new();
    house::service::<Settings>(house::build!().named("mail"), "post", routes)
}

fn run(words: &[&str], vars: &[(&str, &str)]) -> Report {
    let env = Env::from_vars(vars.iter().copied());
    app().run_in(words.iter().copied(), env, Io::captured())
}

#[test]
fn a_service_of_the_house_is_declared_rightly() {
    app().check().unwrap();
}

#[test]
fn one_report_has_the_variables_of_the_kit_the_house_and_the_service() {
    let report = run(&[], &[("PORT", "x"), ("HOUSE_REGION", "")]);
    assert_eq!(report.code(), 78, "{report:?}");
    let template = run(&["config", "template"], &[]);
    for name in ["PORT", "HOUSE_REGION", "MAIL_SENDER"] {
        assert!(report.stderr().contains(name), "{report:?}");
        assert!(template.stdout().contains(name), "{template:?}");
    }
}

#[test]
fn tasks_are_entered_in_the_ledger_with_the_team() {
    let vars = [
        ("MAIL_SENDER", "ann"),
        ("HOUSE_REGION", "eu-2"),
        ("RELEASE_ID", "v5"),
    ];
    let report = run(&["admin", "house:place", "--format", "json"], &vars);
    assert_eq!(report.code(), 0, "{report:?}");
    assert!(report.stdout().contains("eu-2") && report.stdout().contains("v5"));
    let entries = report
        .stderr()
        .lines()
        .filter(|line| line.contains("entered in the ledger"));
    let entries: Vec<_> = entries.collect();
    assert_eq!(entries.len(), 2, "{report:?}");
    for entry in entries {
        assert!(entry.contains("\"team\":\"post\""), "{entry}");
    }
}

#[test]
fn the_service_names_nothing_but_the_house() {
    let source = include_str!("../../src/bin/parcels.rs");
    for line in source.lines() {
        let named = line.replace("house::tf_config", "");
        assert!(!named.contains("tf_"), "{line}");
    }
}
