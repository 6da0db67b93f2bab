//! I. One codebase: the program says which build of which commit it is.

use std::process::{Command, Stdio};

use super::nothing_to_see;
use crate::bench::Bench;
use crate::launch::Launch;
use crate::outcome::{Checked, Outcome, Stop};
use crate::output::{Stream, excerpt};
use crate::waiting::took;
use crate::{Factor, process};

pub(super) const CHECKS: [super::Named; 3] = [
    ("version", version),
    ("commit", commit),
    ("repository", repository),
];

/// What the version command prints.
fn printed(bench: &Bench) -> Result<Result<String, String>, Stop> {
    let Some(words) = &bench.profile.version else {
        let why = "the profile names no `version` command";
        return Err(nothing_to_see(bench, Factor::Codebase, why));
    };
    let place = bench.place()?;
    let launch = Launch::new(bench, &place, bench.port()?).words(words);
    let (ended, output) = launch.run(bench.options.timeout)?;
    let command = words.join(" ");
    Ok(match ended {
        Some(ended) if ended.succeeded() => Ok(output.text(Stream::Stdout)),
        Some(ended) => Err(bench.with_last_words(format!("`{command}` {ended}"), &output)),
        None => Err(format!(
            "`{command}` was not done after {}",
            took(bench.options.timeout)
        )),
    })
}

fn version(bench: &Bench) -> Checked {
    let first = match printed(bench)? {
        Ok(text) => text,
        Err(why) => return Ok(Outcome::fail(why)),
    };
    let shown = bench.masked(&excerpt(&first));
    if !first.contains(|char: char| char.is_ascii_digit()) {
        return Ok(Outcome::fail(format!("it prints no version: {shown}")));
    }
    match printed(bench)? {
        Ok(second) if second == first => Ok(Outcome::pass(format!("twice the same: {shown}"))),
        Ok(second) => {
            let second = bench.masked(&excerpt(&second));
            Ok(Outcome::fail(format!("first {shown}, then {second}")))
        }
        Err(why) => Ok(Outcome::fail(why)),
    }
}

fn commit(bench: &Bench) -> Checked {
    let text = match printed(bench)? {
        Ok(text) => text,
        Err(why) => return Err(Stop::NotTested(why)),
    };
    // The name of the release that was planted may look like a commit.
    let text = text.replace(&bench.release, "");
    let Some(id) = commit_in(&text) else {
        let why = "the version names no commit";
        return Err(nothing_to_see(bench, Factor::Codebase, why));
    };
    let (Some(source), Some(git)) = (&bench.profile.source, process::find("git".as_ref())) else {
        let why = format!(
            "it names {id}; without git and a `source` folder nobody knows whether that is a commit"
        );
        return Err(Stop::NotTested(why));
    };
    let mut command = Command::new(git);
    command
        .arg("-C")
        .arg(source)
        .args(["cat-file", "-e", &format!("{id}^{{commit}}")]);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let known = command.status().is_ok_and(|status| status.success());
    let folder = source.display();
    Ok(match known {
        true => Outcome::pass(format!("{id} is a commit of the repository at `{folder}`")),
        false => Outcome::fail(format!("{id} is no commit of the repository at `{folder}`")),
    })
}

/// The first word that could be the id of a commit.
fn commit_in(text: &str) -> Option<&str> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric());
    let is_id = |word: &&str| {
        (7..=64).contains(&word.len())
            && word.chars().all(|char| char.is_ascii_hexdigit())
            && word.chars().any(|char| char.is_ascii_digit())
    };
    { words }.find(is_id)
}

fn repository(bench: &Bench) -> Checked {
    let Some(source) = &bench.profile.source else {
        return Err(nothing_to_see(
            bench,
            Factor::Codebase,
            "the profile names no `source` folder",
        ));
    };
    let source = std::path::absolute(source).unwrap_or_else(|_| source.clone());
    let kept = [".git", ".hg", ".svn", ".jj"];
    let root = source.ancestors().find_map(|folder| {
        kept.iter()
            .map(|name| folder.join(name))
            .find(|path| path.exists())
    });
    Ok(match root {
        Some(root) => Outcome::pass(format!("the source is kept in `{}`", process::shown(&root))),
        None => Outcome::fail(format!("`{}` is in no repository", source.display())),
    })
}
