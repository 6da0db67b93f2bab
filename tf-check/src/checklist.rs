use std::fmt;
use std::time::Duration;

use crate::Factor;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It was seen to hold.
    Pass,
    /// The owner says so in the profile; nothing was seen.
    Declared,
    /// It could not be observed; the remark says why.
    NotTested,
    /// It was seen not to hold.
    Fail,
}

impl Verdict {
    pub(crate) const ALL: [Self; 4] = [Self::Pass, Self::Declared, Self::NotTested, Self::Fail];
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Declared => "declared",
            Self::NotTested => "not tested",
            Self::Fail => "fail",
        })
    }
}

/// One check of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(crate) check: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) remark: String,
}

impl Finding {
    /// The name of the check, such as `in flight`.
    #[must_use]
    pub fn check(&self) -> &'static str {
        self.check
    }

    /// What it found.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// What was observed: the variable, the file, the pid, the milliseconds; or why nothing was.
    #[must_use]
    pub fn remark(&self) -> &str {
        &self.remark
    }
}

/// A row: a factor and its checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub(crate) factor: Factor,
    pub(crate) findings: Vec<Finding>,
}

impl Row {
    /// The factor.
    #[must_use]
    pub fn factor(&self) -> Factor {
        self.factor
    }

    /// Its checks, in the order in which they are documented.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The check of this name.
    #[must_use]
    pub fn finding(&self, check: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.check == check)
    }

    /// Fail if any check failed; otherwise pass if any passed, then declared if the owner declares
    /// something, then not tested.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        [Verdict::Fail, Verdict::Pass, Verdict::Declared]
            .into_iter()
            .find(|verdict| self.count(*verdict) > 0)
            .unwrap_or(Verdict::NotTested)
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        let same = |finding: &&Finding| finding.verdict == verdict;
        self.findings.iter().filter(same).count()
    }
}

/// The filled-in checklist.
#[derive(Clone, Debug)]
pub struct Checklist {
    pub(crate) command: String,
    pub(crate) about: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) took: Duration,
}

impl Checklist {
    /// The command line that was started.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// What holds for the whole run: how the program was found to start, whether namespaces were allowed.
    #[must_use]
    pub fn about(&self) -> &[String] {
        &self.about
    }

    /// The rows, in the order of the manifesto.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a factor; none if it was skipped.
    #[must_use]
    pub fn row(&self, factor: Factor) -> Option<&Row> {
        self.rows.iter().find(|row| row.factor == factor)
    }

    /// How long the run took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Whether no check failed.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.count(Verdict::Fail) == 0
    }

    /// Whether no check failed and none was left untested.
    #[must_use]
    pub fn passes_strictly(&self) -> bool {
        self.passes() && self.count(Verdict::NotTested) == 0
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().map(|row| row.count(verdict)).sum()
    }
}

/// As a table, without colours.
impl fmt::Display for Checklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::show::table(self, 120))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verdicts: &[Verdict]) -> Row {
        let finding = |verdict: &Verdict| Finding {
            check: "check",
            verdict: *verdict,
            remark: String::new(),
        };
        Row {
            factor: Factor::Config,
            findings: verdicts.iter().map(finding).collect(),
        }
    }

    #[test]
    fn a_row_fails_with_any_check_and_passes_only_by_observation() {
        use Verdict::{Declared, Fail, NotTested, Pass};
        assert_eq!(row(&[Pass, Fail, Declared]).verdict(), Fail);
        assert_eq!(row(&[Declared, NotTested, Pass]).verdict(), Pass);
        assert_eq!(row(&[NotTested, Declared]).verdict(), Declared);
        assert_eq!(row(&[NotTested]).verdict(), NotTested);
        assert_eq!(row(&[]).verdict(), NotTested);
    }
}
