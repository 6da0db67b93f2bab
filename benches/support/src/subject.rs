use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::{Allocations, Job, Watch, job, median, valgrind};

/// Bytes held on the heap from the start. Where a load's large blocks happen to lie decides whether
/// glibc merges all its small free blocks in each repetition, which costs a quarter more.
const HEAP_STARTS: [usize; 3] = [0, 8 * 1024, 16 * 1024];

/// One contestant as the runner sees it: this very binary with arguments and an environment.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What the child finds after its job in the argument list.
    pub arguments: Vec<String>,
    /// The whole environment of the child.
    pub environment: Vec<(String, String)>,
    /// Where the child's stdout leads.
    pub stdout: Stdout,
}

/// What a child finds as its stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stdout {
    /// `/dev/null`.
    #[default]
    Null,
    /// A pipe to `cat >/dev/null`.
    Pipe,
}

impl Stdout {
    fn reader(self) -> Option<Child> {
        (self == Self::Pipe).then(|| {
            Command::new("cat")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .expect("cat reads the pipe")
        })
    }
}

impl Subject {
    /// Instructions of one repetition: the count at `2 * times` minus the count at `times`, so
    /// that the start of the process and the first repetitions cancel out. It is the median over
    /// a few sizes of heap in use.
    pub fn instructions(&self, times: u32) -> u64 {
        let counts = HEAP_STARTS.map(|held| {
            let count = |times| self.callgrind(Job::Repeat { times, held }, Path::new("/dev/null"));
            count(2 * times).saturating_sub(count(times)) / u64::from(times)
        });
        median(counts.into())
    }

    /// Instructions of the first repetition in a process, where no earlier one has left its mark on
    /// the heap.
    pub fn first_instructions(&self) -> u64 {
        let count = |times| self.callgrind(Job::Repeat { times, held: 0 }, Path::new("/dev/null"));
        count(1).saturating_sub(count(0))
    }

    /// System calls of one repetition, by the same difference. Reading the clock is none: outside
    /// valgrind it does not enter the kernel.
    pub fn system_calls(&self, times: u32) -> u64 {
        let count = |times| {
            let command = Watch::SystemCalls.command(&this_binary());
            let output = self.spawn(command, Job::Repeat { times, held: 0 });
            valgrind::system_calls(&String::from_utf8_lossy(&output.stderr))
        };
        let more = count(2 * times).saturating_sub(count(times));
        more / u64::from(times)
    }

    /// What `times` repetitions write to stdout.
    pub fn output(&self, times: u32) -> Vec<u8> {
        let job = Job::Repeat { times, held: 0 };
        let mut command = Command::new(this_binary());
        let output = self.run(&mut command, job, Stdio::piped());
        output.stdout
    }

    /// Bytes that one repetition writes to stdout, by the same difference.
    pub fn output_bytes(&self, times: u32) -> u64 {
        let more = self.output(2 * times).len() - self.output(times).len();
        more as u64 / u64::from(times)
    }

    /// Writes a callgrind profile of `times` repetitions to `file`, for `callgrind_annotate`.
    pub fn profile(&self, times: u32, file: &Path) {
        self.callgrind(Job::Repeat { times, held: 0 }, file);
    }

    /// Heap requests of one repetition.
    pub fn allocations(&self) -> Allocations {
        let figures = self.figures(Job::Allocations);
        Allocations {
            count: figures[0],
            bytes: figures[1],
        }
    }

    /// Nanoseconds of one repetition, the mean over one child.
    pub fn nanos(&self) -> u64 {
        self.figures(Job::Time)[0]
    }

    /// Number of variables that valgrind, and the shell script that starts it, add to the
    /// environment of what they run.
    pub fn variables_added_by_valgrind() -> usize {
        let bare = Self {
            arguments: Vec::new(),
            environment: Vec::new(),
            stdout: Stdout::Null,
        };
        let output = bare.under_callgrind(Job::CountVariables, Path::new("/dev/null"));
        let added = figures(&output)[0];
        usize::try_from(added).expect("a count of variables fits a usize")
    }

    fn figures(&self, job: Job) -> Vec<u64> {
        figures(&self.spawn(Command::new(this_binary()), job))
    }

    fn callgrind(&self, job: Job, file: &Path) -> u64 {
        let output = self.under_callgrind(job, file);
        valgrind::instructions(&String::from_utf8_lossy(&output.stderr))
    }

    fn under_callgrind(&self, job: Job, file: &Path) -> Output {
        let command = Watch::Instructions(file).command(&this_binary());
        self.spawn(command, job)
    }

    fn spawn(&self, mut command: Command, job: Job) -> Output {
        let mut reader = self.stdout.reader();
        let stdin = reader.as_mut().and_then(|reader| reader.stdin.take());
        let stdout = stdin.map_or_else(Stdio::null, Stdio::from);
        let output = self.run(&mut command, job, stdout);
        // It holds the last writing end of the pipe.
        drop(command);
        if let Some(mut reader) = reader {
            reader.wait().expect("the reader of the pipe ends");
        }
        output
    }

    fn run(&self, command: &mut Command, job: Job, stdout: Stdio) -> Output {
        let output = command
            .arg(job.to_string())
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, text)| (name, text)))
            .stdout(stdout)
            .output()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        assert!(
            output.status.success(),
            "{:?} ended with {}:\n{}",
            self.arguments,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

/// What [`Job`] printed, wherever valgrind's own lines are.
fn figures(output: &Output) -> Vec<u64> {
    let text = String::from_utf8_lossy(&output.stderr);
    let words = text
        .lines()
        .find_map(|line| line.strip_prefix(job::FIGURES))
        .unwrap_or_else(|| panic!("a child printed no figures:\n{text}"));
    words
        .split_whitespace()
        .map(|word| word.parse().expect("a child prints whole numbers"))
        .collect()
}

fn this_binary() -> PathBuf {
    std::env::current_exe().expect("the path of this binary is known")
}
