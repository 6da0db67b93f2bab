use std::collections::HashMap;

use crate::{Subject, Table, grouped, median};

const ROUNDS: usize = 7;

/// Makes the child that plays a contestant.
pub type Cast<'a> = &'a dyn Fn(&str) -> Subject;

/// What is taken of every contestant.
pub enum Figure<'a> {
    /// [`Subject::instructions`].
    Instructions(Cast<'a>),
    /// [`Subject::first_instructions`].
    First(Cast<'a>),
    /// [`Subject::nanos`], in rounds in which all contestants take turns.
    Nanos(Cast<'a>),
    /// [`Subject::allocations`], which fills a second column with the bytes.
    Allocations(Cast<'a>),
    /// [`Subject::system_calls`].
    SystemCalls(Cast<'a>),
    /// [`Subject::output_bytes`].
    Output(Cast<'a>),
}

/// One figure with its place in the table.
pub struct Column<'a> {
    /// Head of the column, and the name of the figure in [`Outcome::of`].
    pub head: &'a str,
    /// Head of a column for the quotient by the first contestant's; empty for none.
    pub ratio: &'a str,
    /// What is taken.
    pub figure: Figure<'a>,
}

impl<'a> Column<'a> {
    /// Takes the parts in the order of the table.
    pub fn new(head: &'a str, ratio: &'a str, figure: Figure<'a>) -> Self {
        Self {
            head,
            ratio,
            figure,
        }
    }
}

/// The same work by several contestants, the first of whom is the measure of the others.
pub struct Race<'a> {
    /// Their names, in the order of the table.
    pub contestants: &'a [&'static str],
    /// Repetitions behind each count.
    pub repetitions: u32,
    /// Pieces of work in one repetition: all figures are those of one piece.
    pub batch: u32,
    /// The figures, in the order of the table.
    pub columns: Vec<Column<'a>>,
}

/// The figures of a finished race.
#[derive(Clone, Debug)]
pub struct Outcome {
    contestants: Vec<&'static str>,
    /// Heads of a figure's column and of the one with its quotients, which may be empty.
    heads: Vec<(String, String)>,
    /// By contestant and head, one value for each round.
    values: HashMap<(String, String), Vec<f64>>,
}

impl Race<'_> {
    /// Takes all figures.
    pub fn run(&self) -> Outcome {
        let mut outcome = Outcome {
            contestants: self.contestants.to_vec(),
            heads: Vec::new(),
            values: HashMap::new(),
        };
        for column in &self.columns {
            let own = (column.head.to_owned(), column.ratio.to_owned());
            outcome.heads.push(own);
            if let Figure::Allocations(_) = column.figure {
                outcome.heads.push((bytes_head(column), String::new()));
            }
            let rounds = match column.figure {
                Figure::Nanos(_) => ROUNDS,
                _ => 1,
            };
            for _ in 0..rounds {
                for contestant in self.contestants {
                    self.take(contestant, column, &mut outcome);
                }
            }
        }
        outcome
    }

    fn take(&self, contestant: &str, column: &Column<'_>, outcome: &mut Outcome) {
        let times = self.repetitions;
        let count = match column.figure {
            Figure::Instructions(cast) => cast(contestant).instructions(times),
            Figure::First(cast) => cast(contestant).first_instructions(),
            Figure::Nanos(cast) => cast(contestant).nanos(),
            Figure::SystemCalls(cast) => cast(contestant).system_calls(times),
            Figure::Output(cast) => cast(contestant).output_bytes(times),
            Figure::Allocations(cast) => {
                let seen = cast(contestant).allocations();
                outcome.note(contestant, &bytes_head(column), seen.bytes, self.batch);
                seen.count
            }
        };
        outcome.note(contestant, column.head, count, self.batch);
    }
}

/// `alloc B` for `allocs`.
fn bytes_head(column: &Column<'_>) -> String {
    format!("{} B", column.head.trim_end_matches('s'))
}

impl Outcome {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts here are far below 2 to the 52"
    )]
    fn note(&mut self, contestant: &str, head: &str, count: u64, batch: u32) {
        let value = count as f64 / f64::from(batch);
        let key = (contestant.to_owned(), head.to_owned());
        self.values.entry(key).or_default().push(value);
    }

    /// A contestant's figure, by the head of its column; the median where there are several.
    pub fn of(&self, contestant: &str, head: &str) -> f64 {
        median(self.rounds(contestant, head).to_vec())
    }

    /// A contestant's figure by another's; the median over the rounds where there are several.
    pub fn share(&self, contestant: &str, of: &str, head: &str) -> f64 {
        let rounds = self.rounds(contestant, head).iter();
        let quotients = rounds.zip(self.rounds(of, head)).map(|(own, of)| own / of);
        median(quotients.collect())
    }

    fn rounds(&self, contestant: &str, head: &str) -> &[f64] {
        let key = (contestant.to_owned(), head.to_owned());
        let found = self.values.get(&key);
        found.unwrap_or_else(|| panic!("no {head} of {contestant}"))
    }

    /// The table of all figures.
    pub fn table(&self, title: &str) -> Table {
        let measure = self.contestants[0];
        let mut heads = vec!["contestant"];
        for (head, ratio) in &self.heads {
            heads.push(head);
            heads.extend(shown(ratio));
        }
        let mut table = Table::new(format!("{title} (x against {measure})"), &heads);
        for contestant in &self.contestants {
            let mut cells = vec![(*contestant).to_owned()];
            for (head, ratio) in &self.heads {
                cells.push(self.cell(contestant, head));
                let share = |_| format!("{:.2}", self.share(contestant, measure, head));
                cells.extend(shown(ratio).map(share));
            }
            table.row(cells);
        }
        table
    }

    /// Whole numbers, but for small means over a batch.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "figures are small and positive"
    )]
    fn cell(&self, contestant: &str, head: &str) -> String {
        match self.of(contestant, head) {
            whole if whole.fract() == 0.0 => grouped(whole as u64),
            small if small < 10.0 => format!("{small:.2}"),
            middle if middle < 100.0 => format!("{middle:.1}"),
            large => grouped(large.round() as u64),
        }
    }
}

/// The head of a column that is there.
fn shown(head: &str) -> Option<&str> {
    Some(head).filter(|head| !head.is_empty())
}
