//! `.env.example`.

use super::Variable;
use crate::section::Presence;
use crate::source::quote;

pub(super) fn write(variables: &[Variable]) -> String {
    let mut text = String::new();
    for variable in variables {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in comments(variable) {
            let space = if line.is_empty() { "" } else { " " };
            text.push_str(&format!("#{space}{line}\n"));
        }
        let off = if variable.is_required() && variable.group.is_none() {
            ""
        } else {
            "#"
        };
        let value = variable.example().or(variable.default()).unwrap_or("");
        text.push_str(&format!("{off}{}={}\n", variable.name(), quote(value)));
    }
    text
}

fn comments(variable: &Variable) -> Vec<String> {
    let mut lines: Vec<String> = variable.doc().lines().map(str::to_owned).collect();
    let expected = variable.expected();
    let mut fact = format!("{}{}", expected[..1].to_uppercase(), &expected[1..]);
    fact.push_str(&format!("; {}", variable.need()));
    match variable.leaf.presence {
        Presence::Default("") => fact.push_str("; default: empty"),
        Presence::Default(text) => fact.push_str(&format!("; default: {}", text.escape_default())),
        Presence::DefaultWith(path) => fact.push_str(&format!("; default: made by {path}")),
        Presence::Required | Presence::Optional => {}
    }
    lines.push(format!("{fact}."));
    if variable.is_secret() && variable.has_file() {
        lines.push(format!(
            "Secret: {}_FILE may name a file that holds it.",
            variable.name()
        ));
    } else if variable.is_secret() {
        lines.push("Secret.".to_owned());
    }
    if let [_, ..] = variable.aliases() {
        lines.push(format!("Also read from {}.", variable.aliases().join(", ")));
    }
    if let [_, ..] = variable.deprecated() {
        lines.push(format!(
            "Deprecated names: {}.",
            variable.deprecated().join(", ")
        ));
    }
    lines
}
