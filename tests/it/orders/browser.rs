//! The page, in a real browser that is driven by the WebDriver protocol (w3.org/TR/webdriver2).

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Instant;

use harness::{Running, packaged};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::ask;
use super::site::Site;
use crate::http::service::LIMIT;

/// A headless Chromium with one window.
struct Browser {
    address: SocketAddr,
    session: String,
    // The driver goes before the folder that the browser writes to.
    _driver: Running,
    _home: TempDir,
}

impl Browser {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let mut driver = Command::new(packaged("chromedriver", "chromium-driver"));
        driver.arg("--port=0").env_clear();
        driver.env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
        driver.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut driver = Running::start(driver);
        let port = driver.stdout.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let mut browser = Self {
            address: SocketAddr::from(([127, 0, 0, 1], port.expect("the driver says its port"))),
            session: String::new(),
            _driver: driver,
            _home: home,
        };
        let data = browser._home.path().join("data");
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            &format!("--user-data-dir={}", data.display()),
        ];
        let options = json!({
            "binary": packaged("chromium", "chromium"),
            "args": arguments,
        });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = browser.drive("POST", "/session", &wanted);
        let id = session["sessionId"].as_str().expect("a session");
        browser.session = format!("/session/{id}");
        browser
    }

    fn drive(&self, method: &str, path: &str, body: &Value) -> Value {
        let fields = [("content-type", "application/json")];
        let body = match method {
            "POST" => body.to_string(),
            _ => String::new(),
        };
        let answer = ask(self.address, &format!("{method} {path}"), &fields, &body);
        let answer = answer.expect("the driver answers");
        let value = answer.json()["value"].take();
        assert_eq!(answer.status, 200, "{method} {path}: {value}");
        value
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.drive("POST", &format!("{}{path}", self.session), body)
    }

    fn get(&self, path: &str) -> Value {
        self.drive("GET", &format!("{}{path}", self.session), &Value::Null)
    }

    /// The path of the element that this selector finds.
    fn find(&self, selector: &str) -> String {
        let body = json!({ "using": "css selector", "value": selector });
        let element = self.post("/element", &body);
        let id = element
            .as_object()
            .and_then(|object| object.values().next());
        let id = id.and_then(Value::as_str).expect("an element");
        format!("/element/{id}")
    }

    fn type_into(&self, selector: &str, text: &str) {
        let at = format!("{}/value", self.find(selector));
        self.post(&at, &json!({ "text": text }));
    }

    fn click(&self, selector: &str) {
        let at = format!("{}/click", self.find(selector));
        self.post(&at, &json!({}));
    }

    fn text(&self, selector: &str) -> String {
        let text = self.get(&format!("{}/text", self.find(selector)));
        text.as_str().expect("a text").to_owned()
    }

    /// Waits until the element shows all of these words.
    fn shows(&self, selector: &str, words: &[&str]) {
        let began = Instant::now();
        loop {
            let text = self.text(selector);
            if words.iter().all(|word| text.contains(word)) {
                return;
            }
            assert!(began.elapsed() < LIMIT, "{words:?} are not in {text:?}");
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its session, which may be lost already.
        let _ = ask(self.address, &format!("DELETE {}", self.session), &[], "");
    }
}

#[test]
fn a_person_places_an_order_on_the_page_and_sees_it_fulfilled() {
    let site = Site::embedded();
    let (web, worker) = (site.web(), site.worker());
    let browser = Browser::start();
    browser.post(
        "/url",
        &json!({ "url": format!("http://{}/", site.address) }),
    );

    browser.type_into("input[name=customer]", "<b>Ada</b>");
    browser.type_into("input[name=sku]", "lamp");
    browser.click("form button");

    // The name is text, not markup.
    browser.shows("#orders", &["<b>Ada</b>", "lamp", "fulfilled"]);
    assert_eq!(site.exported().len(), 1);
    drop(browser);
    web.stop();
    worker.stop();
}
