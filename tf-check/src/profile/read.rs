//! The keys of a profile.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use toml::Table;

use super::table::{Problems, Reader};
use super::{Admin, Profile, Share, Variable};
use crate::Factor;
use crate::client::Request;

/// What holds where a profile says nothing.
pub(super) fn empty() -> Profile {
    Profile {
        program: PathBuf::new(),
        arguments: Vec::new(),
        port: "PORT".to_owned(),
        release: "RELEASE_ID".to_owned(),
        files: None,
        source: None,
        path: "/".to_owned(),
        ready: None,
        slow: None,
        touch: None,
        startup: None,
        prepare: Vec::new(),
        version: None,
        config: None,
        libraries: None,
        logs_on_stderr: false,
        variables: Vec::new(),
        share: None,
        admin: Admin::default(),
        processes: Vec::new(),
        declared: BTreeMap::new(),
        joel: BTreeMap::new(),
    }
}

pub(super) fn profile(text: &str, folder: &Path) -> Result<Profile, Vec<String>> {
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| vec![format!("it is no TOML: {}", error.message())])?;
    let problems = Rc::new(RefCell::new(Vec::new()));
    let mut reader = Reader::new(table, String::new(), &problems);
    let empty = empty();
    let profile = Profile {
        port: reader.text("port").unwrap_or(empty.port),
        release: reader.text("release").unwrap_or(empty.release),
        files: below(&mut reader, "files", folder),
        source: below(&mut reader, "source", folder),
        path: reader.path("path").unwrap_or(empty.path),
        ready: reader.path("ready"),
        slow: reader.path("slow"),
        touch: reader.path("touch"),
        startup: reader.seconds("startup"),
        prepare: reader.commands("prepare"),
        version: reader.words("version"),
        config: reader.words("config"),
        libraries: reader.words("libraries"),
        logs_on_stderr: logs(&mut reader),
        variables: variables(&mut reader),
        share: reader.table("share").and_then(share),
        admin: reader.table("admin").map(admin).unwrap_or_default(),
        processes: reader
            .table("processes")
            .map(Reader::named_words)
            .unwrap_or_default(),
        declared: reader
            .table("declared")
            .map(|table| declared(table, &problems))
            .unwrap_or_default(),
        joel: reader
            .table("joel")
            .map(|table| joel(table, &problems))
            .unwrap_or_default(),
        ..empty
    };
    reader.done();
    let problems = problems.take();
    if problems.is_empty() {
        Ok(profile)
    } else {
        Err(problems)
    }
}

/// A folder, relative to the profile.
fn below(reader: &mut Reader, key: &'static str, folder: &Path) -> Option<PathBuf> {
    let path = folder.join(reader.text(key)?);
    if !path.is_dir() {
        reader.problem(key, &format!("there is no folder `{}`", path.display()));
    }
    Some(path)
}

fn logs(reader: &mut Reader) -> bool {
    match reader.text("logs").as_deref() {
        None | Some("stdout") => false,
        Some("stderr") => true,
        Some(_) => {
            reader.problem("logs", "expected `stdout` or `stderr`");
            false
        }
    }
}

fn variables(reader: &mut Reader) -> Vec<Variable> {
    let Some(table) = reader.table("variables") else {
        return Vec::new();
    };
    let variable = |(name, mut table): (String, Reader)| {
        let value = table.text("value");
        if value.is_none() {
            table.problem(
                "value",
                "is not set; expected what the variable holds in every start",
            );
        }
        let variable = Variable {
            name,
            value: value.unwrap_or_default(),
            required: table.flag("required"),
            junk: table.text("junk"),
            service: table.text("service"),
            along: table.table("along").map(Reader::texts).unwrap_or_default(),
        };
        if variable
            .service
            .as_ref()
            .is_some_and(|form| !form.contains("{sink}"))
        {
            table.problem(
                "service",
                "expected a URL with `{sink}` in the place of host and port",
            );
        }
        table.done();
        variable
    };
    table.tables().into_iter().map(variable).collect()
}

fn share(mut table: Reader) -> Option<Share> {
    let body = table.text("body");
    let kind = table
        .text("type")
        .unwrap_or_else(|| "application/json".to_owned());
    let write = table.text("write");
    let read = table.path("read");
    let request = write.as_deref().and_then(|write| {
        let (method, path) = write.split_once(' ')?;
        path.starts_with('/').then(|| Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: Some((kind, body.unwrap_or_default())),
        })
    });
    if request.is_none() {
        table.problem(
            "write",
            "expected a method and a path, such as `POST /orders`",
        );
    }
    if read.is_none() {
        table.problem(
            "read",
            "is not set; expected the path whose answer shows what was written",
        );
    }
    table.done();
    Some(Share {
        write: request?,
        read: Request::get(&read?),
    })
}

fn admin(mut table: Reader) -> Admin {
    let json = match table.text("output").as_deref() {
        Some("json") => true,
        None | Some("text") => false,
        Some(_) => {
            table.problem("output", "expected `json` or `text`");
            false
        }
    };
    let admin = Admin {
        list: table.words("list"),
        task: table.words("task"),
        unknown: table.words("unknown"),
        interrupt: table.words("interrupt"),
        json,
    };
    table.done();
    admin
}

fn declared(table: Reader, problems: &Problems) -> BTreeMap<Factor, String> {
    let mut declared = BTreeMap::new();
    for (key, reason) in table.texts() {
        match key.parse() {
            Ok(factor) => {
                declared.insert(factor, reason);
            }
            Err(error) => problems
                .borrow_mut()
                .push(format!("`declared.{key}`: {error}")),
        }
    }
    declared
}

fn joel(table: Reader, problems: &Problems) -> BTreeMap<usize, String> {
    let mut declared = BTreeMap::new();
    for (key, reason) in table.texts() {
        match key.parse() {
            Ok(number @ 1..=12) => {
                declared.insert(number, reason);
            }
            _ => {
                let problem = format!("`joel.{key}`: no such question; expected 1 to 12");
                problems.borrow_mut().push(problem);
            }
        }
    }
    declared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_at_once_by_its_key() {
        let text = r#"
            pth = "/"
            slow = "slow"
            ready = 5
            logs = "file"
            files = "no-such-folder"
            [variables.URL]
            requird = true
            service = "http://host"
            [admin]
            list = "admin list"
            [share]
            write = "/orders"
            [declared]
            XIII = "no"
            [joel]
            13 = "no"
        "#;
        let problems = profile(text, Path::new("")).err().unwrap();
        for expected in [
            "`pth`: unknown key; did you mean `path`?",
            "`slow`: expected a path of the service, such as `/orders`",
            "`ready`: expected a string, found integer",
            "`logs`: expected `stdout` or `stderr`",
            "`files`: there is no folder `no-such-folder`",
            "`variables.URL.value`: is not set; expected what the variable holds in every start",
            "`variables.URL.service`: expected a URL with `{sink}` in the place of host and port",
            "`variables.URL.requird`: unknown key; did you mean `required`?",
            "`admin.list`: expected a list of words, such as [\"admin\", \"list\"], found string",
            "`share.write`: expected a method and a path, such as `POST /orders`",
            "`share.read`: is not set; expected the path whose answer shows what was written",
            "`declared.XIII`: no factor `XIII`; expected I to XII, 1 to 12, or a title such as `config`",
            "`joel.13`: no such question; expected 1 to 12",
        ] {
            assert!(
                problems.iter().any(|problem| problem == expected),
                "{expected}: {problems:#?}"
            );
        }
        assert_eq!(problems.len(), 13, "{problems:#?}");
    }

    #[test]
    fn one_command_or_several_may_prepare() {
        let one = profile("prepare = ['admin', 'migrate']", Path::new("")).unwrap();
        assert_eq!(one.prepare, [["admin", "migrate"]]);
        let two = profile("prepare = [['admin', 'migrate'], ['seed']]", Path::new("")).unwrap();
        assert_eq!(two.prepare.len(), 2);
    }
}
