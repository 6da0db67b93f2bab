//! The tasks as subcommands of bare clap, and a list of them.

use std::io::{self, Write};
use std::process::ExitCode;

use bench_admin::{Arguments, tasks};
use clap::{Args, Command};

fn main() -> ExitCode {
    let commands =
        tasks().map(|(name, summary)| Arguments::augment_args(Command::new(name)).about(summary));
    let mut command = Command::new("bench")
        .disable_help_subcommand(true)
        .subcommand(Command::new("list"))
        .subcommands(commands);
    match command.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) if matches.subcommand_name() == Some("list") => {}
        _ => return ExitCode::from(2),
    }
    let mut text = String::new();
    for task in command
        .get_subcommands()
        .filter(|task| task.get_about().is_some())
    {
        let about = task.get_about().map(ToString::to_string);
        text.push_str(&format!(
            "{}  {}\n",
            task.get_name(),
            about.unwrap_or_default()
        ));
    }
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
