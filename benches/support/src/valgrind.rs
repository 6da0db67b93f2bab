use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What valgrind watches while a program runs; its report is on stderr.
#[derive(Clone, Copy, Debug)]
pub enum Watch<'a> {
    /// Instructions of all threads in user space; the profile goes to this file.
    Instructions(&'a Path),
    /// System calls.
    SystemCalls,
    /// Heap requests.
    Heap,
}

impl Watch<'_> {
    /// The command that runs the program; arguments may be added.
    pub fn command(self, program: &Path) -> Command {
        let mut command = Command::new(valgrind());
        match self {
            Self::Instructions(file) => {
                let mut out_file = OsString::from("--callgrind-out-file=");
                out_file.push(file);
                command.arg("--tool=callgrind").arg(out_file);
            }
            Self::SystemCalls => {
                command.args(["--tool=none", "--trace-syscalls=yes"]);
            }
            Self::Heap => {
                command.args([
                    "--tool=memcheck",
                    "--leak-check=no",
                    "--undef-value-errors=no",
                ]);
            }
        }
        command.arg(program);
        command
    }
}

/// The child may have no `PATH`, so the search happens here.
fn valgrind() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("valgrind"))
        .find(|file| file.is_file())
        .expect("instructions are counted by valgrind, which is not in PATH")
}

/// What the report says of [`Watch::Instructions`].
pub fn instructions(report: &str) -> u64 {
    let count = report
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let count = count.and_then(|(_, count)| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("callgrind collected nothing:\n{report}"))
}

/// What the report says of [`Watch::SystemCalls`]. Reading the clock is none: outside valgrind it does not
/// enter the kernel.
pub fn system_calls(report: &str) -> u64 {
    // A call that may block has a second line, for its end.
    let is_start = |line: &&str| {
        line.starts_with("SYSCALL[")
            && !line.contains(") ... [")
            && !line.contains("sys_clock_gettime")
    };
    report.lines().filter(is_start).count() as u64
}

/// Count and bytes, as the report says of [`Watch::Heap`]; a reallocation counts as one request of the new size.
pub fn heap_requests(report: &str) -> [u64; 2] {
    let line = report
        .lines()
        .find_map(|line| line.split_once("total heap usage: "));
    let (_, line) = line.unwrap_or_else(|| panic!("memcheck counted nothing:\n{report}"));
    let number = |part: Option<&str>| {
        let digits: String = part?.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let mut parts = line.split(", ");
    let count = number(parts.next());
    let bytes = number(parts.nth(1));
    count.zip(bytes).map_or_else(
        || panic!("no figures in {line:?}"),
        |(count, bytes)| [count, bytes],
    )
}
