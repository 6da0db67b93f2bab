//! Who is whose child.

use std::fs;
use std::path::PathBuf;

/// What one line of /proc says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) state: char,
    pub(crate) group: u32,
    pub(crate) session: u32,
    /// Time on a processor, in ticks of a hundredth of a second.
    pub(crate) ticks: u64,
    /// When it began; with the pid, the identity of a process.
    pub(crate) begun: u64,
}

impl Stat {
    pub(crate) fn is_alive(self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }
}

pub(crate) fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse(line: &str) -> Option<Stat> {
    // The name of the program stands in parentheses and may hold anything, also parentheses.
    let (_, rest) = line.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        group: u32::try_from(number(2)?).ok()?,
        session: u32::try_from(number(3)?).ok()?,
        ticks: number(11)? + number(12)?,
        begun: number(19)?,
    })
}

/// Its children, dead ones that nobody has waited for included.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    children_of(&pid.to_string())
}

/// The children of this process: also orphans, once it has said that it adopts them.
pub(crate) fn own_children() -> Vec<u32> {
    children_of("self")
}

fn children_of(pid: &str) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        let list = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        children.extend(
            list.split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
    }
    children
}

/// A variable that it was started with.
pub(crate) fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let environment = String::from_utf8_lossy(&environment);
    let value = |variable: &str| Some(variable.strip_prefix(name)?.strip_prefix('=')?.to_owned());
    environment.split('\0').find_map(value)
}

/// The file that it runs.
pub(crate) fn program(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// Its working folder.
pub(crate) fn folder(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Its arguments, as everybody on the machine can read them.
pub(crate) fn arguments(pid: u32) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let line = "42 (a) S (b) c) S 7 40 39 0 -1 4194560 1 2 3 4 11 22 0 0 20 0 1 0 9876 1 2";
        let stat = parse(line).unwrap();
        assert_eq!((stat.state, stat.group, stat.session), ('S', 40, 39));
        assert_eq!((stat.ticks, stat.begun), (33, 9876));
    }
}
