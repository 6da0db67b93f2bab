//! The command line.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind as Usage;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::error::Problem;
use crate::{
    Checklist, Error, Factor, JoelTest, Options, Profile, family, joel, process, run_with, show,
};

/// Read from the current folder where no other profile is named.
const USUAL_PROFILE: &str = "twelve-factor.toml";

/// The command: reads the arguments, runs the checks, prints the table.
///
/// Ends with 0 if nothing failed, 1 if a check failed, 2 if the command line, the profile or the program is
/// wrong, 70 if the harness broke, 128 and the signal if it was told to end.
#[must_use]
pub fn main() -> ExitCode {
    let matches = match command().try_get_matches_from(process::arguments()) {
        Ok(matches) => matches,
        Err(error) => {
            let is_help = matches!(error.kind(), Usage::DisplayHelp | Usage::DisplayVersion);
            // Nobody is left to tell when the streams are closed.
            let _ = error.print();
            return ExitCode::from(if is_help { 0 } else { 2 });
        }
    };
    match answer(&matches) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(io::stderr(), "tf-check: {}", with_causes(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

fn command() -> Command {
    let factors = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("FACTORS")
            .value_delimiter(',')
            .action(ArgAction::Append)
            .value_parser(|text: &str| text.parse::<Factor>())
    };
    Command::new("tf-check")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Starts a program and fills in the twelve-factor checklist with what it saw")
        .override_usage(
            "tf-check [OPTIONS] -- PROGRAM [ARGUMENTS]...\n       tf-check --joel [--profile FILE]",
        )
        .after_help(
            "Exit codes: 0 nothing failed, 1 a check failed, 2 usage, 70 the harness broke.\n\
             Example: tf-check -- sh -c 'exec /usr/bin/redis-server --port $PORT'",
        )
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("What cannot be guessed; else twelve-factor.toml, if it is here"),
        )
        .arg(
            Arg::new("env")
                .short('e')
                .long("env")
                .value_name("NAME=VALUE")
                .action(ArgAction::Append)
                .value_parser(pair)
                .help("A variable for every start; nothing is inherited but PATH"),
        )
        .arg(factors("only").help("These rows alone, such as IX,VII"))
        .arg(factors("skip").help("All rows but these"))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(["table", "md", "json"])
                .default_value("table")
                .help("How to print the checklist"),
        )
        .arg(
            Arg::new("strict")
                .long("strict")
                .action(ArgAction::SetTrue)
                .help("End with 1 also if something was not tested"),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("SECONDS")
                .value_parser(seconds)
                .default_value("10")
                .help("The longest wait: to listen, to answer, to end"),
        )
        .arg(
            Arg::new("joel")
                .long("joel")
                .action(ArgAction::SetTrue)
                .help("The twelve questions of the Joel Test instead, about the `source` folder"),
        )
        .arg(
            Arg::new("program")
                .value_name("PROGRAM")
                .num_args(1..)
                .trailing_var_arg(true)
                .required_unless_present("joel")
                .value_parser(value_parser!(OsString))
                .help("The program, and its arguments"),
        )
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim_end_matches('s').parse::<f64>().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let allowed = Duration::from_millis(100)..=Duration::from_secs(3600);
    let expected = "expected seconds, from 0.1 to 3600";
    duration
        .filter(|duration| allowed.contains(duration))
        .ok_or_else(|| expected.to_owned())
}

fn answer(matches: &ArgMatches) -> Result<u8, Error> {
    let mut profile = profile(matches)?;
    let format = matches
        .get_one::<String>("format")
        .map_or("table", String::as_str);
    let strict = matches.get_flag("strict");
    if matches.get_flag("joel") {
        let test = joel(&profile)?;
        print(&shown_joel(&test, format))?;
        return Ok(code(test.passes(), test.passes_strictly(), strict));
    }
    for (name, value) in matches
        .get_many::<(String, String)>("env")
        .into_iter()
        .flatten()
    {
        profile = profile.variable(name, value);
    }
    let checklist = run_with(&profile, &options(matches)?);
    family::end_children();
    if process::shows_progress() {
        // Wipes the line of progress.
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    let checklist = checklist?;
    print(&shown(&checklist, format))?;
    Ok(code(
        checklist.passes(),
        checklist.passes_strictly(),
        strict,
    ))
}

fn code(passes: bool, passes_strictly: bool, strict: bool) -> u8 {
    u8::from(!if strict { passes_strictly } else { passes })
}

fn profile(matches: &ArgMatches) -> Result<Profile, Error> {
    let named = matches.get_one::<PathBuf>("profile").cloned();
    let usual = PathBuf::from(USUAL_PROFILE);
    let profile = match named.or_else(|| usual.is_file().then_some(usual)) {
        Some(path) => Profile::load(path)?,
        None => Profile::new(""),
    };
    let mut words = matches
        .get_many::<OsString>("program")
        .into_iter()
        .flatten();
    let Some(program) = words.next() else {
        return Ok(profile);
    };
    let words = words.map(|word| word.to_string_lossy().into_owned());
    Ok(profile.program(program, words))
}

fn options(matches: &ArgMatches) -> Result<Options, Error> {
    let listed = |name| {
        matches
            .get_many::<Factor>(name)
            .map(|all| all.copied().collect::<Vec<_>>())
    };
    let signal =
        process::ending_signal().map_err(Problem::harness("installing signal handlers"))?;
    let mut options = Options::new()
        .skip(listed("skip").unwrap_or_default())
        .stop_when(signal);
    if let Some(only) = listed("only") {
        options = options.only(only);
    }
    if let Some(timeout) = matches.get_one::<Duration>("timeout") {
        options = options.timeout(*timeout);
    }
    if process::shows_progress() {
        options = options.progress(|what| {
            let _ = write!(io::stderr(), "\r\x1b[K{what}");
        });
    }
    Ok(options)
}

fn shown(checklist: &Checklist, format: &str) -> String {
    match format {
        "json" => format!("{:#}\n", show::json(checklist)),
        "md" => show::markdown(checklist),
        _ => show::table(checklist, process::columns()),
    }
}

fn shown_joel(test: &JoelTest, format: &str) -> String {
    match format {
        "json" => format!("{:#}\n", test.to_json()),
        "md" => test.to_markdown(),
        _ => test.to_string(),
    }
}

/// A reader that has gone has seen enough.
fn print(text: &str) -> Result<(), Error> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Problem::harness("writing to stdout")(error).into())
        }
        _ => Ok(()),
    }
}
