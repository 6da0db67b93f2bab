//! The service, started in a thread, and a client of it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use tempfile::TempDir;
use tf_app::{Env, Io, Report};
use tokio::sync::oneshot;

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_secs(30);

/// A folder with a database and a socket.
pub(crate) struct Place {
    folder: TempDir,
    more: Vec<(&'static str, &'static str)>,
}

/// Process types that run in a place.
pub(crate) struct Running {
    thread: JoinHandle<Report>,
    stop: oneshot::Sender<()>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        Self {
            folder,
            more: Vec::new(),
        }
    }

    /// Adds a variable.
    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.more.push((name, value));
        self
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("orders.db")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("http")
    }

    fn env(&self) -> Env {
        let url = format!("sqlite:{}?mode=rwc", self.database().display());
        let listen = self.socket().display().to_string();
        let vars = [
            ("DATABASE_URL", url.as_str()),
            ("QUEUE_URL", &url),
            ("LISTEN", &listen),
        ];
        Env::from_vars(vars.into_iter().chain(self.more.iter().copied()))
    }

    /// Runs to the end.
    pub(crate) fn run(&self, words: &str) -> Report {
        orders::app().run_in(words.split_whitespace(), self.env(), Io::captured())
    }

    /// Starts process types that run until they are stopped.
    pub(crate) fn start(&self, words: &'static str) -> Running {
        let (stop, stopped) = oneshot::channel();
        let io = Io::captured().stop_when(async { drop(stopped.await) });
        let env = self.env();
        let run = move || orders::app().run_in(words.split_whitespace(), env, io);
        let running = Running {
            thread: thread::spawn(run),
            stop,
        };
        if words != "worker fulfil" {
            until(|| {
                self.try_ask("GET", "/readyz", "", b"")
                    .is_some_and(|answer| answer.status == 200)
            });
        }
        running
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", b"")
    }

    pub(crate) fn post(&self, path: &str, headers: &str, body: &Value) -> Answer {
        let headers = format!("content-type: application/json\r\n{headers}");
        self.ask("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Places an order, and gives its id.
    pub(crate) fn order(&self) -> String {
        let answer = self.post("/orders", "", &lamp("Ada"));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        self.try_ask(method, path, headers, body)
            .expect("it listens")
    }

    /// Announces a longer body than it sends.
    pub(crate) fn stall(&self, path: &str, headers: &str, body: &[u8]) -> Answer {
        let length = body.len() + 10;
        let answer = self.exchange(("POST", path), headers, body, length);
        answer.expect("it listens")
    }

    fn try_ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        self.exchange((method, path), headers, body, body.len())
    }

    fn exchange(
        &self,
        line: (&str, &str),
        headers: &str,
        body: &[u8],
        length: usize,
    ) -> Option<Answer> {
        receive(self.send(line, headers, body, length)?)
    }

    /// Asks, and leaves the answer in the stream.
    pub(crate) fn send(
        &self,
        (method, path): (&str, &str),
        headers: &str,
        body: &[u8],
        length: usize,
    ) -> Option<UnixStream> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        // A server that refuses a body need not read it.
        let _ = stream.write_all(body);
        Some(stream)
    }

    pub(crate) fn read<T>(&self, sql: &str, pick: impl Fn(&SqliteRow) -> T) -> Vec<T> {
        block_on(async {
            let mut connection = self.connect().await;
            let rows = sqlx::query(AssertSqlSafe(sql))
                .fetch_all(&mut connection)
                .await;
            rows.expect("it reads").iter().map(pick).collect()
        })
    }

    pub(crate) fn write(&self, sql: &str) {
        block_on(async {
            let mut connection = self.connect().await;
            let written = sqlx::query(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await;
            written.expect("it writes");
        });
    }

    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.database());
        options.connect().await.expect("the database is there")
    }
}

impl Running {
    pub(crate) fn stop(self) -> Report {
        // It may have ended already.
        let _ = self.stop.send(());
        self.thread.join().expect("the service does not panic")
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body, after a look at what makes it a problem document.
    pub(crate) fn problem(&self) -> Value {
        assert!(
            self.head.contains("content-type: application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        assert!(
            problem["title"].is_string() && problem["type"].is_string(),
            "{self:?}"
        );
        problem
    }
}

/// Reads an answer to its end.
pub(crate) fn receive(mut stream: UnixStream) -> Option<Answer> {
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.get(9..12)?.parse().ok()?;
    Some(Answer {
        status,
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    })
}

/// A good order.
pub(crate) fn lamp(customer: &str) -> Value {
    json!({ "customer": customer, "items": [{ "sku": "lamp", "quantity": 2 }] })
}

/// Waits until this holds.
pub(crate) fn until(mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LIMIT, "it never came true");
        thread::sleep(Duration::from_millis(10));
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}
