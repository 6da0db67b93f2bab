//! The static description that the derive writes: one `Section` per struct, one `Leaf` per variable.

use crate::decode::Shape;

/// What `#[derive(Config)]` knows about one struct.
#[doc(hidden)]
#[derive(Debug)]
pub struct Section {
    /// The struct's own prefix without a trailing `_`; used when the struct is loaded by itself.
    pub prefix: &'static str,
    /// Whether a variable, here or in a struct within, need not begin with the prefix.
    pub has_complete_names: bool,
    pub entries: &'static [Entry],
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Entry {
    Leaf(Leaf),
    Group(Group),
}

/// A field read from one variable.
#[doc(hidden)]
#[derive(Debug)]
pub struct Leaf {
    pub field: &'static str,
    pub name: Name,
    /// The complete name where the struct's own prefix holds.
    pub full: &'static str,
    pub doc: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    pub display: Visibility,
    /// The shape of one value: of the item for lists, of the value for maps.
    pub shape: fn() -> Shape,
    /// What to call the type where the shape says less than its name does.
    pub label: &'static str,
    pub example: Option<&'static str>,
    pub range: Option<&'static str>,
    /// Complete names read as if they were `name`.
    pub aliases: &'static [&'static str],
    /// Complete names still read, with a warning.
    pub deprecated: &'static [&'static str],
    pub required_if: Option<Condition>,
    pub file: bool,
    pub allow_empty: bool,
    pub tags: &'static [(&'static str, &'static str)],
}

/// A field that is a struct of its own.
#[doc(hidden)]
#[derive(Debug)]
pub struct Group {
    pub field: &'static str,
    /// What the group adds to the prefix; empty for a flattened struct.
    pub name: &'static str,
    pub doc: &'static str,
    pub optional: bool,
    pub required_if: Option<Condition>,
    pub section: &'static Section,
    /// A member of a tuple: read under its own prefix.
    pub root: bool,
}

/// What makes an optional field required.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    pub name: Name,
    /// Any variable of a nested struct, instead of one.
    pub is_group: bool,
    /// The value that the other field has; any, when it is `None`.
    pub equals: Option<&'static str>,
}

#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Name {
    /// Follows the prefix.
    Suffix(&'static str),
    /// Complete; the prefix does not apply.
    Complete(&'static str),
}

#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Scalar,
    List { delimiter: char },
    Map { delimiter: char, separator: char },
}

#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Presence {
    Required,
    Optional,
    /// Text decoded as the variable's would be.
    Default(&'static str),
    /// The path of the function that makes the default.
    DefaultWith(&'static str),
}

#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    Shown,
    /// The type hides its own secrets: its `Display` and its parser's words are shown, the text never.
    Redacted,
    Secret,
}

impl Name {
    fn full(self, prefix: &str) -> String {
        match self {
            Self::Complete(complete) => complete.to_owned(),
            Self::Suffix(suffix) => join(prefix, suffix),
        }
    }
}

impl Condition {
    /// The condition in words, such as `SHOP_TLS is true`.
    pub(crate) fn words(&self, prefix: &str) -> String {
        let any = if self.is_group { "_*" } else { "" };
        format!(
            "{}{any} is {}",
            self.name.full(prefix),
            self.equals.unwrap_or("set")
        )
    }
}

impl Leaf {
    /// The leaf from which generated code takes what a field does not set.
    pub const NEW: Self = Self {
        field: "",
        name: Name::Suffix(""),
        full: "",
        doc: "",
        kind: Kind::Scalar,
        presence: Presence::Required,
        display: Visibility::Shown,
        shape: || Shape::Text,
        label: "",
        example: None,
        range: None,
        aliases: &[],
        deprecated: &[],
        required_if: None,
        file: true,
        allow_empty: false,
        tags: &[],
    };

    pub(crate) fn is_secret(&self) -> bool {
        self.display == Visibility::Secret
    }

    pub(crate) fn full_name(&self, prefix: &str) -> String {
        self.name.full(prefix)
    }

    /// The names other than the current one, in the order they are looked up.
    pub(crate) fn other_names(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let aliases = self.aliases.iter().map(|name| (*name, false));
        aliases.chain(self.deprecated.iter().map(|name| (*name, true)))
    }
}

impl Group {
    pub const NEW: Self = Self {
        field: "",
        name: "",
        doc: "",
        optional: false,
        required_if: None,
        section: &Section::EMPTY,
        root: false,
    };

    pub(crate) fn prefix(&self, outer: &str) -> String {
        if self.root {
            return self.section.prefix.to_owned();
        }
        join(outer, self.name)
    }
}

impl Section {
    /// A section without variables.
    pub const EMPTY: Self = Self {
        prefix: "",
        has_complete_names: false,
        entries: &[],
    };

    /// With what every name begins that this section reads or that may be meant for it.
    pub(crate) fn common_prefix(&self) -> &'static str {
        if self.has_complete_names || cfg!(windows) {
            ""
        } else {
            self.prefix
        }
    }

    /// The leaf at `index`, which generated code got from the same declaration.
    #[must_use]
    pub const fn leaf(&self, index: usize) -> &Leaf {
        match &self.entries[index] {
            Entry::Leaf(leaf) => leaf,
            Entry::Group(_) => panic!("the entry is a group"),
        }
    }

    /// The group at `index`, which generated code got from the same declaration.
    #[must_use]
    pub const fn group(&self, index: usize) -> &Group {
        match &self.entries[index] {
            Entry::Group(group) => group,
            Entry::Leaf(_) => panic!("the entry is a leaf"),
        }
    }

    /// Calls `visit` with each leaf below this section, in the order of declaration.
    pub(crate) fn walk(&'static self, visit: &mut dyn FnMut(Place<'_>)) {
        self.walk_under(self.prefix, visit);
    }

    /// Like `walk`, with a prefix that comes from outside.
    pub(crate) fn walk_under(&'static self, prefix: &str, visit: &mut dyn FnMut(Place<'_>)) {
        self.walk_in(prefix, prefix, &mut Vec::new(), visit);
    }

    fn walk_in(
        &'static self,
        root_prefix: &str,
        prefix: &str,
        groups: &mut Vec<&'static Group>,
        visit: &mut dyn FnMut(Place<'_>),
    ) {
        for entry in self.entries {
            match entry {
                Entry::Leaf(leaf) => visit(Place {
                    leaf,
                    prefix,
                    root_prefix,
                    groups,
                }),
                Entry::Group(group) => {
                    let inner = group.prefix(prefix);
                    groups.push(group);
                    group.section.walk_in(root_prefix, &inner, groups, visit);
                    groups.pop();
                }
            }
        }
    }
}

/// How many variables stand below these entries.
pub(crate) fn count_leaves(entries: &[Entry]) -> usize {
    let count = |entry: &Entry| match entry {
        Entry::Leaf(_) => 1,
        Entry::Group(group) => count_leaves(group.section.entries),
    };
    entries.iter().map(count).sum()
}

/// Where a leaf stands in the tree of sections.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) leaf: &'static Leaf,
    pub(crate) prefix: &'a str,
    /// The prefix with which the walk began.
    pub(crate) root_prefix: &'a str,
    /// The structs that lead to it, outermost first.
    pub(crate) groups: &'a [&'static Group],
}

impl Place<'_> {
    pub(crate) fn is_in_optional_group(&self) -> bool {
        self.groups.iter().any(|group| group.optional)
    }

    pub(crate) fn name(&self) -> String {
        self.leaf.full_name(self.prefix)
    }

    /// The path of fields, such as `mail.host`.
    pub(crate) fn field(&self) -> String {
        let mut path = String::new();
        for group in self.groups.iter().filter(|group| !group.field.is_empty()) {
            path.push_str(group.field);
            path.push('.');
        }
        path.push_str(self.leaf.field);
        path
    }
}

fn join(prefix: &str, suffix: &str) -> String {
    let between = if prefix.is_empty() || suffix.is_empty() {
        ""
    } else {
        "_"
    };
    [prefix, between, suffix].concat()
}
