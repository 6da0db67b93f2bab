//! A table of TOML, read key by key, with every mistake noted.

use std::cell::RefCell;
use std::rc::Rc;

use toml::{Table, Value};

/// What is wrong, in the order of reading; shared by a table and those within it.
pub(super) type Problems = Rc<RefCell<Vec<String>>>;

pub(super) struct Reader {
    table: Table,
    /// How the keys of this table are named in a message: with the names of the tables around.
    prefix: String,
    asked: Vec<&'static str>,
    problems: Problems,
}

impl Reader {
    pub(super) fn new(table: Table, prefix: String, problems: &Problems) -> Self {
        Self {
            table,
            prefix,
            asked: Vec::new(),
            problems: Rc::clone(problems),
        }
    }

    pub(super) fn problem(&self, key: &str, text: &str) {
        let problem = format!("`{}{key}`: {text}", self.prefix);
        self.problems.borrow_mut().push(problem);
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.table.remove(key)
    }

    fn expected<T>(&self, key: &str, expected: &str, found: &Value) -> Option<T> {
        self.problem(
            key,
            &format!("expected {expected}, found {}", found.type_str()),
        );
        None
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => self.expected(key, "a string", &other),
        }
    }

    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        match self.take(key) {
            None => false,
            Some(Value::Boolean(flag)) => flag,
            Some(other) => self
                .expected(key, "true or false", &other)
                .unwrap_or_default(),
        }
    }

    pub(super) fn seconds(&mut self, key: &'static str) -> Option<f64> {
        let value = self.take(key)?;
        let seconds = value
            .as_float()
            .or_else(|| value.as_integer().map(|whole| whole as f64));
        match seconds {
            Some(seconds) if seconds > 0.0 => Some(seconds),
            _ => self.expected(key, "seconds, more than 0", &value),
        }
    }

    /// A request path.
    pub(super) fn path(&mut self, key: &'static str) -> Option<String> {
        let path = self.text(key)?;
        if !path.starts_with('/') || path.contains(char::is_whitespace) {
            self.problem(key, "expected a path of the service, such as `/orders`");
        }
        Some(path)
    }

    /// Words of a command.
    pub(super) fn words(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.take(key)?;
        self.as_words(key, value)
    }

    /// One command, or a list of them.
    pub(super) fn commands(&mut self, key: &'static str) -> Vec<Vec<String>> {
        match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(list)) if list.iter().all(Value::is_array) => {
                let commands = list.into_iter().map(|words| self.as_words(key, words));
                commands.collect::<Option<_>>().unwrap_or_default()
            }
            Some(words) => self.as_words(key, words).into_iter().collect(),
        }
    }

    fn as_words(&self, key: &str, value: Value) -> Option<Vec<String>> {
        const WORDS: &str = "a list of words, such as [\"admin\", \"list\"]";
        let words = match &value {
            Value::Array(list) => list
                .iter()
                .map(|word| word.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        };
        words.or_else(|| self.expected(key, WORDS, &value))
    }

    pub(super) fn table(&mut self, key: &'static str) -> Option<Self> {
        match self.take(key)? {
            Value::Table(table) => {
                let prefix = format!("{}{key}.", self.prefix);
                Some(Self::new(table, prefix, &self.problems))
            }
            other => self.expected(key, "a table", &other),
        }
    }

    /// All entries of a table whose keys are free.
    pub(super) fn texts(self) -> Vec<(String, String)> {
        let entry = |(key, value): (String, Value)| match value {
            Value::String(text) => Some((key, text)),
            other => self.expected(&key, "a string", &other),
        };
        self.table.clone().into_iter().filter_map(entry).collect()
    }

    /// All entries of a table whose keys are free, each a command.
    pub(super) fn named_words(self) -> Vec<(String, Vec<String>)> {
        let entry = |(key, value)| Some((String::clone(&key), self.as_words(&key, value)?));
        self.table.clone().into_iter().filter_map(entry).collect()
    }

    /// All entries of a table whose keys are free, each a table.
    pub(super) fn tables(self) -> Vec<(String, Self)> {
        let entry = |(key, value): (String, Value)| match value {
            Value::Table(table) => {
                let prefix = format!("{}{key}.", self.prefix);
                Some((key, Self::new(table, prefix, &self.problems)))
            }
            other => self.expected(&key, "a table with `value`", &other),
        };
        self.table.clone().into_iter().filter_map(entry).collect()
    }

    /// Notes the keys that nobody asked for.
    pub(super) fn done(self) {
        for key in self.table.keys() {
            let near = self
                .asked
                .iter()
                .map(|known| (strsim::jaro_winkler(key, known), known));
            let best = near.max_by(|(one, _), (other, _)| one.total_cmp(other));
            let hint = match best {
                Some((likeness, known)) if likeness > 0.8 => format!("did you mean `{known}`?"),
                _ => format!("expected one of: {}", self.asked.join(", ")),
            };
            self.problem(key, &format!("unknown key; {hint}"));
        }
    }
}
