use std::fmt;
use std::str::FromStr;

/// A row of the checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Factor {
    /// One codebase tracked in revision control, many deploys.
    Codebase,
    /// Dependencies declared and isolated.
    Dependencies,
    /// Configuration in the environment.
    Config,
    /// Backing services as attached resources.
    Backing,
    /// Build, release and run kept apart.
    Build,
    /// Stateless processes.
    Processes,
    /// Services exported by binding a port.
    Port,
    /// Scaling out by processes.
    Concurrency,
    /// Fast start, graceful end.
    Disposability,
    /// Development and production alike.
    Parity,
    /// Logs as a stream of events.
    Logs,
    /// Admin tasks as one-off processes.
    Admin,
}

/// Numerals and titles are data, so that a revision of the manifesto changes this table alone.
const NAMES: [(Factor, &str, &str); 12] = [
    (Factor::Codebase, "I", "Codebase"),
    (Factor::Dependencies, "II", "Dependencies"),
    (Factor::Config, "III", "Config"),
    (Factor::Backing, "IV", "Backing services"),
    (Factor::Build, "V", "Build, release, run"),
    (Factor::Processes, "VI", "Processes"),
    (Factor::Port, "VII", "Port binding"),
    (Factor::Concurrency, "VIII", "Concurrency"),
    (Factor::Disposability, "IX", "Disposability"),
    (Factor::Parity, "X", "Dev/prod parity"),
    (Factor::Logs, "XI", "Logs"),
    (Factor::Admin, "XII", "Admin processes"),
];

impl Factor {
    /// All rows, in order.
    pub const ALL: [Self; 12] = {
        let mut all = [Self::Codebase; 12];
        let mut row = 0;
        while row < all.len() {
            all[row] = NAMES[row].0;
            row += 1;
        }
        all
    };

    /// Its Roman numeral, as in the manifesto.
    #[must_use]
    pub fn numeral(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// Its title, as in the manifesto.
    #[must_use]
    pub fn title(self) -> &'static str {
        NAMES[self as usize].2
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.numeral(), self.title())
    }
}

impl FromStr for Factor {
    type Err = String;

    /// Takes a numeral (`IX`), a number (`9`) or the first word of a title (`disposability`).
    fn from_str(text: &str) -> Result<Self, String> {
        let is_meant = |(factor, numeral, title): &&(Self, &str, &str)| {
            let word = title.split([' ', ',', '/']).next().unwrap_or(title);
            let number = (*factor as usize + 1).to_string();
            [*numeral, word, &number]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(text))
        };
        match NAMES.iter().find(is_meant) {
            Some((factor, ..)) => Ok(*factor),
            None => Err(format!(
                "no factor `{text}`; expected I to XII, 1 to 12, or a title such as `config`"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_numeral_its_number_and_its_word() {
        for (index, factor) in Factor::ALL.into_iter().enumerate() {
            assert_eq!(factor as usize, index);
            assert_eq!(factor.numeral().parse(), Ok(factor));
            assert_eq!((index + 1).to_string().parse(), Ok(factor));
        }
        assert_eq!("dev".parse(), Ok(Factor::Parity));
        assert_eq!("backing".parse(), Ok(Factor::Backing));
        assert!("XIII".parse::<Factor>().unwrap_err().contains("XIII"));
    }
}
