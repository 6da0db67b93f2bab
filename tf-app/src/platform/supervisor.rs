//! Sections for supervisor's configuration.

use std::num::NonZeroU16;

use super::{FINAL, ProcessType, Service, TIMEOUT, list, names, one_line};

pub(super) fn text(service: &Service, processes: Option<NonZeroU16>) -> String {
    let names = names::apart(service.types.iter().map(|kind| names::word(&kind.name)));
    let mut text = head(service);
    for (name, kind) in names.iter().zip(&service.types) {
        text.push('\n');
        match processes {
            Some(count) if kind.is_web => text += &shared(service, kind, name, count),
            _ => text += &program(service, kind, name),
        }
    }
    text
}

fn head(service: &Service) -> String {
    let variables = service.given(&[TIMEOUT]);
    let variables: String = variables.map(|variable| variable.comment(";")).collect();
    format!(
        "; {} under supervisor: a file for its [include], or to append to a configuration.\n\
         ; Exit codes {} ask for a person; after any other but 0 the process starts again.\n\
         ; Where supervisord's own output is a socket (as under systemd), /dev/fd/1 and /dev/fd/2 cannot be\n\
         ; opened: name files instead.\n\
         ; The programs inherit supervisord's environment, and read there:\n{}",
        one_line(&service.name),
        list(&FINAL, ", "),
        variables
    )
}

fn program(service: &Service, kind: &ProcessType, name: &str) -> String {
    let environment = environment(service, "");
    format!(
        "[program:{name}]\n{}{environment}{}",
        command(service, kind),
        rules(service)
    )
}

/// The section that hands each process the same listening socket, as its descriptor 0.
fn shared(service: &Service, kind: &ProcessType, name: &str, count: NonZeroU16) -> String {
    let (port, environment) = (service.port, environment(service, "LISTEN=\"fd:0\","));
    format!(
        "[fcgi-program:{name}]\nsocket=tcp://0.0.0.0:{port}\nsocket_backlog=4096\n\
         numprocs={count}\nprocess_name=%(program_name)s_%(process_num)02d\n{}{environment}{}",
        command(service, kind),
        rules(service)
    )
}

fn environment(service: &Service, more: &str) -> String {
    format!("environment={more}{TIMEOUT}=\"{}\"\n", service.timeout())
}

fn rules(service: &Service) -> String {
    format!(
        "autorestart=unexpected\nexitcodes=0,{}\nstartsecs=1\nstopsignal=TERM\nstopwaitsecs={}\n\
         killasgroup=true\nredirect_stderr=false\n\
         stdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\n\
         stderr_logfile=/dev/fd/2\nstderr_logfile_maxbytes=0\n",
        list(&FINAL, ","),
        service.patience()
    )
}

fn command(service: &Service, kind: &ProcessType) -> String {
    let words = std::iter::once(&service.program).chain(&kind.arguments);
    let words: Vec<_> = words.map(|word| quoted(word)).collect();
    format!("command={}\n", words.join(" "))
}

/// A word as supervisor reads it back: expansion of `%`, then words as a shell has them.
///
/// Backslashes, because inside quotes a `;` or `#` after a space would begin a comment; quotes round
/// each space, because one at the end of a line would be lost.
fn quoted(word: &str) -> String {
    let quoted = |c: char| match c {
        '%' => "%%".to_owned(),
        c if c.is_whitespace() => format!("'{c}'"),
        c if !c.is_ascii() || c.is_ascii_alphanumeric() || "+,-./:=@_".contains(c) => c.to_string(),
        c => format!("\\{c}"),
    };
    match word {
        "" => "''".to_owned(),
        word => one_line(word).chars().map(quoted).collect(),
    }
}
