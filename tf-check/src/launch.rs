//! How one process is started: its words, its variables, its surroundings.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::error::Problem;
use crate::family::{Family, MARK, Traces};
use crate::outcome::Stop;
use crate::output::{Output, Stream};
use crate::place::Place;
use crate::profile::Variable;
use crate::subject::{Ended, Subject};
use crate::{ports, process};

/// What a check changes about the ordinary start.
pub(crate) struct Launch<'b> {
    bench: &'b Bench,
    place: &'b Place,
    port: u16,
    words: Option<&'b [String]>,
    sink: Option<String>,
    /// `None` takes a variable away.
    changes: BTreeMap<String, Option<String>>,
    wrapper: Vec<String>,
    reads_stdout: bool,
}

impl<'b> Launch<'b> {
    pub(crate) fn new(bench: &'b Bench, place: &'b Place, port: u16) -> Self {
        Self {
            bench,
            place,
            port,
            words: None,
            sink: None,
            changes: BTreeMap::new(),
            wrapper: Vec::new(),
            reads_stdout: true,
        }
    }

    /// Other words than the usual ones.
    pub(crate) fn words(mut self, words: &'b [String]) -> Self {
        self.words = Some(words);
        self
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.changes.insert(name.to_owned(), Some(value.into()));
        self
    }

    pub(crate) fn unset(mut self, name: &str) -> Self {
        self.changes.insert(name.to_owned(), None);
        self
    }

    /// Lets this variable name a service at that address, in the form that the profile gives.
    pub(crate) fn attach(mut self, variable: &Variable, address: impl Into<String>) -> Self {
        self.sink = Some(address.into());
        let along = variable
            .along
            .iter()
            .map(|(name, form)| (name, form.clone()));
        let form = variable.service.clone().map(|form| (&variable.name, form));
        along
            .chain(form)
            .fold(self, |launch, (name, form)| launch.set(name, form))
    }

    /// Runs it by way of another program.
    pub(crate) fn wrapped(mut self, wrapper: Vec<String>) -> Self {
        self.wrapper = wrapper;
        self
    }

    /// Nobody reads its standard output: the pipe is broken from the start.
    pub(crate) fn without_reader(mut self) -> Self {
        self.reads_stdout = false;
        self
    }

    /// The variables it gets, and no others.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let profile = &self.bench.profile;
        let mut variables = BTreeMap::from([
            (
                "PATH".to_owned(),
                process::search_path().to_string_lossy().into_owned(),
            ),
            ("HOME".to_owned(), self.place.home().display().to_string()),
            ("TMPDIR".to_owned(), self.place.tmp().display().to_string()),
            (profile.port.clone(), self.port.to_string()),
            (profile.release.clone(), self.bench.release.clone()),
        ]);
        for variable in &profile.variables {
            variables.insert(variable.name.clone(), variable.value.clone());
        }
        for (name, change) in &self.changes {
            match change {
                Some(value) => variables.insert(name.clone(), value.clone()),
                None => variables.remove(name),
            };
        }
        for value in variables.values_mut() {
            *value = self.expand(value);
        }
        variables
    }

    fn expand(&self, text: &str) -> String {
        let sink = self.sink.as_deref().unwrap_or("127.0.0.1:1");
        text.replace("{data}", &self.place.data().display().to_string())
            .replace("{work}", &self.place.work().display().to_string())
            .replace("{port}", &self.port.to_string())
            .replace("{secret}", &self.bench.secret)
            .replace("{sink}", sink)
    }

    fn command(&self, mark: &str) -> Command {
        let bench = self.bench;
        let program = bench.program.display().to_string();
        let words = self.words.unwrap_or(&bench.profile.arguments);
        let words = words.iter().map(|word| bench.word(word));
        let mut all = self.wrapper.iter().cloned().chain([program]).chain(words);
        let mut command = Command::new(all.next().unwrap_or_default());
        command
            .args(all)
            .env_clear()
            .envs(self.variables())
            .env(MARK, mark)
            .current_dir(self.place.work())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Result<Subject, Stop> {
        let mark = format!("{:x}", ports::random());
        let mut command = self.command(&mark);
        if !self.reads_stdout {
            let broken = broken_pipe().map_err(Problem::harness("making a pipe"))?;
            command.stdout(broken);
        }
        let begun = Instant::now();
        let mut child = self.bench.roots.spawn(&mut command).map_err(|error| {
            let why = format!("{error}; is it an executable file?");
            let path = self.bench.program.display().to_string();
            Problem::Program { path, why }
        })?;
        let output = Output::default();
        if let Some(stdout) = child.stdout.take() {
            output.collect(Stream::Stdout, stdout);
        }
        if let Some(stderr) = child.stderr.take() {
            output.collect(Stream::Stderr, stderr);
        }
        let traces = Traces {
            mark,
            folder: self.place.root(),
            port: self.port,
            roots: self.bench.roots.clone(),
        };
        let family = Family::new(child.id(), traces);
        Ok(Subject::new(
            child,
            family,
            output,
            begun,
            self.port,
            self.bench.options.interrupt.clone(),
        ))
    }

    /// Starts it and waits for its end; none if it goes on.
    pub(crate) fn run(&self, limit: Duration) -> Result<(Option<Ended>, Output), Stop> {
        let mut subject = self.start()?;
        let ended = subject.wait(limit);
        // The last bytes may still be on their way through the pipes.
        let output = subject.output_at_end();
        self.bench.interrupted()?;
        Ok((ended, output))
    }
}

/// A pipe that nobody reads, from the first byte on.
fn broken_pipe() -> io::Result<Stdio> {
    #[cfg(target_os = "linux")]
    let (_, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    #[cfg(not(target_os = "linux"))]
    let (_, writer) = rustix::pipe::pipe()?;
    Ok(writer.into())
}
