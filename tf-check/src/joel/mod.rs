//! The Joel Test: twelve questions about a team, of which a repository can answer a few.

mod look;

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::Problem;
use crate::{Error, Profile, Verdict};

/// The questions, in their order, in our words; and what looks for an answer.
const QUESTIONS: [(&str, Option<Look>); 12] = [
    (
        "Is the source under version control?",
        Some(look::version_control),
    ),
    ("Is a build made in one step?", Some(look::build)),
    ("Is it built every day?", Some(look::integration)),
    ("Is there a database of bugs?", None),
    ("Are bugs mended before new code is written?", None),
    ("Is the schedule up to date?", None),
    ("Is there a specification?", None),
    ("Is it quiet where programmers work?", None),
    ("Are the tools the best there are?", None),
    ("Are there testers?", None),
    ("Do candidates write code in interviews?", None),
    ("Is usability tested in the hallway?", None),
];

/// What is seen in a folder: that it holds, or that it does not.
type Look = fn(&Path) -> Result<String, String>;

/// The answers to the twelve questions.
#[derive(Clone, Debug)]
pub struct JoelTest {
    source: PathBuf,
    answers: Vec<(Verdict, String)>,
}

/// Looks at the `source` folder of the profile, or at the current folder.
///
/// # Errors
///
/// Fails if there is no such folder.
///
/// # Examples
///
/// ```
/// let profile = tf_check::Profile::parse("[joel]\n8 = \"everybody has a door\"").unwrap();
/// let test = tf_check::joel(&profile).unwrap();
/// assert_eq!(test.verdict(8), Some(tf_check::Verdict::Declared));
/// assert_eq!(test.verdict(9), Some(tf_check::Verdict::NotTested));
/// ```
pub fn joel(profile: &Profile) -> Result<JoelTest, Error> {
    let source = profile.source.clone().unwrap_or_else(|| PathBuf::from("."));
    let source = std::path::absolute(&source).unwrap_or(source);
    if !source.is_dir() {
        let absent = std::io::Error::from(std::io::ErrorKind::NotFound);
        let doing = format!("looking at `{}`", source.display());
        return Err(Problem::harness(doing)(absent).into());
    }
    let answers = QUESTIONS.iter().enumerate().map(|(index, (_, look))| {
        let number = index + 1;
        match (look.map(|look| look(&source)), profile.joel.get(&number)) {
            (Some(Ok(seen)), _) => (Verdict::Pass, seen),
            (_, Some(declared)) => (Verdict::Declared, declared.clone()),
            (Some(Err(seen)), None) => (Verdict::Fail, seen),
            (None, None) => {
                let why =
                    format!("no file shows it; the owner may say in the profile: joel.{number}");
                (Verdict::NotTested, why)
            }
        }
    });
    let answers = answers.collect();
    Ok(JoelTest { source, answers })
}

impl JoelTest {
    /// The verdict on a question, 1 to 12.
    #[must_use]
    pub fn verdict(&self, question: usize) -> Option<Verdict> {
        let index = question.checked_sub(1)?;
        self.answers.get(index).map(|(verdict, _)| *verdict)
    }

    /// Whether no answer is a fail.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.answers
            .iter()
            .all(|(verdict, _)| *verdict != Verdict::Fail)
    }

    pub(crate) fn passes_strictly(&self) -> bool {
        let good = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Declared);
        self.answers.iter().all(|(verdict, _)| good(verdict))
    }

    fn rows(&self) -> impl Iterator<Item = (usize, &'static str, Verdict, &str)> {
        let answers = QUESTIONS.iter().zip(&self.answers).enumerate();
        answers.map(|(index, ((question, _), (verdict, remark)))| {
            (index + 1, *question, *verdict, &**remark)
        })
    }

    pub(crate) fn to_markdown(&self) -> String {
        let head = format!(
            "`{}`\n\n| Question | Status | Remarks |\n|---|---|---|\n",
            self.source.display()
        );
        self.rows()
            .fold(head, |text, (number, question, verdict, remark)| {
                text + &format!(
                    "| {number}. {question} | {verdict} | {} |\n",
                    remark.replace('|', "\\|")
                )
            })
    }

    pub(crate) fn to_json(&self) -> Value {
        let row = |(number, question, verdict, remark): (usize, &str, Verdict, &str)| {
            json!({
                "number": number,
                "question": question,
                "verdict": verdict.to_string(),
                "remark": remark,
            })
        };
        json!({
            "source": self.source.display().to_string(),
            "passes": self.passes(),
            "questions": self.rows().map(row).collect::<Vec<_>>(),
        })
    }
}

/// As a table.
impl fmt::Display for JoelTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n\n{:<47}  {:<10}  Remarks",
            self.source.display(),
            "Question",
            "Status"
        )?;
        for (number, question, verdict, remark) in self.rows() {
            let question = format!("{number:>2}. {question}");
            writeln!(f, "{question:<47}  {:<10}  {remark}", verdict.to_string())?;
        }
        Ok(())
    }
}
