//! Connections that go bad.

use std::time::Instant;

use harness::server::{MARIADB, POSTGRES, Server};
use tf_admin::Guard;

use super::sessions::{busy, holder, lost_in_time, take};
use super::wire::Wire;
use super::{Kind, MariaDb, Postgres, unique};

/// A guard behind a wire.
fn behind(kind: Kind, url: &str) -> (Wire, Box<dyn Guard>) {
    let server = kind.server();
    let wire = Wire::to(server.host(), server.port());
    let address = format!("@{}:{}/", server.host(), server.port());
    let url = url.replacen(&address, &format!("@127.0.0.1:{}/", wire.port), 1);
    (wire, kind.guard(&url))
}

#[tokio::test]
async fn a_network_that_is_half_dead_is_noticed_and_the_server_keeps_others_out() {
    for kind in [Postgres, MariaDb] {
        let url = kind.url().await;
        let (wire, guard) = behind(kind, &url);
        let (key, first) = (unique("shop/prune"), holder());
        let mut held = take(&*guard, &key, &first).await;
        wire.cut();
        let reason = lost_in_time(&mut *held, Instant::now()).await;
        assert!(reason.contains("within"), "{kind:?}: {reason}");
        // The server has not heard of it.
        let by = busy(&*kind.guard(&url), &key).await;
        assert!(by.is_some(), "{kind:?}");
    }
}

async fn a_crash_of_the_server_is_a_lost_lock(kind: Kind) {
    let recipe = if kind == Postgres { POSTGRES } else { MARIADB };
    let started = tokio::task::spawn_blocking(move || Server::start(recipe));
    let mut server = started.await.expect("the server starts");
    let guard = kind.guard(&server.url());
    let (key, first) = (unique("shop/prune"), holder());
    let mut held = take(&*guard, &key, &first).await;
    let began = Instant::now();
    let killed = tokio::task::spawn_blocking(move || {
        server.kill();
        server
    });
    lost_in_time(&mut *held, began).await;
    let mut server = killed.await.expect("it is killed");
    let restarted = tokio::task::spawn_blocking(move || {
        server.restart();
        server
    });
    let _server = restarted.await.expect("it starts again");
    let next = take(&*guard, &key, &holder()).await;
    assert!(held.release().await.is_err());
    next.release().await.expect("it is the next one's");
}

#[tokio::test]
async fn a_crash_of_postgres_is_a_lost_lock() {
    a_crash_of_the_server_is_a_lost_lock(Postgres).await;
}

#[tokio::test]
async fn a_crash_of_mariadb_is_a_lost_lock() {
    a_crash_of_the_server_is_a_lost_lock(MariaDb).await;
}
