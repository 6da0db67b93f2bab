//! The report that people read.

use std::fmt;

use crate::error::{Problem, Warning};

/// Names longer than this get a line of their own.
const COLUMN: usize = 32;

pub(crate) fn write(
    f: &mut fmt::Formatter<'_>,
    problems: &[Problem],
    warnings: &[Warning],
) -> fmt::Result {
    f.write_str("configuration is not usable: ")?;
    count(f, problems.len(), "problem")?;
    if !warnings.is_empty() {
        f.write_str(", ")?;
        count(f, warnings.len(), "warning")?;
    }
    f.write_str("\n")?;
    let names = problems
        .iter()
        .map(|problem| problem.variable().chars().count());
    let width = names.filter(|width| *width <= COLUMN).max().unwrap_or(0);
    for problem in problems {
        let name = problem.variable();
        if name.chars().count() > width {
            write!(f, "\n  {name}\n  {:width$}  {}", "", problem.message())?;
        } else {
            write!(f, "\n  {name:width$}  {}", problem.message())?;
        }
        let lines = [problem.doc()]
            .into_iter()
            .chain(problem.hint().unwrap_or("").lines());
        for line in lines.filter(|line| !line.is_empty()) {
            write!(f, "\n  {:width$}  {line}", "")?;
        }
    }
    if !warnings.is_empty() {
        f.write_str("\n")?;
    }
    for warning in warnings {
        write!(
            f,
            "\n  warning: {} {}",
            warning.variable(),
            warning.message()
        )?;
    }
    Ok(())
}

fn count(f: &mut fmt::Formatter<'_>, number: usize, noun: &str) -> fmt::Result {
    write!(f, "{number} {noun}{}", if number == 1 { "" } else { "s" })
}
