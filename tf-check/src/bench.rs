//! What all checks share: the profile, free ports, fresh folders, and how the program was found to start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::{self, Answer, Reply, Request};
use crate::error::Problem;
use crate::family::Roots;
use crate::launch::Launch;
use crate::namespace::Namespaces;
use crate::options::Options;
use crate::outcome::Stop;
use crate::output::Output;
use crate::place::Place;
use crate::ports::{self, Ports};
use crate::proc::Where;
use crate::process;
use crate::profile::Profile;
use crate::subject::{Start, Subject, Up};
use crate::waiting::{took, until};

pub(crate) struct Bench {
    pub(crate) profile: Profile,
    pub(crate) options: Options,
    pub(crate) program: PathBuf,
    pub(crate) namespaces: Namespaces,
    pub(crate) baseline: Baseline,
    /// Planted wherever the profile says `{secret}`.
    pub(crate) secret: String,
    /// Planted as the name of the release.
    pub(crate) release: String,
    /// Of the program's file, before anything was started.
    pub(crate) digest: u64,
    pub(crate) roots: Roots,
    prepared: Option<Place>,
    ports: Ports,
    folder: TempDir,
}

/// The first start, with no check beside it.
#[derive(Clone, Debug)]
pub(crate) enum Baseline {
    Up {
        place: Where,
        port: u16,
        took: Duration,
    },
    /// Why nothing can be asked of it, and its last words.
    Down { why: String, words: String },
}

impl Baseline {
    /// The head of the table has all of it, the rows the reason alone.
    fn down(why: String) -> Self {
        match why.split_once(LAST_LINE) {
            Some((why, words)) => Self::Down {
                why: why.to_owned(),
                words: format!("{LAST_LINE}{words}"),
            },
            None => Self::Down {
                why,
                words: String::new(),
            },
        }
    }
}

/// Comes before what a program said last.
const LAST_LINE: &str = "; its last line: ";

impl Bench {
    /// Starts the program once, to see how it does that.
    pub(crate) fn new(profile: Profile, options: Options) -> Result<Self, Problem> {
        let Some(program) = process::find(&profile.program) else {
            let path = profile.program.display().to_string();
            let why = "there is no such file, here or on the `PATH`".to_owned();
            return Err(Problem::Program { path, why });
        };
        let folder = tempfile::Builder::new().prefix("tf-check-").tempdir();
        let folder = folder.map_err(Problem::harness("making a temporary folder"))?;
        let digest = crate::place::digest(&program);
        let digest = digest.map_err(Problem::harness("reading the program"))?;
        let mut bench = Self {
            namespaces: Namespaces::find(),
            baseline: Baseline::down("it was not started".to_owned()),
            secret: format!("s{:016x}{:016x}", ports::random(), ports::random()),
            release: format!("release-{:016x}", ports::random()),
            digest,
            roots: Roots::default(),
            prepared: None,
            ports: Ports::default(),
            profile,
            options,
            program,
            folder,
        };
        bench.baseline = match bench.first_start() {
            Ok(baseline) => baseline,
            Err(Stop::Broken(problem)) => return Err(problem),
            Err(Stop::NotTested(why)) => Baseline::down(why),
            Err(Stop::DoesNotApply) => Baseline::down("it was not started".to_owned()),
        };
        Ok(bench)
    }

    fn first_start(&mut self) -> Result<Baseline, Stop> {
        self.prepared = self.prepare()?;
        let place = self.place()?;
        let mut subject = self.launch(&place)?.start()?;
        Ok(match self.up(&mut subject)? {
            Ok(up) => Baseline::Up {
                place: up.socket.place.clone(),
                port: subject.port,
                took: up.took,
            },
            Err(why) => Baseline::down(why),
        })
    }

    /// A fresh folder with a copy of the data that was prepared.
    pub(crate) fn place(&self) -> Result<Place, Stop> {
        let place = Place::new(
            self.folder.path(),
            self.profile.files.as_deref(),
            self.prepared.as_ref().map(Place::data).as_deref(),
        );
        Ok(place.map_err(Problem::harness("making a fresh folder"))?)
    }

    /// Runs what the profile says comes before the first start. It is done once: what it does to a
    /// service that all starts share is there for all, and what it leaves in `{data}` is copied.
    fn prepare(&self) -> Result<Option<Place>, Stop> {
        if self.profile.prepare.is_empty() {
            return Ok(None);
        }
        let place = self.place()?;
        for words in &self.profile.prepare {
            let launch = Launch::new(self, &place, self.port()?).words(words);
            let (ended, output) = launch.run(self.options.timeout)?;
            let why = match ended {
                Some(ended) if ended.succeeded() => continue,
                Some(ended) => format!("it {ended}"),
                None => format!("it was not done after {}", took(self.options.timeout)),
            };
            let why = format!("to prepare, `{}` was run; {why}", words.join(" "));
            return Err(Stop::NotTested(self.with_last_words(why, &output)));
        }
        Ok(Some(place))
    }

    pub(crate) fn port(&self) -> Result<u16, Problem> {
        self.ports
            .free()
            .map_err(Problem::harness("finding a free port"))
    }

    /// The ordinary start, on a port of its own.
    pub(crate) fn launch<'b>(&'b self, place: &'b Place) -> Result<Launch<'b>, Problem> {
        Ok(Launch::new(self, place, self.port()?))
    }

    /// Waits until it listens and, where the profile has a path for that, says that it is ready. The inner
    /// error is why it is not.
    pub(crate) fn up(&self, subject: &mut Subject) -> Result<Result<Up, String>, Stop> {
        let limit = self.options.timeout;
        let start = subject.up(limit);
        self.interrupted()?;
        let why = match start {
            Start::Up(up) => match self.ready(subject, &up, limit)? {
                Ok(()) => return Ok(Ok(up)),
                Err(why) => why,
            },
            Start::Ended(ended) => format!("it {ended} and listened on nothing"),
            Start::Silent(after) => {
                format!("it runs, and listens on nothing after {}", took(after))
            }
        };
        if subject.ended().is_some() {
            subject.output_at_end();
        }
        Ok(Err(self.with_last_words(why, &subject.output)))
    }

    fn ready(
        &self,
        subject: &mut Subject,
        up: &Up,
        limit: Duration,
    ) -> Result<Result<(), String>, Stop> {
        let (Some(path), Some(address)) = (&self.profile.ready, up.address()) else {
            return Ok(Ok(()));
        };
        let mut last = "no answer".to_owned();
        let ready = until(&self.options.interrupt, limit, || {
            if let Some(ended) = subject.ended() {
                return Some(Err(format!("it {ended} before `{path}` answered")));
            }
            match client::ask(address, &Request::get(path), limit) {
                Ok(Reply::Http(answer)) if (200..300).contains(&answer.status) => Some(Ok(())),
                Ok(Reply::Http(answer)) => {
                    last = format!("status {}", answer.status);
                    None
                }
                _ => None,
            }
        });
        self.interrupted()?;
        Ok(ready.unwrap_or_else(|| {
            Err(format!(
                "`{path}` was not ready after {}: {last}",
                took(limit)
            ))
        }))
    }

    /// An ordinary start that must succeed for a check to see anything.
    pub(crate) fn started(&self, launch: &Launch<'_>) -> Result<(Subject, Up), Stop> {
        let mut subject = launch.start()?;
        match self.up(&mut subject)? {
            Ok(up) => Ok((subject, up)),
            Err(why) => Err(Stop::NotTested(why)),
        }
    }

    /// The reason why nothing can be seen, if the first start came to nothing.
    pub(crate) fn needs_up(&self) -> Result<(), Stop> {
        match &self.baseline {
            Baseline::Up { .. } => Ok(()),
            Baseline::Down { why, .. } => {
                Err(Stop::NotTested(format!("it does not get up: {why}")))
            }
        }
    }

    pub(crate) fn address(&self, up: &Up) -> Result<SocketAddr, Stop> {
        let unreachable = || Stop::NotTested(format!("it listens on {} alone", up.socket.place));
        up.address().ok_or_else(unreachable)
    }

    /// The answer to a request; not tested if it is no HTTP.
    pub(crate) fn answer(&self, up: &Up, request: &Request) -> Result<Answer, Stop> {
        let asked = format!("{} {}", request.method, request.path);
        let why = match client::ask(self.address(up)?, request, self.options.timeout) {
            Ok(Reply::Http(answer)) => return Ok(answer),
            Ok(Reply::Other(_)) => format!("the answer to {asked} is not HTTP"),
            Ok(Reply::Nothing) => format!("{asked} was answered with a closed connection"),
            Err(error) => format!("{asked} was not answered: {error}"),
        };
        self.interrupted()?;
        Err(Stop::NotTested(why))
    }

    pub(crate) fn interrupted(&self) -> Result<(), Problem> {
        match self.options.interrupt.signal() {
            Some(signal) => Err(Problem::Interrupted(signal)),
            None => Ok(()),
        }
    }

    /// Sleeps, but not longer than an interruption.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), Problem> {
        let begun = Instant::now();
        until(&self.options.interrupt, time, || {
            (begun.elapsed() >= time).then_some(())
        });
        self.interrupted()
    }

    /// A word of the command line: a path to a file that is there stays true in another folder.
    pub(crate) fn word(&self, word: &str) -> String {
        let looks_like_a_path = word.contains(['.', '/']) && !word.starts_with('-');
        let path = Path::new(word);
        if self.profile.files.is_none() && looks_like_a_path && path.is_file() {
            if let Ok(path) = std::path::absolute(path) {
                return path.display().to_string();
            }
        }
        word.to_owned()
    }

    pub(crate) fn with_last_words(&self, why: String, output: &Output) -> String {
        match output.last_words() {
            Some(words) => format!("{why}{LAST_LINE}{}", self.masked(&words)),
            None => why + "; it wrote nothing",
        }
    }

    /// What a program says may hold what it was given; a remark does not.
    pub(crate) fn masked(&self, text: &str) -> String {
        let shows = |value: &str| value.len() >= 4 && text.contains(value);
        let variables = &self.profile.variables;
        let masked = variables.iter().filter(|variable| shows(&variable.value));
        let text = masked.fold(text.to_owned(), |text, variable| {
            text.replace(&variable.value, &format!("${}", variable.name))
        });
        variables
            .iter()
            .filter_map(|variable| password(&variable.value))
            .filter(|password| password.len() >= 3)
            .fold(text, |text, password| text.replace(password, "…"))
    }
}

/// The password in a URL.
fn password(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}
