//! Units for systemd, one after the other, each below a line with its file's name.

use super::{FINAL, FINAL_TASK, ProcessType, SAID, Service, TIMEOUT, list, names, one_line};

/// What an unprivileged process that writes nothing can do without.
const HARDENING: &str = "\
DynamicUser=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
CapabilityBoundingSet=
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
";

pub(super) fn text(service: &Service) -> String {
    let kinds = service.types.iter();
    let names = kinds.map(|kind| names::word(&format!("{}-{}", service.name, kind.name)));
    let names = names::apart(names);
    let mut files = Vec::new();
    for (name, kind) in names.iter().zip(&service.types) {
        files.push(process(service, kind, name));
        if kind.is_web {
            files.push(socket(service, name));
        }
    }
    if !service.tasks.is_empty() {
        files.push(task(service));
    }
    files.join("\n")
}

fn process(service: &Service, kind: &ProcessType, name: &str) -> String {
    let what = for_unit(&format!("{} {}", service.name, kind.name));
    // The manager holds the socket, so connections wait while the service starts again.
    let (socket, also) = match kind.is_web {
        true => (
            format!("Requires={name}.socket\n"),
            format!("Also={name}.socket\n"),
        ),
        false => (String::new(), String::new()),
    };
    let words: Vec<_> = kind.arguments.iter().map(String::as_str).collect();
    format!(
        "# file: {name}.service\n\
         [Unit]\nDescription={what}\nWants=network-online.target\nAfter=network-online.target\n{socket}\
         StartLimitIntervalSec=0\n\n\
         [Service]\nType=notify\nNotifyAccess=main\n{}\nTimeoutStartSec=120\nWatchdogSec=30\n\
         Restart=on-failure\nRestartSec=5\nRestartPreventExitStatus={}\n{}\n\
         [Install]\nWantedBy=multi-user.target\n{also}",
        command(service, &words),
        list(&FINAL, " "),
        common(service)
    )
}

fn socket(service: &Service, name: &str) -> String {
    format!(
        "# file: {name}.socket\n\
         [Unit]\nDescription={} port\n\n\
         [Socket]\nListenStream={}\nBacklog=4096\nFileDescriptorName=http\n\n\
         [Install]\nWantedBy=sockets.target\n",
        for_unit(&service.name),
        service.port
    )
}

/// A template, whose instance is the name of the task.
fn task(service: &Service) -> String {
    let name = names::word(&format!("{}-admin", service.name));
    let tasks: String = service
        .tasks
        .iter()
        .map(|task| format!("#   systemctl start '{name}@{}'\n", one_line(task)))
        .collect();
    format!(
        "# file: {name}@.service\n\
         # One-off tasks; after exit code {} another run changes nothing:\n{tasks}\
         [Unit]\nDescription={} task %i\nWants=network-online.target\nAfter=network-online.target\n\n\
         [Service]\nType=oneshot\n{} %i\n{}",
        list(&FINAL_TASK, ", "),
        for_unit(&service.name),
        command(service, &["admin"]),
        common(service)
    )
}

/// The end, the environment, and what is forbidden.
fn common(service: &Service) -> String {
    let optional = match service
        .variables
        .iter()
        .any(|variable| variable.is_required)
    {
        true => "",
        false => "-",
    };
    let folder = names::word(&service.name);
    let variables = service.given(&SAID);
    let variables: String = variables.map(|variable| variable.comment("#")).collect();
    format!(
        "SuccessExitStatus=0\nKillSignal=SIGTERM\nKillMode=mixed\nTimeoutStopSec={}\n\
         Environment={TIMEOUT}={}\n\
         # It sets what is read, and is readable by root alone:\n{variables}\
         EnvironmentFile={optional}/etc/{folder}/environment\n{HARDENING}",
        service.patience(),
        service.timeout()
    )
}

/// Units take absolute paths alone; any other program is taken to be installed for the host.
fn command(service: &Service, arguments: &[&str]) -> String {
    let program = match service.program.starts_with('/') {
        true => service.program.clone(),
        false => {
            let file = service.program.rsplit('/').next().unwrap_or_default();
            format!("/usr/local/bin/{file}")
        }
    };
    // Of the path itself, systemd takes neither quotes nor backslashes.
    let is_refused = program.contains(|c: char| c.is_control() || "\"'\\".contains(c));
    let through = is_refused.then_some("/usr/bin/env").into_iter();
    let words = through.chain([program.as_str()]);
    let words = words.chain(arguments.iter().copied());
    let words: Vec<_> = words.map(quoted).collect();
    // A colon keeps `$` from being a variable.
    let literal = if words.iter().any(|word| word.contains('$')) {
        ":"
    } else {
        ""
    };
    format!("ExecStart={literal}{}", words.join(" "))
}

/// A word as a unit's command line has it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_$".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.replace('%', "%%");
    }
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '%' => "%%".to_owned(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", word.chars().map(escaped).collect::<String>())
}

/// A value in which only `%` means something, and a backslash at its end.
fn for_unit(text: &str) -> String {
    one_line(text).trim_end_matches('\\').replace('%', "%%")
}
