//! Long-running processes.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, process, thread};

use crate::settings::Settings;
use crate::streams::{complain, say};

const TICK: Duration = Duration::from_millis(2);

/// Events on standard output; nobody minds when nobody reads them.
struct Log {
    held: Option<Mutex<Vec<String>>>,
    plain: bool,
    panics: bool,
    spins: bool,
    loses: bool,
}

impl Log {
    fn new(settings: &Settings) -> Self {
        Self {
            held: settings.has_way("buffers").then(Mutex::default),
            plain: settings.has_way("mixes-lines"),
            panics: settings.has_way("needs-a-reader"),
            spins: settings.has_way("spins-without-reader"),
            loses: settings.has_way("loses-requests-without-reader"),
        }
    }

    fn event(&self, message: &str) {
        let line = format!("{{\"message\": \"{message}\"}}");
        if let Some(held) = &self.held {
            held.lock().expect("no thread panics").push(line);
        } else if self.panics {
            say(&line);
        } else {
            while writeln!(io::stdout(), "{line}").is_err() && self.spins {}
            if self.plain {
                let _ = writeln!(io::stdout(), "and a line for people");
            }
        }
    }

    fn flush(&self) {
        for line in self
            .held
            .iter()
            .flat_map(|held| held.lock().expect("no thread panics").clone())
        {
            let _ = writeln!(io::stdout(), "{line}");
        }
    }
}

pub(crate) fn worker(settings: &Settings, stop: &AtomicBool) -> ExitCode {
    if settings.has_way("worker-leaves") {
        return ExitCode::FAILURE;
    }
    wait(stop, settings.has_way("worker-ignores-term"));
    ExitCode::SUCCESS
}

fn wait(stop: &AtomicBool, for_ever: bool) {
    while for_ever || !stop.load(Ordering::Relaxed) {
        thread::sleep(TICK);
    }
}

pub(crate) fn web(settings: &Settings, stop: &AtomicBool) -> ExitCode {
    let log = Arc::new(Log::new(settings));
    if !settings.problems.is_empty() {
        complain(settings.problems.join("; "));
        return ExitCode::from(78);
    }
    if let Some(code) = before(settings) {
        return code;
    }
    if settings.has_way("starts-slowly") {
        thread::sleep(Duration::from_millis(100));
        if settings.has_way("deaf-during-start") {
            stop.store(false, Ordering::Relaxed);
        }
    }
    let listener = match TcpListener::bind(("127.0.0.1", settings.port)) {
        Ok(listener) => listener,
        Err(_) if settings.has_way("takes-another-port") => {
            TcpListener::bind("127.0.0.1:0").expect("a port is free")
        }
        Err(error) => {
            complain(format_args!("port {}: {error}", settings.port));
            return ExitCode::from(69);
        }
    };
    let release = if settings.has_way("nameless") {
        ""
    } else {
        &settings.release
    };
    let first = format!("listening, release {release}");
    if log.spins {
        let log = Arc::clone(&log);
        thread::spawn(move || log.event(&first));
    } else {
        log.event(&first);
    }
    let busy = serve(listener, settings, &log);
    connect(settings);
    wait(stop, settings.has_way("ignores-term"));
    while busy.load(Ordering::Relaxed) > 0 && !settings.has_way("cuts-requests") {
        thread::sleep(TICK);
    }
    log.event("done");
    log.flush();
    let _ = fs::remove_file("lock");
    ExitCode::from(if settings.has_way("ends-with-3") {
        3
    } else {
        0
    })
}

/// The ways to go wrong before there is a port.
fn before(settings: &Settings) -> Option<ExitCode> {
    let has = |way| settings.has_way(way);
    if has("daemonises") && env::var_os("CHILD").is_none() {
        let mut child = Command::new(env::current_exe().expect("a program has a path"));
        child
            .env("CHILD", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Left alone: that is the way.
        drop(child.spawn().expect("the child starts"));
        return Some(ExitCode::SUCCESS);
    }
    if has("needs-a-tool") && Command::new("true").status().is_err() {
        complain("`true` is not on the PATH");
        return Some(ExitCode::FAILURE);
    }
    if has("writes-beside-itself") && File::create("state").is_err() {
        complain("`state` cannot be written");
        return Some(ExitCode::FAILURE);
    }
    if has("locks") && File::create_new("lock").is_err() {
        complain("there is a lock");
        return Some(ExitCode::FAILURE);
    }
    if has("keeps-a-log-file") {
        fs::write("app.log", "started\n").expect("the folder can be written");
    }
    if has("prints-the-environment") {
        for (name, value) in env::vars() {
            complain(format_args!("{name}={value}"));
        }
    }
    if has("rewrites-itself") {
        // Not `current_exe`: another start may have replaced the file that this one runs.
        let path = PathBuf::from(env::args().next().expect("a program has a name"));
        let mut bytes = fs::read(&path).expect("it can be read");
        bytes.push(0);
        let permissions = fs::metadata(&path).expect("it is there").permissions();
        let other = path.with_extension(process::id().to_string());
        fs::write(&other, bytes).expect("the folder can be written");
        fs::set_permissions(&other, permissions).expect("it is ours");
        fs::rename(other, path).expect("the folder can be written");
    }
    None
}

/// Attaches the service; its absence is no reason to stop.
fn connect(settings: &Settings) {
    let fixed = env::var("FIXED_SERVICE").ok();
    if let Some(address) = fixed.as_deref().or(settings.address()) {
        if let Ok(stream) = TcpStream::connect(address) {
            // Kept open for the life of the process.
            std::mem::forget(stream);
        } else if settings.has_way("shows-urls") {
            complain(format_args!("no connection to {:?}", settings.service));
        }
    }
}

fn serve(listener: TcpListener, settings: &Settings, log: &Arc<Log>) -> Arc<AtomicUsize> {
    let busy = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&busy);
    let handler = Arc::new(Handler {
        greeting: settings.greeting.clone().unwrap_or_default(),
        data: settings.data.clone(),
        notes: Mutex::default(),
        own_notes: settings.has_way("remembers"),
        shows_pid: settings.has_way("answers-its-pid"),
        fails: settings.has_way("answers-500"),
        by_environment: settings.has_way("asks-for-the-environment"),
    });
    let log = Arc::clone(log);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (handler, busy, log) =
                (Arc::clone(&handler), Arc::clone(&counted), Arc::clone(&log));
            thread::spawn(move || {
                busy.fetch_add(1, Ordering::Relaxed);
                if log.loses {
                    say("a request");
                }
                if !log.spins {
                    log.event("a request");
                }
                // A client that has gone needs no answer.
                let _ = handler.answer(&stream);
                busy.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    busy
}

struct Handler {
    greeting: String,
    data: Option<String>,
    notes: Mutex<String>,
    own_notes: bool,
    shows_pid: bool,
    fails: bool,
    by_environment: bool,
}

impl Handler {
    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while reader.read_line(&mut head)? > 2 {}
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        if head.contains("100-continue") {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let text = match head.split(' ').nth(1) {
            Some("/slow") => {
                thread::sleep(Duration::from_millis(600));
                "slow".to_owned()
            }
            Some("/notes") => self.notes(&String::from_utf8_lossy(&body))?,
            _ => self.greeting(),
        };
        let status = if self.fails { "500 Broken" } else { "200 OK" };
        let length = text.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{text}"
        )
    }

    fn greeting(&self) -> String {
        let mut text = self.greeting.clone();
        if self.shows_pid {
            text += &process::id().to_string();
        }
        if self.by_environment && env::var("APP_ENV").is_ok_and(|name| name == "production") {
            text += ", customer";
        }
        text
    }

    /// Adds to the notes, and shows them.
    fn notes(&self, new: &str) -> io::Result<String> {
        let path = self.data.as_deref().map(|folder| format!("{folder}/notes"));
        let Some(path) = path.filter(|_| !self.own_notes) else {
            let mut notes = self.notes.lock().expect("no thread panics");
            notes.push_str(new);
            return Ok(notes.clone());
        };
        let mut file = File::options().create(true).append(true).open(&path)?;
        file.write_all(new.as_bytes())?;
        fs::read_to_string(path)
    }
}
