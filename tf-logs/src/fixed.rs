//! The members that are the same on many lines.

use crate::ecs;
use crate::engine::Names;
use crate::identity::Identity;
use crate::line::json_string;
use crate::nest::{Fixed, Hash};

/// The members that tell who writes.
pub(crate) fn identity(names: Names, identity: &Identity) -> Fixed {
    match names {
        Names::Ecs => of_ecs(identity),
        Names::Plain | Names::Bare => of_plain(identity),
    }
}

fn of_ecs(identity: &Identity) -> Fixed {
    let mut fixed = Fixed::default();
    let root = Hash::new();
    fixed.member("ecs.version", "\"9.4.0\"");
    fixed.object("service", &root, |service, path| {
        service.member("name", &json_string(&identity.name));
        optional(
            service,
            "version",
            identity.release.as_deref().or(identity.version.as_deref()),
        );
        if !identity.ephemeral_id.is_empty() {
            service.member("ephemeral_id", &json_string(&identity.ephemeral_id));
        }
        service.object("node", path, |node, _| {
            node.member("name", &json_string(&identity.instance));
            if let Some(role) = &identity.process_type {
                node.member("roles", &format!("[{}]", json_string(role)));
            }
        });
    });
    fixed.object("event", &root, |event, _| {
        event.member("dataset", &json_string(&ecs::dataset(&identity.name)));
    });
    fixed
}

fn of_plain(identity: &Identity) -> Fixed {
    let mut fixed = Fixed::default();
    fixed.member("service", &json_string(&identity.name));
    optional(
        &mut fixed,
        "version",
        identity.release.as_deref().or(identity.version.as_deref()),
    );
    fixed.member("instance", &json_string(&identity.instance));
    optional(&mut fixed, "process_type", identity.process_type.as_deref());
    fixed
}

/// The members that tell where in the source an event comes from.
pub(crate) fn origin(names: Names, target: &str, file: Option<&str>, line: Option<u32>) -> Fixed {
    let mut origin = Fixed::roomy();
    let line = line.map(|line| line.to_string());
    if names != Names::Ecs {
        origin.member("target", &json_string(target));
        optional(&mut origin, "file", file);
        line.iter().for_each(|line| origin.member("line", line));
        return origin;
    }
    origin.object("log", &Hash::new(), |log, path| {
        log.member("logger", &json_string(target));
        if file.is_none() && line.is_none() {
            return;
        }
        log.object("origin", path, |origin, path| {
            origin.object("file", path, |origin, _| {
                line.iter().for_each(|line| origin.member("line", line));
                optional(origin, "name", file);
            });
        });
    });
    origin
}

/// The members that tell which thread of which process an event comes from.
pub(crate) fn thread(names: Names, pid: u32, name: Option<&str>, id: Option<&str>) -> Fixed {
    let mut thread = Fixed::roomy();
    let pid = pid.to_string();
    if names != Names::Ecs {
        thread.member("pid", &pid);
        optional(&mut thread, "thread", name);
        id.iter().for_each(|id| thread.member("thread_id", id));
        return thread;
    }
    thread.object("process", &Hash::new(), |process, path| {
        process.member("pid", &pid);
        if name.is_none() && id.is_none() {
            return;
        }
        process.object("thread", path, |thread, _| {
            id.iter().for_each(|id| thread.member("id", id));
            optional(thread, "name", name);
        });
    });
    thread
}

fn optional(fixed: &mut Fixed, name: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        fixed.member(name, &json_string(value));
    }
}
