//! A day on which all goes wrong: what was accepted is fulfilled, once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, Connection};

use super::client::place;
use super::site::Site;

const CLIENTS: usize = 8;
/// What the whole may take, the time included that orders wait for a worker that was killed.
const LIMIT: Duration = Duration::from_secs(240);

/// How many orders are placed.
fn orders() -> usize {
    match std::env::var("TF_ORDERS") {
        Ok(orders) => orders.parse().expect("`TF_ORDERS` is a number"),
        Err(_) => 1_000,
    }
}

/// Clients that place orders, each again and again until it is accepted.
struct Load {
    accepted: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<(String, String)>>>,
}

impl Load {
    fn start(address: SocketAddr) -> Self {
        let accepted = Arc::new(AtomicUsize::new(0));
        let client = |client| {
            let accepted = Arc::clone(&accepted);
            thread::spawn(move || {
                let mine = (client..orders()).step_by(CLIENTS);
                mine.map(|number| {
                    let key = format!("order-{number}");
                    let id = insist(address, &key);
                    accepted.fetch_add(1, Ordering::Relaxed);
                    (key, id)
                })
                .collect()
            })
        };
        Self {
            clients: (0..CLIENTS).map(client).collect(),
            accepted,
        }
    }

    /// Waits until this share of all orders is accepted.
    fn reaches(&self, percent: usize) {
        let (goal, began) = (orders() * percent / 100, Instant::now());
        while self.accepted.load(Ordering::Relaxed) < goal {
            assert!(began.elapsed() < LIMIT, "{percent} % are not reached");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The ids that were answered, by key.
    fn end(self) -> BTreeMap<String, String> {
        let clients = self.clients.into_iter();
        let placed = clients.flat_map(|client| client.join().expect("a client ends"));
        placed.collect()
    }
}

/// Asks until the order is accepted, as a client should: with the same key.
fn insist(address: SocketAddr, key: &str) -> String {
    let began = Instant::now();
    loop {
        match place(address, key, key) {
            Ok(answer) if answer.status == 201 => {
                return answer.json()["id"].as_str().expect("an id").to_owned();
            }
            // Come back later.
            Ok(answer) if answer.status == 503 => {}
            Ok(answer) => panic!("{answer:?}"),
            // The process was killed with the request in hand.
            Err(_) => {}
        }
        assert!(began.elapsed() < LIMIT, "{key} is not accepted");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The embedded database cannot be stopped; it can be taken by somebody who does not give it back for a while.
fn outage(site: &mut Site) {
    let Some(servers) = &mut site.servers else {
        return block_on(async {
            let mut taken = connect(&site.database).await;
            sqlx::query("BEGIN EXCLUSIVE")
                .execute(&mut taken)
                .await
                .expect("the file can be taken");
            thread::sleep(Duration::from_secs(3));
        });
    };
    servers.broker.stop();
    servers.broker.restart();
    servers.database.kill();
    servers.database.restart();
    servers.cache.kill();
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime starts").block_on(future)
}

async fn connect(url: &str) -> AnyConnection {
    install_default_drivers();
    AnyConnection::connect(url)
        .await
        .expect("the database is there")
}

/// Counts rows, past the service.
fn count(site: &Site, what: &str) -> i64 {
    block_on(async {
        let mut database = connect(&site.database).await;
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
        let count = sqlx::query_scalar(sql).fetch_one(&mut database).await;
        count.expect("the table is there")
    })
}

fn a_bad_day(mut site: Site) {
    let (first, second) = (site.web(), site.web());
    let worker = site.worker();
    let load = Load::start(site.address);

    load.reaches(15);
    worker.signal(Signal::KILL);
    let workers = [site.worker(), site.worker()];

    load.reaches(30);
    let third = site.web();
    first.stop();
    let fourth = site.web();
    second.stop();

    load.reaches(50);
    outage(&mut site);

    load.reaches(80);
    third.signal(Signal::KILL);

    let placed = load.end();
    assert_eq!(placed.len(), orders());
    let began = Instant::now();
    let exported = loop {
        let exported = site.exported();
        if exported.iter().all(|order| order["status"] == "fulfilled") {
            break exported;
        }
        assert!(began.elapsed() < LIMIT, "not all orders are fulfilled");
        thread::sleep(Duration::from_millis(500));
    };
    let by_customer = exported.iter().map(|order| {
        let text = |name: &str| order[name].as_str().expect("a text").to_owned();
        (text("customer"), text("id"))
    });
    assert_eq!(exported.len(), placed.len(), "no order is there twice");
    assert_eq!(by_customer.collect::<BTreeMap<_, _>>(), placed);
    // The rows of this table are the proof that the warehouse did it once.
    assert_eq!(count(&site, "fulfilments"), placed.len() as i64);
    assert_eq!(count(&site, "jobs"), 0, "nothing is left to be done");

    fourth.stop();
    for worker in workers {
        worker.stop();
    }
}

#[test]
fn nothing_is_lost_or_done_twice_on_the_embedded_database() {
    a_bad_day(Site::embedded());
}

#[test]
fn nothing_is_lost_or_done_twice_on_mariadb_and_rabbitmq() {
    let site = Site::attached();
    assert_eq!(site.admin(&["migrate"]).code, Some(0));
    a_bad_day(site);
}
