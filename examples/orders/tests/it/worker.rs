//! What becomes of jobs when all does not go well.

use sqlx::Row;

use crate::service::{Place, until};

fn count(place: &Place, what: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {what}");
    place.read(&sql, |row| row.get("n"))[0]
}

/// A place with a schema and no process.
fn migrated() -> Place {
    let place = Place::new();
    assert_eq!(place.run("admin migrate").code(), 0);
    place
}

#[test]
fn an_order_in_hand_is_handed_back_at_the_stop() {
    let place = Place::new().with("FULFIL_TIME", "20s");
    let all = place.start("all");
    place.order();
    until(|| count(&place, "jobs WHERE owner IS NOT NULL") == 1);
    let report = all.stop();
    assert_eq!(report.code(), 0, "{}", report.stdout());
    assert_eq!(
        count(&place, "jobs WHERE owner IS NULL AND attempts = 0"),
        1
    );
    assert_eq!(count(&place, "orders WHERE status = 'accepted'"), 1);
}

#[test]
fn a_job_whose_taker_died_is_done_by_another() {
    let place = migrated();
    assert_eq!(place.run("admin seed --count 1").code(), 0);
    place.write("UPDATE jobs SET owner = 'dead', attempts = 1, ready_at = 1");
    let worker = place.start("worker fulfil");
    until(|| count(&place, "fulfilments") == 1);
    until(|| count(&place, "jobs") == 0);
    assert_eq!(worker.stop().code(), 0);
}

#[test]
fn what_can_never_be_done_is_parked_and_holds_nothing_up() {
    let place = migrated();
    assert_eq!(place.run("admin seed --count 3").code(), 0);
    place.write("INSERT INTO jobs (order_id, ready_at) VALUES ('no such order', 1)");
    place.write("UPDATE orders SET items = '[{' WHERE idempotency_key = 'seed-0'");
    let worn = "(SELECT id FROM orders WHERE idempotency_key = 'seed-1')";
    place.write(&format!(
        "UPDATE jobs SET attempts = 5 WHERE order_id = {worn}"
    ));
    let worker = place.start("worker fulfil");
    until(|| count(&place, "jobs WHERE parked_at IS NULL") == 0);
    let report = worker.stop();
    assert_eq!(report.code(), 0);
    let reasons = place.read("SELECT parked_for FROM jobs ORDER BY parked_for", |row| {
        row.get::<String, _>(0)
    });
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons[0].contains("cannot be read"), "{reasons:?}");
    assert_eq!(reasons[1..], ["there is no such order", "tried 5 times"]);
    assert_eq!(count(&place, "fulfilments"), 1);
    assert_eq!(report.stdout().matches("order.parked").count(), 3);
}

#[test]
fn two_workers_share_the_work_and_do_each_order_once() {
    let place = migrated();
    assert_eq!(place.run("admin seed --count 60").code(), 0);
    let workers = [place.start("worker fulfil"), place.start("worker fulfil")];
    until(|| count(&place, "jobs") == 0);
    assert_eq!(count(&place, "fulfilments"), 60);
    assert_eq!(count(&place, "orders WHERE status = 'fulfilled'"), 60);
    for worker in workers {
        assert_eq!(worker.stop().code(), 0);
    }
}
