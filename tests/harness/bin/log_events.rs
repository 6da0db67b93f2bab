//! Logs in the ways that its arguments name, one after the other. The first argument is what to do
//! while nobody reads: `block`, or a number of milliseconds before events are dropped.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::Duration;
use std::{env, process, thread};

use rustix::process::{Signal, getpid, kill_process};
use tf_logs::{Format, Logs, Stall};

fn main() {
    let mut arguments = env::args().skip(1);
    let stall = match arguments.next().as_deref() {
        Some("block") => Stall::Block,
        limit => Stall::DropAfter(Duration::from_millis(number(limit))),
    };
    let logs = tf_logs::builder("events")
        .format(Format::Json)
        .on_stall(stall);
    let logs = logs.init().expect("the settings are good");
    for action in arguments {
        act(&logs, &action);
    }
}

fn number<T: std::str::FromStr>(text: Option<&str>) -> T {
    let number = text.and_then(|text| text.parse().ok());
    number.expect("a number is missing")
}

#[expect(
    clippy::exit,
    reason = "to end without any destructor is what a test asks for"
)]
fn act(logs: &Logs, action: &str) {
    let mut parts = action.split(':');
    let name = parts.next();
    let mut next = || number(parts.next());
    match name {
        // How many, and the bytes in each.
        Some("events") => events(0, next(), next()),
        // How many threads; for each, as above.
        Some("threads") => threads(next(), next(), next()),
        Some("acknowledged") => (0..next()).for_each(acknowledged),
        Some("panic") => panic_in_a_thread(),
        Some("destructor") => log_in_a_destructor(),
        Some("wait") => {
            io::stdin()
                .read_line(&mut String::new())
                .expect("stdin can be read");
        }
        Some("report") => {
            let flushed = logs.flush(Duration::ZERO);
            let (dropped, errors) = (logs.dropped(), logs.write_errors());
            say(&format!(
                "dropped {dropped} errors {errors} flushed {flushed}"
            ));
        }
        Some("exit") => process::exit(number(parts.next())),
        Some("abort") => process::abort(),
        Some("kill") => kill_process(getpid(), Signal::KILL).expect("a process may end itself"),
        _ => panic!("`{action}` is no action"),
    }
}

/// Standard error may be closed, which is what some tests are about.
fn say(words: &str) {
    let _ = writeln!(io::stderr(), "{words}");
}

fn events(thread: usize, count: usize, length: usize) {
    let pad = "x".repeat(length);
    for number in 0..count {
        tracing::info!(thread, number, pad, "event");
    }
}

fn threads(threads: usize, count: usize, length: usize) {
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for number in 0..count {
                    // Lengths that spread over the whole range.
                    let length = (number * 2731 + thread * 977) % (length + 1);
                    tracing::info!(thread, number, pad = "x".repeat(length), "event");
                }
            });
        }
    });
}

/// Says the number on standard error once the macro has returned.
fn acknowledged(number: usize) {
    tracing::info!(number, "event");
    say(&number.to_string());
}

fn panic_in_a_thread() {
    let worker = thread::Builder::new().name("worker-7".to_owned());
    let worker = worker.spawn(|| panic!("no more \"paper\"\nin tray 2"));
    let ended = worker.expect("a thread starts").join();
    assert!(ended.is_err());
}

struct LogsWhenDropped;

impl Drop for LogsWhenDropped {
    fn drop(&mut self) {
        tracing::info!("from a destructor");
    }
}

/// Logs while the thread's locals are destroyed: those that were used first, last.
fn log_in_a_destructor() {
    thread_local! {
        static EARLY: RefCell<Option<LogsWhenDropped>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<LogsWhenDropped>> = const { RefCell::new(None) };
    }
    let thread = thread::spawn(|| {
        EARLY.set(Some(LogsWhenDropped));
        tracing::info!("from the thread");
        LATE.set(Some(LogsWhenDropped));
    });
    thread.join().expect("the thread does not panic");
}
