//! A secret that was planted is looked for in all that comes out.

use std::time::Duration;

use rustix::process::Signal;

use crate::bench::Bench;
use crate::client::{self, Reply, Request};
use crate::launch::Launch;
use crate::outcome::{Checked, Outcome, Stop};
use crate::output::{Output, Stream};
use crate::place::Place;
use crate::proc;
use crate::subject::Subject;

/// A variable of no use: whoever prints the whole environment prints this too.
const PLANTED: &str = "TF_CHECK_PLANTED_SECRET";

/// All that has come out, and where the secret was found in it.
struct Search<'b> {
    bench: &'b Bench,
    bytes: usize,
    runs: usize,
    found: Vec<String>,
}

pub(super) fn secrets(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let mut search = Search {
        bench,
        bytes: 0,
        runs: 0,
        found: Vec::new(),
    };
    search.ordinary()?;
    search.services()?;
    search.commands()?;
    let Search {
        bytes, runs, found, ..
    } = search;
    if !found.is_empty() {
        return Ok(Outcome::fail(format!(
            "the planted secret is in {}",
            super::some_of(&found)
        )));
    }
    let holds = |text: &str| text.contains("{secret}");
    let used =
        bench.profile.variables.iter().any(|variable| {
            holds(&variable.value) || variable.service.as_deref().is_some_and(holds)
        });
    if !used {
        let why =
            "no variable of the profile has a `{secret}`; a variable of no use was not printed";
        return Err(Stop::NotTested(why.to_owned()));
    }
    if bytes == 0 {
        return Err(Stop::NotTested(
            "nothing came out that could hold a secret".to_owned(),
        ));
    }
    Ok(Outcome::pass(format!(
        "the planted secret is nowhere in {bytes} bytes of {}: output, answers, files, arguments",
        super::count(runs, "run")
    )))
}

impl<'b> Search<'b> {
    /// An ordinary life, with requests that succeed and requests that fail.
    fn ordinary(&mut self) -> Result<(), Stop> {
        let bench = self.bench;
        let place = bench.place()?;
        let launch = bench.launch(&place)?.set(PLANTED, bench.secret.clone());
        let (mut subject, up) = bench.started(&launch)?;
        if let Some(address) = up.address() {
            let mut requests = vec![
                Request::get(&bench.profile.path),
                Request::get("/tf-check/no-such-path"),
            ];
            if let Some(share) = &bench.profile.share {
                let mut broken = share.write.clone();
                broken.body = broken.body.map(|(kind, _)| (kind, "{".to_owned()));
                requests.push(broken);
            }
            for request in requests {
                let asked = format!("the answer to {} {}", request.method, request.path);
                match client::ask(address, &request, bench.options.timeout) {
                    Ok(Reply::Http(answer)) => self.look(&asked, answer.text().as_bytes()),
                    Ok(Reply::Other(bytes)) => self.look(&asked, &bytes),
                    _ => {}
                }
            }
        }
        self.arguments(&subject);
        subject.signal(Signal::TERM);
        let _ = subject.wait(Duration::from_secs(3));
        bench.interrupted()?;
        self.end("an ordinary run", &mut subject, &place);
        Ok(())
    }

    /// Services that are not there, and locators that cannot be read: what errors say.
    fn services(&mut self) -> Result<(), Stop> {
        let bench = self.bench;
        let holds = |form: &String| form.contains("{secret}");
        let services = bench.profile.variables.iter();
        for variable in services.filter(|variable| variable.service.as_ref().is_some_and(holds)) {
            for address in ["127.0.0.1:1", "127.0.0.1:no-port"] {
                let place = bench.place()?;
                let launch = bench.launch(&place)?.attach(variable, address);
                let mut subject = launch.start()?;
                let _ = subject.wait(Duration::from_secs(1));
                bench.interrupted()?;
                self.arguments(&subject);
                let about = format!("a run with {} at {address}", variable.name);
                self.end(&about, &mut subject, &place);
            }
        }
        Ok(())
    }

    fn commands(&mut self) -> Result<(), Stop> {
        let bench = self.bench;
        let profile = &bench.profile;
        let commands = [
            &profile.config,
            &profile.version,
            &profile.admin.list,
            &profile.admin.task,
        ];
        for words in commands.into_iter().flatten() {
            let place = bench.place()?;
            let launch = Launch::new(bench, &place, bench.port()?).words(words);
            let (_, output) = launch.run(bench.options.timeout)?;
            self.outputs(&format!("`{}`", words.join(" ")), &output);
            self.runs += 1;
        }
        Ok(())
    }

    fn end(&mut self, about: &str, subject: &mut Subject, place: &Place) {
        let output = subject.output_at_end();
        self.outputs(about, &output);
        for (path, contents) in place.contents() {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            self.look(&format!("the file {name} of {about}"), &contents);
        }
        self.runs += 1;
    }

    fn outputs(&mut self, about: &str, output: &Output) {
        self.look(&format!("stdout of {about}"), &output.bytes(Stream::Stdout));
        self.look(&format!("stderr of {about}"), &output.bytes(Stream::Stderr));
    }

    /// Everybody on the machine can read the arguments of a process.
    fn arguments(&mut self, subject: &Subject) {
        for pid in subject.family.members() {
            self.look(
                &format!("the arguments of pid {pid}"),
                &proc::arguments(pid),
            );
        }
    }

    /// Half of a secret is found too.
    fn look(&mut self, place: &str, bytes: &[u8]) {
        self.bytes += bytes.len();
        let (first, second) = self.bench.secret.split_at(self.bench.secret.len() / 2);
        let holds = |half: &str| {
            bytes
                .windows(half.len())
                .any(|window| window == half.as_bytes())
        };
        if holds(first) || holds(second) {
            self.found.push(place.to_owned());
        }
    }
}
