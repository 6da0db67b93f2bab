//! Documentation of the variables, made from the declaration.

mod dotenv;
mod json;
mod markdown;
mod schema;

use crate::decode::Shape;
use crate::expected::expected;
use crate::section::{Group, Leaf, Place, Presence, Section, Visibility};

/// The variables of a configuration, as documentation.
///
/// ```
/// use tf_config::Config;
///
/// #[derive(Config)]
/// #[config(prefix = "SHOP")]
/// struct Settings {
///     /// Port the HTTP server listens on.
///     #[config(default = 5000)]
///     port: u16,
/// }
///
/// let dotenv = Settings::reference().to_dotenv();
/// assert!(dotenv.contains("# Port the HTTP server listens on."));
/// assert!(dotenv.contains("#SHOP_PORT=5000"));
/// ```
#[derive(Clone, Debug)]
pub struct Reference {
    variables: Vec<Variable>,
}

impl Reference {
    pub(crate) fn of(section: &'static Section) -> Self {
        let mut variables = Vec::new();
        section.walk(&mut |place| {
            let mut groups = place.groups.iter().filter(|group| group.optional);
            variables.push(Variable {
                leaf: place.leaf,
                name: place.name(),
                field: place.field(),
                group: groups.next_back().map(|group| group.field),
                group_place: group_place(place.groups),
                condition: condition(&place),
            });
        });
        Self { variables }
    }

    /// Adds the variables of another configuration after these.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.variables.extend(other.variables);
        self
    }

    /// Lists the variables in the order of declaration.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Writes a `.env.example`: required variables to be filled in, the others as comments.
    #[must_use]
    pub fn to_dotenv(&self) -> String {
        dotenv::write(&self.variables)
    }

    /// Writes a Markdown table.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::write(&self.variables)
    }

    /// Writes a JSON Schema (draft 2020-12) of an object with the variables as its properties.
    ///
    /// Numbers and booleans may also be written as such, as YAML files do. The object may have
    /// other properties, as an environment has other variables.
    #[must_use]
    pub fn to_json_schema(&self) -> String {
        schema::write(&self.variables)
    }
}

/// One variable of a [`Reference`].
#[derive(Clone, Debug)]
pub struct Variable {
    leaf: &'static Leaf,
    name: String,
    field: String,
    /// The innermost optional struct that holds the field.
    group: Option<&'static str>,
    /// The path of that struct; tells two uses of one struct apart.
    group_place: String,
    condition: Option<String>,
}

impl Variable {
    /// Names the variable.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names the field in the code, such as `mail.host`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Gives the field's doc comment.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.leaf.doc
    }

    /// Says what a right value looks like, such as `an integer from 1 to 65535`.
    #[must_use]
    pub fn expected(&self) -> String {
        expected(self.leaf)
    }

    /// Tells whether the program needs it to be set.
    ///
    /// In an optional struct it is needed only when another variable of that struct is set.
    #[must_use]
    pub fn is_required(&self) -> bool {
        matches!(self.leaf.presence, Presence::Required)
    }

    /// Names the optional struct that the variable is a part of.
    #[must_use]
    pub fn group(&self) -> Option<&'static str> {
        self.group
    }

    /// Says under which condition an optional variable is needed, such as `tls is true`.
    #[must_use]
    pub fn required_if(&self) -> Option<&str> {
        self.condition.as_deref()
    }

    /// Gives the default as text; `None` also where a function of the program makes it.
    #[must_use]
    pub fn default(&self) -> Option<&'static str> {
        match self.leaf.presence {
            Presence::Default(text) => Some(text),
            _ => None,
        }
    }

    /// Gives an example of a value.
    #[must_use]
    pub fn example(&self) -> Option<&'static str> {
        self.leaf.example
    }

    /// Tells whether the value is never shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.leaf.is_secret()
    }

    /// Tells whether the variable's text is never shown as it stands: it is secret, or its type hides secrets in it.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.leaf.display != Visibility::Shown
    }

    /// Tells whether `NAME_FILE` may name a file that holds the value.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.leaf.file
    }

    /// Lists other names of the variable.
    #[must_use]
    pub fn aliases(&self) -> &'static [&'static str] {
        self.leaf.aliases
    }

    /// Lists names that are still read, with a warning.
    #[must_use]
    pub fn deprecated(&self) -> &'static [&'static str] {
        self.leaf.deprecated
    }

    /// Lists the allowed words; empty where the type is no enum.
    #[must_use]
    pub fn allowed(&self) -> &'static [&'static str] {
        match (self.leaf.shape)() {
            Shape::Enum(variants) => variants,
            _ => &[],
        }
    }

    /// Gives the `tags(…)` of the field.
    #[must_use]
    pub fn tags(&self) -> &'static [(&'static str, &'static str)] {
        self.leaf.tags
    }

    /// `required`, `optional`, and so on: one word or phrase for people.
    fn need(&self) -> String {
        match (self.leaf.presence, self.required_if(), self.group) {
            (Presence::Required, Some(condition), _) => format!("required when {condition}"),
            (Presence::Required, None, Some(group)) => {
                format!("required when any of `{group}` is set")
            }
            (Presence::Required, None, None) => "required".to_owned(),
            (_, Some(condition), _) if self.leaf.required_if.is_some() => {
                format!("required when {condition}")
            }
            _ => "optional".to_owned(),
        }
    }
}

fn condition(place: &Place<'_>) -> Option<String> {
    if let Some(condition) = &place.leaf.required_if {
        return Some(condition.words(place.prefix));
    }
    let at = place
        .groups
        .iter()
        .rposition(|group| group.required_if.is_some())?;
    let outer = place.groups[..at]
        .iter()
        .fold(place.root_prefix.to_owned(), |outer, group| {
            group.prefix(&outer)
        });
    place.groups[at]
        .required_if
        .map(|condition| condition.words(&outer))
}

fn group_place(groups: &[&Group]) -> String {
    let end = groups
        .iter()
        .rposition(|group| group.optional)
        .map_or(0, |at| at + 1);
    let fields: Vec<_> = groups[..end].iter().map(|group| group.field).collect();
    fields.join(".")
}
