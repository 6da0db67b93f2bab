//! What the service's README walks through.

use harness::run;
use harness::server::{self, Server};

use super::client::{ask, place};
use super::site::Site;

/// An order is placed, fulfilled, exported; web and worker end well.
fn walk(site: &Site) {
    let (web, worker) = (site.web(), site.worker());

    let placed = place(site.address, "Ada", "walk-1").expect("an answer");
    assert_eq!(placed.status, 201, "{placed:?}");
    assert_eq!(placed.field("x-release"), Some("v7"), "{placed:?}");
    let order = placed.json();
    let id = order["id"].as_str().expect("an id").to_owned();
    let at = format!("/orders/{id}");
    assert_eq!(placed.field("location"), Some(&*at));
    assert_eq!(order["status"], "accepted");

    let again = place(site.address, "Ada", "walk-1").expect("an answer");
    assert_eq!(again.json()["id"], order["id"], "the key was used before");

    let waited = ask(site.address, &format!("GET {at}?wait=20s"), &[], "").expect("an answer");
    assert_eq!(waited.json()["status"], "fulfilled", "{waited:?}");

    let cancel = ask(site.address, &format!("POST {at}/cancel"), &[], "").expect("an answer");
    assert_eq!(cancel.status, 409, "{cancel:?}");
    let kind = cancel.field("content-type");
    assert_eq!(kind, Some("application/problem+json"), "{cancel:?}");

    let exported = site.exported();
    assert_eq!(exported.len(), 1, "{exported:?}");
    assert_eq!(
        (&exported[0]["id"], &exported[0]["status"]),
        (&order["id"], &"fulfilled".into())
    );
    web.stop();
    worker.stop();
}

#[test]
fn the_walk_on_the_embedded_database_needs_no_migration() {
    walk(&Site::embedded());
}

#[test]
fn the_walk_on_mariadb_rabbitmq_and_redis_begins_with_a_migration() {
    let site = Site::attached();
    for words in [&["web"][..], &["worker", "fulfil"]] {
        let output = run(site.command(words).env("LISTEN", "127.0.0.1:0"));
        assert_eq!(output.code, Some(69), "{words:?}: {output:?}");
        assert!(output.stderr.contains("admin migrate"), "{output:?}");
    }
    assert_eq!(site.admin(&["migrate", "--check"]).code, Some(3));
    assert_eq!(site.admin(&["migrate"]).code, Some(0));
    assert_eq!(site.admin(&["migrate", "--check"]).code, Some(0));
    walk(&site);
}

#[test]
fn the_walk_on_a_database_that_wants_tls_needs_no_further_word() {
    let database = Server::start(server::MARIADB_TLS);
    let plain = Site::on(&database, "?ssl-mode=DISABLED");
    let output = plain.admin(&["migrate"]);
    assert_ne!(output.code, Some(0), "{output:?}");
    let site = Site::on(&database, "");
    assert_eq!(site.admin(&["migrate"]).code, Some(0));
    walk(&site);
}

#[test]
fn the_walk_on_postgresql_is_the_same() {
    let site = Site::on(server::postgres(), "");
    assert_eq!(site.admin(&["migrate"]).code, Some(0));
    walk(&site);
}
