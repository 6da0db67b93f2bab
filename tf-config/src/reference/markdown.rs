//! The Markdown table.

use super::Variable;
use crate::section::Presence;

pub(super) fn write(variables: &[Variable]) -> String {
    let mut text =
        String::from("| Variable | Description | Value | Default |\n|---|---|---|---|\n");
    for variable in variables {
        let cells = [
            names(variable),
            cell(variable.doc()),
            value(variable),
            default(variable),
        ];
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

fn names(variable: &Variable) -> String {
    let mut cell = code(variable.name());
    for alias in variable.aliases() {
        cell.push_str(&format!(", {}", code(alias)));
    }
    for name in variable.deprecated() {
        cell.push_str(&format!(", {} (deprecated)", code(name)));
    }
    cell
}

fn value(variable: &Variable) -> String {
    let secret = if variable.is_secret() { ", secret" } else { "" };
    let expected = variable.expected();
    match variable
        .example()
        .and_then(|example| Some((expected.strip_suffix(example)?, example)))
    {
        Some((noun, example)) => format!("{} {}{secret}", cell(noun), code(example)),
        None => format!("{}{secret}", cell(&expected)),
    }
}

fn default(variable: &Variable) -> String {
    match variable.leaf.presence {
        Presence::Default("") => "empty".to_owned(),
        Presence::Default(text) => code(text),
        Presence::DefaultWith(path) => format!("made by {}", code(path)),
        Presence::Required | Presence::Optional => cell(&variable.need()),
    }
}

fn code(text: &str) -> String {
    // A value with a backtick in it is fenced by two.
    let fence = if text.contains('`') { "`` " } else { "`" };
    let end: String = fence.chars().rev().collect();
    format!("{fence}{}{end}", cell(text))
}

/// Text that stays within its cell.
fn cell(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}
