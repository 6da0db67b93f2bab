//! The tour of `tf-backing`: what a URL says, and what this environment attaches.
//!
//! ```text
//! backing parse [--expose] URL       one JSON object; a refused URL ends 65
//! backing parse [--expose] --stdin   one URL a line in, one JSON object a line out
//! backing attached NAME              what the variable, binding or service NAME holds
//! backing probe URL… [--wait 30s]    a line for each endpoint; ends 69 unless every service answers
//! ```

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use tf_backing::{Attached, Endpoint, Host, Kind, Locator, ParseError, ParseOptions};
use tf_backing::{ProbeOptions, Report, Wait, probe};
use tokio::runtime::Builder;

const USAGE: &str = "usage: backing parse [--expose] URL | parse [--expose] --stdin | attached NAME | probe URL… [--wait 30s]";

/// The exit codes of the kit that this program uses.
mod code {
    pub(super) const DONE: u8 = 0;
    pub(super) const FAILED: u8 = 1;
    pub(super) const USAGE: u8 = 2;
    pub(super) const UNREADABLE: u8 = 65;
    pub(super) const UNAVAILABLE: u8 = 69;
    pub(super) const CONFIGURATION: u8 = 78;
    pub(super) const CLOSED_PIPE: u8 = 141;
}

type Done = io::Result<ExitCode>;

/// What the user asks for.
enum Command {
    Parse(String, bool),
    ParseLines(bool),
    Attached(String),
    Probe(Vec<String>, Option<Duration>),
}

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let done = match command(env::args_os().skip(1)) {
        None => Ok(fail(&USAGE, code::USAGE)),
        Some(Command::Parse(url, expose)) => parse(&url, expose, &mut out),
        Some(Command::ParseLines(expose)) => parse_lines(io::stdin().lock(), expose, &mut out),
        Some(Command::Attached(name)) => attached(&name, &mut out),
        Some(Command::Probe(urls, wait)) => ask(&urls, wait, &mut out),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code::CLOSED_PIPE.into(),
        Err(error) => fail(&error, code::FAILED),
    }
}

/// Reads the arguments; `None` where they are none of the usage.
fn command(args: impl Iterator<Item = OsString>) -> Option<Command> {
    let args: Vec<String> = args
        .map(|arg| arg.into_string().ok())
        .collect::<Option<_>>()?;
    let (flags, words): (Vec<&str>, Vec<&str>) = args
        .iter()
        .map(String::as_str)
        .partition(|arg| arg.starts_with("--"));
    let expose = flags.contains(&"--expose");
    let lines = flags.contains(&"--stdin");
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let known = flags.len() == usize::from(expose) + usize::from(lines);
    match *words.as_slice() {
        ["parse", url] if known && !lines => Some(Command::Parse(url.to_owned(), expose)),
        ["parse"] if known && lines => Some(Command::ParseLines(expose)),
        ["attached", name] if flags.is_empty() => Some(Command::Attached(name.to_owned())),
        ["probe", ref urls @ .., time] if flags == ["--wait"] && !urls.is_empty() => {
            let time = Duration::from_secs(time.strip_suffix('s')?.parse().ok()?);
            Some(Command::Probe(owned(urls), Some(time)))
        }
        ["probe", ref urls @ ..] if flags.is_empty() && !urls.is_empty() => {
            Some(Command::Probe(owned(urls), None))
        }
        _ => None,
    }
}

/// Asks every service whether it is there, or waits until it is.
fn ask(urls: &[String], wait: Option<Duration>, out: &mut impl Write) -> Done {
    let locators: Vec<Locator> = match urls.iter().map(|url| read(url)).collect() {
        Ok(locators) => locators,
        Err(error) => return Ok(fail(&error, code::UNREADABLE)),
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut reports = Vec::new();
    runtime.block_on(async {
        if let Some(time) = wait {
            match Wait::for_all(&locators).timeout(time).run().await {
                Ok(done) => return reports.extend_from_slice(done.services()),
                Err(error) => return reports.extend(error.reports().cloned()),
            }
        }
        for locator in &locators {
            reports.push(probe(locator, &ProbeOptions::new()).await);
        }
    });
    let all = reports.len() == urls.len() && reports.iter().all(Report::is_reachable);
    let lines: String = reports.iter().map(|report| format!("{report}\n")).collect();
    out.write_all(lines.as_bytes())?;
    Ok(if all { code::DONE } else { code::UNAVAILABLE }.into())
}

/// Prints one locator.
fn parse(url: &str, expose: bool, out: &mut impl Write) -> Done {
    match read(url) {
        Ok(locator) => {
            writeln!(out, "{}", describe(&locator, expose))?;
            Ok(ExitCode::from(code::DONE))
        }
        Err(error) => Ok(fail(&error, code::UNREADABLE)),
    }
}

/// Prints one locator, or why it is none, for each line.
fn parse_lines(mut input: impl BufRead, expose: bool, out: &mut impl Write) -> Done {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let answer = match std::str::from_utf8(&line).map(read) {
            Ok(Ok(locator)) => describe(&locator, expose),
            Ok(Err(error)) => json!({ "error": error.to_string() }),
            Err(_) => json!({ "error": "the line is not UTF-8" }),
        };
        writeln!(out, "{answer}")?;
        line.clear();
    }
    Ok(ExitCode::from(code::DONE))
}

/// Parses strictly; `ldap` shows how a program adds a scheme of its own.
fn read(url: &str) -> Result<Locator, ParseError> {
    Locator::parse_with(url, &ParseOptions::new().scheme("ldap", Kind::Other, 389))
}

/// Prints what the environment attaches under a name, and where it was found.
fn attached(name: &str, out: &mut impl Write) -> Done {
    let places = Attached::from_env()
        .var(name)
        .or_binding(name)
        .or_vcap_name(name)
        .or_vcap_tag(name);
    match places.find::<Locator>() {
        Ok(Some(found)) => {
            let mut answer = describe(found.value(), false);
            answer["origin"] = found.origin().to_string().into();
            writeln!(out, "{answer}")?;
            Ok(ExitCode::from(code::DONE))
        }
        Ok(None) => Ok(fail(
            &format_args!("nothing is attached as `{name}`"),
            code::CONFIGURATION,
        )),
        Err(error) => Ok(fail(&error, code::CONFIGURATION)),
    }
}

/// Everything a locator tells; its secrets only if they are asked for.
fn describe(locator: &Locator, expose: bool) -> Value {
    let kind = match locator.kind() {
        Kind::Other => locator.scheme(),
        kind => kind.as_str(),
    };
    let warnings: Vec<String> = locator.warnings().iter().map(ToString::to_string).collect();
    let mut answer = json!({
        "kind": kind,
        "scheme": locator.scheme(),
        "hosts": locator.hosts().map(|node| host(node.host, node.port)).collect::<Vec<_>>(),
        "endpoints": locator.endpoints().iter().map(endpoint).collect::<Vec<_>>(),
        "username": locator.username(),
        "has_password": locator.password().is_some(),
        "resource": locator.resource(),
        "tls": locator.tls().to_string(),
        "options": options(locator, expose),
        "warnings": warnings,
        "identity": locator.identity(),
        "display": locator.to_string(),
        "debug": format!("{locator:?}"),
    });
    if expose {
        answer["password"] = locator.password().map(ExposeSecret::expose_secret).into();
        answer["url"] = locator.expose_url().into();
    }
    answer
}

/// A host as written.
fn host(host: Host<'_>, port: Option<u16>) -> Value {
    let (text, form) = match host {
        Host::Default => (None, None),
        Host::Name(name) => (Some(name.to_owned()), Some("name")),
        Host::Ipv4(_) => (Some(host.to_string()), Some("ipv4")),
        Host::Ipv6 { .. } => (Some(host.to_string()), Some("ipv6")),
        Host::Abstract(name) => (Some(name.to_owned()), Some("abstract")),
        Host::Unix(_) | _ => (Some(host.to_string()), Some("unix")),
    };
    json!({ "host": text, "type": form, "port": port })
}

/// What to connect to.
fn endpoint(endpoint: &Endpoint) -> Value {
    let (text, form, port) = match endpoint {
        Endpoint::Tcp { host, port } if host.contains(':') => (host.clone(), "ipv6", Some(port)),
        Endpoint::Tcp { host, port } if host.parse::<Ipv4Addr>().is_ok() => {
            (host.clone(), "ipv4", Some(port))
        }
        Endpoint::Tcp { host, port } => (host.clone(), "name", Some(port)),
        Endpoint::Unix(path) => (path.display().to_string(), "unix", None),
        Endpoint::Abstract(name) => (name.clone(), "abstract", None),
        other => (other.to_string(), "srv", None),
    };
    json!({ "host": text, "type": form, "port": port })
}

/// Each option's text, or the list of its texts; `***` for one that may be secret.
fn options(locator: &Locator, expose: bool) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, value) in locator.options().iter() {
        let text = Value::from(match expose {
            true => value.expose_value().to_owned(),
            false => value.to_string(),
        });
        match all.get_mut(name) {
            None => {
                all.insert(name.to_owned(), text);
            }
            Some(Value::Array(list)) => list.push(text),
            Some(first) => *first = json!([first.take(), text]),
        }
    }
    all
}

/// Says what went wrong; with stderr closed too, the exit code has to do.
fn fail(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "backing: {error}");
    ExitCode::from(code)
}
