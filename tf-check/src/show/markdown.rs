//! The checklist as teams keep it: `Factor | Status | Remarks`.

use std::fmt::Write as _;

use super::table::totals;
use super::{remarks, status};
use crate::Checklist;

pub(crate) fn markdown(checklist: &Checklist) -> String {
    let mut text = format!("`{}`", checklist.command);
    for line in &checklist.about {
        let _ = write!(text, "; {}", escaped(line));
    }
    text += "\n\n| Factor | Status | Remarks |\n|---|---|---|\n";
    for row in &checklist.rows {
        let remarks: Vec<String> = remarks(row).iter().map(|remark| escaped(remark)).collect();
        let remarks = remarks.join("<br>");
        let _ = writeln!(text, "| {} | {} | {remarks} |", row.factor, status(row));
    }
    let _ = writeln!(text, "\n{}", totals(checklist));
    text
}

/// What would end a cell or begin an element.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
