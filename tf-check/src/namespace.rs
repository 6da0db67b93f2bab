//! Surroundings that only the kernel can make: a root that cannot be written, a process 1.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::place::Place;
use crate::process;

/// Ways to be allowed to: as root, then as an ordinary user who may make a user namespace.
const WAYS: [&[&str]; 3] = [
    &[],
    &["--user", "--map-current-user", "--keep-caps"],
    &["--user", "--map-root-user"],
];

/// What util-linux' `unshare` may do here.
pub(crate) struct Namespaces {
    mount: Option<Vec<String>>,
    pid: Option<Vec<String>>,
}

/// Makes all but some folders read-only, proves it, and becomes the program.
const READ_ONLY: &str = r#"
set -e
work=$1 tmp=$2 data=$3
shift 3
for folder in "$tmp" "$data"; do /bin/mount --bind "$folder" "$folder"; done
while read -r _ _ _ _ target _; do
  case $target in
    "$tmp" | "$data" | /proc | /proc/* | /dev | /dev/* | /sys | /sys/*) ;;
    *) /bin/mount -o remount,bind,ro "$target" 2>/dev/null || : ;;
  esac
done </proc/self/mountinfo
for folder in "$work" / /var/tmp; do
  if (: >"$folder/tf-check-probe.$$") 2>/dev/null; then
    /bin/rm -f "$folder/tf-check-probe.$$"
    echo "tf-check: $folder can still be written" >&2
    exit 97
  fi
done
cd "$work"
exec "$@"
"#;

/// The code with which the script above says that its probe does not work.
pub(crate) const NOT_READ_ONLY: i32 = 97;

impl Namespaces {
    /// Tries what is allowed.
    pub(crate) fn find() -> Self {
        let unshare = process::find(Path::new("unshare"));
        let allowed = |kind: &[&str]| {
            let unshare = unshare.as_ref()?;
            let way = WAYS.iter().find(|way| works(unshare, way, kind))?;
            Some(words(unshare, way, kind))
        };
        Self {
            mount: allowed(&["--mount"]),
            pid: allowed(&["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]),
        }
    }

    /// What stands before a program so that it can write to nothing but TMPDIR and its data.
    pub(crate) fn read_only(&self, place: &Place) -> Option<Vec<String>> {
        let mut wrapper = self.mount.clone()?;
        wrapper.extend(["/bin/sh", "-c", READ_ONLY, "sh"].map(str::to_owned));
        let folders = [place.work(), place.tmp(), place.data()];
        wrapper.extend(folders.map(|folder| folder.display().to_string()));
        Some(wrapper)
    }

    /// What stands before a program so that it is process 1.
    pub(crate) fn process_one(&self) -> Option<Vec<String>> {
        self.pid.clone()
    }

    /// For the head of the table.
    pub(crate) fn about(&self) -> String {
        match (&self.mount, &self.pid) {
            (Some(_), Some(_)) => "namespaces: mount and pid, by unshare".to_owned(),
            (None, None) => format!("namespaces: none; {}", self.why_not()),
            (Some(_), None) => "namespaces: mount alone, by unshare".to_owned(),
            (None, Some(_)) => "namespaces: pid alone, by unshare".to_owned(),
        }
    }

    pub(crate) fn why_not(&self) -> &'static str {
        "util-linux' `unshare` is not here, or the kernel does not allow it to this user"
    }
}

fn words(unshare: &Path, way: &[&str], kind: &[&str]) -> Vec<String> {
    let words = way
        .iter()
        .chain(kind)
        .chain(&["--"])
        .map(|word| (*word).to_owned());
    [unshare.display().to_string()]
        .into_iter()
        .chain(words)
        .collect()
}

fn works(unshare: &PathBuf, way: &[&str], kind: &[&str]) -> bool {
    let mut command = Command::new(unshare);
    command
        .args(way)
        .args(kind)
        .args(["--", "/bin/sh", "-c", "/bin/mount --bind /tmp /tmp"]);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
