//! II. All dependencies are declared: nothing is taken from the machine in silence.

use super::{nothing_to_see, some_of};
use crate::Factor;
use crate::bench::Bench;
use crate::namespace::NOT_READ_ONLY;
use crate::outcome::{Checked, Outcome, Stop};
use crate::waiting::took;
use crate::{proc, process};

pub(super) const CHECKS: [super::Named; 4] = [
    ("empty PATH", empty_path),
    ("read-only root", read_only_root),
    ("lock file", lock_file),
    ("libraries", libraries),
];

fn empty_path(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let mut subject = bench.launch(&place)?.set("PATH", "").start()?;
    Ok(match bench.up(&mut subject)? {
        Ok(up) => {
            // What it asks of the machine, it may ask only when it has something to do.
            let asked = match super::port::ordinary_answer(bench, &up) {
                Ok(answer) if answer.status >= 500 => {
                    let path = &bench.profile.path;
                    let text = format!(
                        "with an empty PATH it answers GET {path} with {}",
                        answer.status
                    );
                    return Ok(Outcome::fail(text));
                }
                Ok(answer) => format!(" and answers {}", answer.status),
                Err(_) => String::new(),
            };
            Outcome::pass(format!(
                "with an empty PATH it listens after {}{asked}",
                took(up.took)
            ))
        }
        Err(why) => Outcome::fail(format!("with an empty PATH {why}")),
    })
}

fn read_only_root(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let Some(wrapper) = bench.namespaces.read_only(&place) else {
        return Err(Stop::NotTested(bench.namespaces.why_not().to_owned()));
    };
    let mut subject = bench.launch(&place)?.wrapped(wrapper).start()?;
    let up = bench.up(&mut subject)?;
    let code = subject.ended().and_then(|ended| ended.status.code());
    Ok(match up {
        Ok(up) => Outcome::pass(format!(
            "with all but TMPDIR read-only it listens after {}",
            took(up.took)
        )),
        Err(why) if code == Some(NOT_READ_ONLY) => Outcome::not_tested(why),
        Err(why) => Outcome::fail(format!("with all but TMPDIR read-only {why}")),
    })
}

/// What package managers write when they have resolved everything.
const LOCK_FILES: [&str; 16] = [
    "Cargo.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "pdm.lock",
    "Gemfile.lock",
    "composer.lock",
    "go.sum",
    "mix.lock",
    "gradle.lockfile",
    "packages.lock.json",
];

fn lock_file(bench: &Bench) -> Checked {
    let Some(source) = &bench.profile.source else {
        return Err(nothing_to_see(
            bench,
            Factor::Dependencies,
            "the profile names no `source` folder",
        ));
    };
    let source = std::path::absolute(source).unwrap_or_else(|_| source.clone());
    let found = source.ancestors().take(4).find_map(|folder| {
        LOCK_FILES
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
    });
    Ok(match found {
        Some(path) => Outcome::pass(format!("`{}`", process::shown(&path))),
        None => Outcome::fail(format!("`{}` has none that is known", source.display())),
    })
}

fn libraries(bench: &Bench) -> Checked {
    let Some(allowed) = &bench.profile.libraries else {
        return Err(Stop::DoesNotApply);
    };
    bench.needs_up()?;
    let place = bench.place()?;
    let (_subject, up) = bench.started(&bench.launch(&place)?)?;
    let loaded = proc::libraries(up.socket.pid);
    if loaded.is_empty() {
        let why = "no shared library is to be seen: linked statically, or there is no /proc";
        return Err(Stop::NotTested(why.to_owned()));
    }
    let names: Vec<String> = loaded
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let is_allowed = |name: &&String| {
        let stem = name.split(".so").next().unwrap_or(name);
        allowed
            .iter()
            .any(|allowed| allowed == stem || allowed == *name)
    };
    let others: Vec<String> = names
        .iter()
        .filter(|name| !is_allowed(name))
        .cloned()
        .collect();
    Ok(match others.is_empty() {
        true => Outcome::pass(format!("it loads {} and no others", names.join(", "))),
        false => Outcome::fail(format!(
            "it loads what is not in the list: {}",
            some_of(&others)
        )),
    })
}
