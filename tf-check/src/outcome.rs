//! How a check ends.

use crate::Verdict;
use crate::error::Problem;

/// What a check found.
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) remark: String,
}

impl Outcome {
    pub(crate) fn pass(remark: impl Into<String>) -> Self {
        Self::of(Verdict::Pass, remark)
    }

    pub(crate) fn fail(remark: impl Into<String>) -> Self {
        Self::of(Verdict::Fail, remark)
    }

    pub(crate) fn not_tested(remark: impl Into<String>) -> Self {
        Self::of(Verdict::NotTested, remark)
    }

    fn of(verdict: Verdict, remark: impl Into<String>) -> Self {
        Self {
            verdict,
            remark: remark.into(),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Stop {
    /// The probe did not work, so that nothing was observed.
    NotTested(String),
    /// The profile does not ask for it.
    DoesNotApply,
    /// The harness broke, or was interrupted.
    Broken(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Broken(problem)
    }
}

pub(crate) type Checked = Result<Outcome, Stop>;
