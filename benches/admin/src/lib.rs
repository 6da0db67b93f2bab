//! What the programs of this benchmark have in common.

/// How many tasks there are.
pub const TASKS: usize = 200;

/// The arguments of every task.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Delete what is older, in days.
    #[arg(long, default_value_t = 30)]
    pub older_than: u32,
    /// The most rows of one statement.
    #[arg(long)]
    pub batch: Option<u16>,
    /// The tables.
    pub tables: Vec<String>,
}

/// The name and the summary of each task.
pub fn tasks() -> impl Iterator<Item = (String, String)> {
    (0..TASKS).map(|number| {
        let name = format!("area-{:02}:task-{number:03}", number % 20);
        (name, format!("Do what task {number} does"))
    })
}
