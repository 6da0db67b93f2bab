//! Guesses at what the operator meant.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::section::Section;
use crate::source::Source;

/// More guesses than this help nobody.
const MOST: usize = 20;

/// No word of an enum is longer, in bytes.
const LONGEST_WORD: usize = 100;

/// Bounds the work for environments of many thousand names.
const MOST_COMPARED: usize = 50_000;

/// A name that is set, that nobody reads, and that is near one that is not set.
#[derive(Debug, PartialEq)]
pub(crate) struct Near {
    pub(crate) set: String,
    pub(crate) meant: String,
}

/// Finds misspelt names among those that begin with a prefix of `section`.
///
/// Without a prefix every name is looked at; either way only near ones are ever named.
pub(crate) fn misspelt(
    section: &'static Section,
    source: &dyn Source,
    unset: &[String],
) -> Vec<Near> {
    if unset.is_empty() {
        return Vec::new();
    }
    let unset: Vec<Sought<'_>> = unset.iter().map(|name| Sought::new(name)).collect();
    let mut near = Vec::new();
    let mut left = MOST_COMPARED;
    for set in source.names() {
        if !set.starts_with(section.prefix) || !is_plain(&set) {
            continue;
        }
        let found = Sought::new(&set);
        let distances = unset
            .iter()
            .filter_map(|meant| Some((found.distance(meant, &mut left)?, meant)));
        let Some((_, meant)) = distances.min_by_key(|(distance, _)| *distance) else {
            continue;
        };
        if !is_service_link(&set) {
            let meant = meant.name.to_owned();
            let set = set.into_owned();
            near.push(Near { set, meant });
        }
    }
    if near.is_empty() {
        return near;
    }
    let known = known_names(section);
    near.retain(|near| !known.contains(&near.set));
    if near.len() > MOST {
        return Vec::new();
    }
    near.sort_by(|a, b| (&a.meant, &a.set).cmp(&(&b.meant, &b.set)));
    near
}

/// The nearest of `words` to `word`, if one is near.
pub(crate) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let folded = word.to_lowercase();
    let near = words.iter().filter_map(|known| {
        let distance = strsim::osa_distance(&folded, &known.to_lowercase());
        (distance <= 2 && distance < known.chars().count()).then_some((distance, *known))
    });
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// What Kubernetes put into the variable, where the value is a service link.
///
/// Kubernetes sets `SHOP_PORT=tcp://10.0.0.1:80` for a Service named `shop`, see
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
pub(crate) fn service_link(variable: &str, text: &str) -> Option<String> {
    let service = variable.strip_suffix("_PORT")?;
    let (protocol, address) = text.split_once("://")?;
    let (host, port) = address.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_link = matches!(protocol, "tcp" | "udp" | "sctp")
        && host.parse::<IpAddr>().is_ok()
        && port.parse::<u16>().is_ok();
    is_link.then(|| {
        let service = service.to_lowercase().replace('_', "-");
        format!(
            "looks like a Kubernetes service link for a Service named `{service}`; set \
             `enableServiceLinks: false` in the pod's spec, or rename the variable or the Service"
        )
    })
}

/// A name that a shell can set; others could forge a line of the report.
fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `A_SERVICE_HOST`, `A_SERVICE_PORT_HTTP`, `A_PORT_80_TCP_ADDR` and their like.
fn is_service_link(name: &str) -> bool {
    let ports = |rest: &str| {
        let mut words = rest.split('_');
        words.next().is_some_and(|port| port.parse::<u16>().is_ok())
            && words
                .next()
                .is_some_and(|protocol| matches!(protocol, "TCP" | "UDP" | "SCTP"))
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.split("_PORT_").skip(1).any(ports)
}

fn known_names(section: &'static Section) -> HashSet<String> {
    let mut known = HashSet::new();
    section.walk(&mut |place| {
        let others = place.leaf.other_names().map(|(name, _)| name.to_owned());
        for name in others.chain([place.name()]) {
            known.insert(format!("{name}_FILE"));
            known.insert(name);
        }
    });
    known
}

/// A name to be compared.
struct Sought<'a> {
    name: &'a str,
    /// A bit for each character that occurs, shared by some.
    letters: u64,
}

impl<'a> Sought<'a> {
    fn new(name: &'a str) -> Self {
        let letters = name
            .bytes()
            .fold(0, |letters, byte| letters | 1 << (byte & 63));
        Self { name, letters }
    }

    /// How many letters differ, if they are few enough to be a slip: one up to seven letters, two above.
    fn distance(&self, meant: &Self, left: &mut usize) -> Option<usize> {
        let allowed = if meant.name.len() < 8 { 1 } else { 2 };
        if self.name.len().abs_diff(meant.name.len()) > allowed || meant.name.len() < 4 {
            return None;
        }
        // A slip adds a letter, takes one away, or does both.
        if (self.letters ^ meant.letters).count_ones() > 2 * allowed as u32 {
            return None;
        }
        *left = left.checked_sub(1)?;
        let distance = strsim::osa_distance(self.name, meant.name);
        (1..=allowed).contains(&distance).then_some(distance)
    }
}
