//! The HTTP API.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::service::{Place, lamp, receive, until};

#[test]
fn an_order_is_accepted_and_fulfilled() {
    let place = Place::new();
    let all = place.start("all");
    let answer = place.post("/orders", "", &lamp("Ädä"));
    let order = answer.json();
    let path = format!("/orders/{}", order["id"].as_str().unwrap());
    assert_eq!((answer.status, &order["status"]), (201, &json!("accepted")));
    assert!(
        answer.head.contains(&format!("location: {path}\r\n")),
        "{answer:?}"
    );
    assert_eq!(
        (&order["customer"], &order["items"]),
        (&json!("Ädä"), &lamp("")["items"])
    );

    let fulfilled = place.get(&format!("{path}?wait=20s")).json();
    assert_eq!(
        (&fulfilled["id"], &fulfilled["status"]),
        (&order["id"], &json!("fulfilled"))
    );
    assert!(fulfilled["updated_at"].as_str() > order["created_at"].as_str());
    let report = all.stop();
    assert_eq!(report.code(), 0);
    let last = report.stdout().lines().last().unwrap().to_owned();
    assert!(last.contains("lifecycle.stopped"), "{last}");
}

#[test]
fn a_key_stands_for_one_order() {
    let place = Place::new();
    let web = place.start("web");
    let key = "idempotency-key: 7f\r\n";
    let first = place.post("/orders", key, &lamp("Ada"));
    let again = place.post("/orders", key, &lamp("Ada"));
    assert_eq!((again.status, again.json()), (201, first.json()));
    let other = place.post("/orders", key, &lamp("Grace"));
    assert_eq!(other.status, 422);
    assert!(
        other.problem()["detail"]
            .as_str()
            .unwrap()
            .contains("Idempotency-Key")
    );
    assert_ne!(
        place
            .post("/orders", "idempotency-key: 7F\r\n", &lamp("Ada"))
            .json(),
        first.json()
    );
    for bad in [
        "idempotency-key: \r\n",
        "idempotency-key: a b\r\n",
        "idempotency-key: a\r\nidempotency-key: a\r\n",
    ] {
        let answer = place.post("/orders", bad, &lamp("Ada"));
        assert_eq!(answer.status, 400, "{bad}");
        answer.problem();
    }
    assert_eq!(
        place.get("/orders").json()["orders"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(web.stop().code(), 0);
}

#[test]
fn a_key_stands_for_one_order_also_when_all_come_at_once() {
    let place = Place::new();
    let web = place.start("web");
    let once = || place.post("/orders", "idempotency-key: 7f\r\n", &lamp("Ada"));
    let answers: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..16).map(|_| scope.spawn(once)).collect();
        let answers = clients.into_iter().map(thread::ScopedJoinHandle::join);
        answers
            .map(|answer| answer.expect("a client ends"))
            .collect()
    });
    assert!(
        answers.iter().all(|answer| answer.status == 201),
        "{answers:?}"
    );
    let ids: BTreeSet<_> = answers
        .iter()
        .map(|answer| answer.json()["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(web.stop().code(), 0);
}

#[test]
fn each_bad_request_gets_a_problem_document() {
    let place = Place::new();
    let web = place.start("web");
    let json = "content-type: application/json\r\n";
    let big = vec![b' '; 65 * 1024];
    let unknown = "/orders/01a22495-9d9a-76ec-a18e-be9dce455ebf";
    let cancel = format!("{unknown}/cancel");
    let cases: [(&str, &str, &str, &[u8], u16); 12] = [
        ("GET", "/nothing", "", b"", 404),
        ("GET", unknown, "", b"", 404),
        ("GET", "/orders/1%00", "", b"", 404),
        ("POST", &cancel, "", b"", 404),
        ("DELETE", "/orders", "", b"", 405),
        ("POST", "/orders", "", b"{}", 415),
        (
            "POST",
            "/orders",
            "content-type: text/plain\r\n",
            b"{}",
            415,
        ),
        ("POST", "/orders", json, b"{", 400),
        ("POST", "/orders", json, b"\"\xff\"", 400),
        ("POST", "/orders", json, &big, 413),
        ("GET", "/orders?limit=101&after=1&limit=1", "", b"", 400),
        ("GET", "/orders/x?wait=1h", "", b"", 400),
    ];
    for (method, path, headers, body, status) in cases {
        let answer = place.ask(method, path, headers, body);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        answer.problem();
    }
    assert!(
        place
            .ask("DELETE", "/orders", "", b"")
            .head
            .contains("allow: ")
    );
    assert_eq!(web.stop().code(), 0);
}

#[test]
fn all_that_is_wrong_with_an_order_is_told_at_once() {
    let place = Place::new();
    let web = place.start("web");
    let pointers = |body: Value| {
        let answer = place.post("/orders", "", &body);
        assert_eq!(answer.status, 422, "{body}");
        let errors = answer.problem()["errors"].as_array().unwrap().clone();
        let pointers = errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned());
        pointers.collect::<BTreeSet<_>>()
    };
    let items =
        json!([{ "sku": "\u{7}", "quantity": 1.5 }, 3, { "sku": "lamp", "quantity": 0, "q/~": 1 }]);
    let body = json!({ "customer": " ", "items": items, "extra": null });
    let expected = [
        "/customer",
        "/extra",
        "/items/0/quantity",
        "/items/0/sku",
        "/items/1",
        "/items/2/q~1~0",
        "/items/2/quantity",
    ];
    assert_eq!(pointers(body), expected.map(str::to_owned).into());
    assert_eq!(pointers(json!([])), [String::new()].into());
    let missing = ["/customer", "/items"].map(str::to_owned);
    assert_eq!(pointers(json!({})), missing.clone().into());
    let many = vec![json!({ "sku": "lamp", "quantity": 1 }); 101];
    assert_eq!(
        pointers(json!({ "customer": "x".repeat(201), "items": many })),
        missing.into()
    );
    assert_eq!(web.stop().code(), 0);
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    let place = Place::new();
    let web = place.start("web");
    let late = place.stall("/orders", "content-type: application/json\r\n", b"{");
    assert_eq!(late.status, 408);
    late.problem();
    assert_eq!(web.stop().code(), 0);
}

#[test]
fn the_list_has_pages_from_new_to_old() {
    let place = Place::new();
    let web = place.start("web");
    let mut placed: Vec<_> = (0..7).map(|_| place.order()).collect();
    placed.reverse();
    let (mut path, mut listed, mut pages) = ("/orders?limit=3".to_owned(), Vec::new(), 0);
    loop {
        let page = place.get(&path).json();
        let orders = page["orders"].as_array().unwrap();
        listed.extend(
            orders
                .iter()
                .map(|order| order["id"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => break,
        }
    }
    assert_eq!((listed, pages), (placed, 3));
    assert_eq!(web.stop().code(), 0);
}

#[test]
fn an_order_can_be_cancelled_until_it_is_fulfilled() {
    let place = Place::new();
    let web = place.start("web");
    let (first, second) = (place.order(), place.order());
    let cancel = |id: &str| place.post(&format!("/orders/{id}/cancel"), "", &json!({}));
    for _ in 0..2 {
        let answer = cancel(&first);
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (200, &json!("cancelled"))
        );
    }
    let worker = place.start("worker fulfil");
    until(|| place.get(&format!("/orders/{second}")).json()["status"] == "fulfilled");
    let answer = cancel(&second);
    assert_eq!(answer.status, 409);
    answer.problem();
    assert_eq!(
        place.get(&format!("/orders/{first}")).json()["status"],
        "cancelled"
    );
    assert_eq!((worker.stop().code(), web.stop().code()), (0, 0));
}

#[test]
fn a_waiting_request_is_answered_when_the_service_stops() {
    let place = Place::new();
    let web = place.start("web");
    let path = format!("/orders/{}?wait=20s", place.order());
    let waiting = place.send(("GET", &path), "", b"", 0);
    // One that came later is answered: the first is in hand.
    assert_eq!(place.get("/orders").status, 200);
    let began = Instant::now();
    let report = web.stop();
    let answer = receive(waiting.expect("it listens")).expect("it is answered");
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (200, &json!("accepted"))
    );
    assert_eq!(report.code(), 0);
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let place = Place::new();
    let web = place.start("web");
    for (path, kind) in [
        ("/", "text/html"),
        ("/page.js", "text/javascript"),
        ("/page.css", "text/css"),
    ] {
        let answer = place.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.head.contains(&format!("content-type: {kind}")),
            "{answer:?}"
        );
        assert!(
            answer
                .head
                .contains("content-security-policy: default-src 'none'"),
            "{answer:?}"
        );
        assert!(
            !answer.body.contains("http:") && !answer.body.contains("https:"),
            "{path}"
        );
    }
    assert_eq!(web.stop().code(), 0);
}
