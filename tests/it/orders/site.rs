//! Where the service runs: the variables that attach it, and a socket that its web processes share.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use harness::server::{self, Server};
use harness::{Output, binary, run};
use serde_json::Value;
use tempfile::TempDir;

use crate::http::service::{Service, bare, socket};

pub(super) struct Site {
    variables: Vec<(&'static str, String)>,
    socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) database: String,
    /// What is attached, if it is servers.
    pub(super) servers: Option<Servers>,
    folder: TempDir,
}

/// Servers of this site alone, which it may stop.
pub(super) struct Servers {
    pub(super) database: Server,
    pub(super) broker: Server,
    pub(super) cache: Server,
}

impl Site {
    /// On a file that the service creates, with a table in it for the queue.
    pub(super) fn embedded() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let database = format!("sqlite:{}?mode=rwc", folder.path().join("o.db").display());
        let variables = vec![
            ("DATABASE_URL", database.clone()),
            ("QUEUE_URL", database.clone()),
        ];
        Self::new(folder, variables, database, None)
    }

    /// On MariaDB, RabbitMQ and Redis.
    pub(super) fn attached() -> Self {
        let servers = Servers {
            database: Server::start(server::MARIADB),
            broker: Server::start(server::RABBITMQ),
            cache: Server::start(server::REDIS),
        };
        let database = servers.database.url();
        let variables = vec![
            ("DATABASE_URL", database.clone()),
            ("QUEUE_URL", servers.broker.url()),
            ("CACHE_URL", servers.cache.url()),
        ];
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self::new(folder, variables, database, Some(servers))
    }

    /// On a database alone, with a table in it for the queue.
    pub(super) fn on(database: &Server, options: &str) -> Self {
        let url = database.url() + options;
        let variables = vec![("DATABASE_URL", url.clone()), ("QUEUE_URL", url.clone())];
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self::new(folder, variables, url, None)
    }

    fn new(
        folder: TempDir,
        mut variables: Vec<(&'static str, String)>,
        database: String,
        servers: Option<Servers>,
    ) -> Self {
        variables.extend([
            ("LISTEN", "fd:0".to_owned()),
            ("SHUTDOWN_TIMEOUT", "20s".to_owned()),
            ("RELEASE_ID", "v7".to_owned()),
            ("FULFIL_TIME", "5ms".to_owned()),
        ]);
        let (socket, address) = socket();
        Self {
            variables,
            socket,
            address,
            database,
            servers,
            folder,
        }
    }

    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary("orders", "orders"));
        let variables = self.variables.iter();
        let variables: Vec<_> = variables.map(|(name, value)| (*name, &**value)).collect();
        bare(&mut command, &variables);
        command.args(words).current_dir(self.folder.path());
        command
    }

    /// Starts a web process on the shared socket, and waits until it is ready.
    pub(super) fn web(&self) -> Service {
        self.serve(&["web"])
    }

    /// Starts a process type that listens.
    pub(super) fn serve(&self, words: &[&str]) -> Service {
        let mut command = self.command(words);
        let socket = self.socket.try_clone().expect("a descriptor is free");
        command.stdin(Stdio::from(OwnedFd::from(socket)));
        let mut service = Service::start(command);
        service.wait_for("lifecycle.ready");
        service
    }

    pub(super) fn worker(&self) -> Service {
        let mut service = Service::start(self.command(&["worker", "fulfil"]));
        service.wait_for("lifecycle.ready");
        service
    }

    /// Runs a task.
    pub(super) fn admin(&self, words: &[&str]) -> Output {
        run(self.command(&["admin"]).args(words))
    }

    /// All orders, as the task writes them.
    pub(super) fn exported(&self) -> Vec<Value> {
        let output = self.admin(&["orders:export"]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let orders = output.stdout.lines().map(serde_json::from_str);
        orders.collect::<Result<_, _>>().expect("JSON lines")
    }
}
