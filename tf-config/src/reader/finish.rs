//! Ends a load.

use super::{Purpose, Reader};
use crate::error::{Error, ProblemKind, WarningKind};
use crate::hint;
use crate::loaded::Loaded;
use crate::section::Section;

impl Reader<'_> {
    /// Ends the load: the value with what was seen, or everything that is wrong.
    pub(crate) fn finish<T>(
        mut self,
        section: &'static Section,
        value: Option<T>,
    ) -> Result<Loaded<T>, Error> {
        let source_problems = self.source.problems();
        match value {
            Some(value) if self.problems.is_empty() && source_problems.is_empty() => {
                if self.purpose == Purpose::Report {
                    self.suspect(section);
                }
                let scopes = self
                    .scopes
                    .into_iter()
                    .map(|scope| (scope.prefix, scope.path));
                Ok(Loaded::new(value, self.seen.within(scopes), self.warnings))
            }
            _ => {
                self.suspect(section);
                self.problems.sort_by_key(|(order, _)| *order);
                let problems = self.problems.into_iter().map(|(_, problem)| problem);
                let problems = source_problems.iter().cloned().chain(problems).collect();
                Err(Error::new(problems, self.warnings))
            }
        }
    }

    /// Adds what may be misspelt: to the problem of a missing variable, else as a warning.
    fn suspect(&mut self, section: &'static Section) {
        let files: Vec<_> = self
            .unset
            .iter()
            .map(|name| format!("{name}_FILE"))
            .collect();
        self.unset.extend(files);
        for near in hint::misspelt(section, self.source, &self.unset) {
            let plain = near.meant.strip_suffix("_FILE").unwrap_or(&near.meant);
            let missing = self
                .problems
                .iter_mut()
                .map(|(_, problem)| problem)
                .find(|problem| {
                    problem.variable() == plain && problem.kind() == ProblemKind::Missing
                });
            match missing {
                Some(problem) => {
                    let words = format!("{} is set: did you mean {}?", near.set, near.meant);
                    *problem = problem.clone().with_hint(words);
                }
                None => {
                    let words = format!("is set but nobody reads it; did you mean {}?", near.meant);
                    self.warn(WarningKind::Unknown, near.set, words);
                }
            }
        }
    }
}
