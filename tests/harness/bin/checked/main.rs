//! A service without a framework, good in every row of the checklist but in the ways that `WAY` names.

mod commands;
mod serve;
mod settings;
mod streams;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use settings::Settings;

fn main() -> ExitCode {
    let settings = Settings::from_env();
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let stop = Arc::new(AtomicBool::new(false));
    if !settings.has_way("has-no-handler") {
        let signal = signal_hook::consts::SIGTERM;
        signal_hook::flag::register(signal, Arc::clone(&stop)).expect("a handler can be installed");
    }
    match words.as_slice() {
        [] => serve::web(&settings, &stop),
        ["worker"] => serve::worker(&settings, &stop),
        words => commands::run(words, &settings, &stop),
    }
}
