use std::process::Command;

/// One line that says where and when the figures were taken.
pub fn machine_line() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let compiler = first_line(Command::new("rustc").arg("--version"));
    let valgrind = first_line(Command::new("valgrind").arg("--version"));
    let date = first_line(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    format!("{cores} cores, {compiler}, {valgrind}, {date}")
}

fn first_line(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next().unwrap_or_default().to_owned()
}

/// `name version` of each peer as the text of a `Cargo.lock` has it, in the order asked for.
pub fn peer_versions(lock: &str, peers: &[&str]) -> String {
    let of = |peer: &&str| {
        let start = format!("name = \"{peer}\"\nversion = \"");
        let (_, rest) = lock
            .split_once(&start)
            .unwrap_or_else(|| panic!("{peer} is not in Cargo.lock"));
        let (version, _) = rest
            .split_once('"')
            .expect("a version in Cargo.lock is quoted");
        format!("{peer} {version}")
    };
    peers.iter().map(of).collect::<Vec<_>>().join(", ")
}
