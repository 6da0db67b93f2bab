//! The rules of a declaration.

use std::collections::HashMap;

use super::{App, RESERVED};
use crate::args;
use crate::error::{Problem, ProblemKind};
use crate::outcome::code;
use crate::task::{LockWish, Spec, Task};

/// Stores of locks and shells take names of that length.
const LONGEST_NAME: usize = 64;

pub(super) fn problems<S>(app: &App, tasks: &[Task<S>], has_lock: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(wrong) = wrong_name(&app.name) {
        let text = format!("the name of the application {wrong}");
        problems.push(Problem::new(ProblemKind::BadName, "", text));
    }
    let mut owners = HashMap::new();
    for task in tasks {
        check_names(&task.spec, &mut owners, &mut problems);
        check_codes(&task.spec, &mut problems);
        problems.extend(args::problems(task));
        if task.spec.lock == LockWish::Always && !has_lock {
            let name = &task.spec.name;
            let text =
                format!("task `{name}` asks for single flight, and the registry has no lock");
            problems.push(Problem::new(ProblemKind::NoLock, name, text));
        }
    }
    problems
}

/// What is wrong with a name, to be read after the thing that it names.
fn wrong_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if name.len() > LONGEST_NAME {
        return Some(format!("has more than {LONGEST_NAME} bytes"));
    }
    let is_portable =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b":-_.".contains(&byte);
    let is_plain = name.bytes().all(is_portable) && name.as_bytes()[0].is_ascii_lowercase();
    let shown = name.escape_debug();
    (!is_plain).then(|| {
        format!(
            "is `{shown}`; expected lower-case letters, digits, `:`, `-`, `_` and `.`, a letter first"
        )
    })
}

fn check_names<'a>(
    spec: &'a Spec,
    owners: &mut HashMap<&'a str, &'a str>,
    problems: &mut Vec<Problem>,
) {
    let aliases = spec.aliases.iter().map(|alias| ("alias", alias));
    for (what, name) in std::iter::once(("name", &spec.name)).chain(aliases) {
        let mut problem = |kind, text| problems.push(Problem::new(kind, &spec.name, text));
        let owner = spec.name.escape_debug();
        if let Some(wrong) = wrong_name(name) {
            let text = format!("task `{owner}`: the {what} {wrong}");
            problem(ProblemKind::BadName, text);
        } else if RESERVED.contains(&name.as_str()) {
            let text = format!("task `{owner}`: the {what} `{name}` is reserved");
            problem(ProblemKind::ReservedName, text);
        } else if let Some(other) = owners.insert(name, &spec.name) {
            let text = format!("task `{owner}`: the {what} `{name}` is taken by task `{other}`");
            problem(ProblemKind::DuplicateName, text);
        }
    }
}

fn check_codes(spec: &Spec, problems: &mut Vec<Problem>) {
    let name = &spec.name;
    for (index, (code, meaning)) in spec.codes.iter().enumerate() {
        let mut problem = |text| {
            problems.push(Problem::new(ProblemKind::BadCode, name, text));
        };
        if !code::OWN.contains(code) {
            let (first, last) = (code::OWN.start(), code::OWN.end());
            problem(format!(
                "task `{name}`: the code {code} is not one of {first} to {last}"
            ));
        }
        if meaning.trim().is_empty() {
            problem(format!("task `{name}`: the code {code} has no name"));
        }
        if spec.codes[..index].iter().any(|(other, _)| other == code) {
            problem(format!("task `{name}`: the code {code} occurs twice"));
        }
    }
}
