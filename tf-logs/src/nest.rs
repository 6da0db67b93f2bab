//! Where a value goes: objects within objects, and the name in the innermost one.

use crate::ecs;
use crate::line::escaped;

/// A place in the document.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// From the root inwards.
    pub(crate) groups: Box<[Group]>,
    pub(crate) leaf: Leaf,
    pub(crate) hash: u64,
    /// Whether an index has nothing but texts there: a number would give the place another type for good.
    pub(crate) is_text: bool,
}

/// An object on the way to a value.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// `,"name":{`
    pub(crate) open: Box<str>,
    pub(crate) hash: u64,
}

impl Target {
    /// The value called by the last of `names`, inside objects called by those before it.
    pub(crate) fn new<N: AsRef<str>>(names: &[N]) -> Self {
        let names: Vec<_> = names.iter().map(|name| escaped(name.as_ref())).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        Self::of_escaped(&names)
    }

    fn of_escaped(names: &[&str]) -> Self {
        let (leaf, groups) = names.split_last().expect("a path has a name");
        let is_text = !groups.is_empty() && ecs::is_text(names);
        let mut hash = Hash::new();
        let groups = groups
            .iter()
            .map(|name| Group {
                hash: hash.step(name),
                open: [",\"", name, "\":{"].concat().into(),
            })
            .collect();
        Self {
            groups,
            leaf: Leaf::new(leaf),
            hash: hash.step(leaf),
            is_text,
        }
    }

    /// Where the value goes when its own place is taken by an object, or is inside another value.
    pub(crate) fn label(&self) -> Self {
        let mut name = String::new();
        for group in &self.groups {
            name.push_str(&group.open[2..group.open.len() - 3]);
            name.push('_');
        }
        name.push_str(self.name());
        Self::of_escaped(&["labels", &name])
    }

    /// The name of the value, escaped.
    pub(crate) fn name(&self) -> &str {
        let text = self.leaf.text();
        &text[2..text.len() - 2]
    }
}

/// `,"name":`
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    text: Box<str>,
    padded: [u8; 32],
}

impl Leaf {
    /// Of a name that is escaped.
    fn new(name: &str) -> Self {
        let text = [",\"", name, "\":"].concat();
        let mut padded = [b' '; 32];
        if let Some(head) = padded.get_mut(..text.len()) {
            head.copy_from_slice(text.as_bytes());
        }
        Self {
            text: text.into(),
            padded,
        }
    }

    #[inline]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text and what follows, if the text is not longer.
    #[inline]
    pub(crate) fn padded(&self) -> &[u8; 32] {
        &self.padded
    }
}

/// The bit of a hash in a set of 64.
#[inline]
pub(crate) fn bit(hash: u64) -> u64 {
    1 << (hash >> 58)
}

/// Hashes of paths. Two paths with one hash would be taken for one; 64 bits make that a matter of theory.
#[derive(Debug)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// The hash of the path so far and `name` within it.
    pub(crate) fn step(&mut self, name: &str) -> u64 {
        for byte in name.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        // No name contains this byte, so that `ab` and `a` within `b` differ.
        self.0 = (self.0 ^ 0xff).wrapping_mul(0x0100_0000_01b3);
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }
}

/// JSON that is the same in many lines, and where its objects end.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    /// Members of the root, each with its comma before it.
    pub(crate) text: String,
    /// Hash of each object, and the offset of its closing brace.
    pub(crate) ends: Vec<(u64, usize)>,
}

impl Fixed {
    pub(crate) const fn new() -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
        }
    }

    /// With room for what most callsites and threads have.
    pub(crate) fn roomy() -> Self {
        Self {
            text: String::with_capacity(192),
            ends: Vec::with_capacity(3),
        }
    }

    /// Appends the object `name` of the root, or of the object that `within` stands in.
    pub(crate) fn object(
        &mut self,
        name: &'static str,
        within: &Hash,
        fill: impl FnOnce(&mut Self, &Hash),
    ) {
        let mut path = Hash(within.0);
        let hash = path.step(name);
        self.name(name);
        self.text.push('{');
        fill(self, &path);
        self.ends.push((hash, self.text.len()));
        self.text.push('}');
    }

    /// Appends a member whose value is JSON already.
    pub(crate) fn member(&mut self, name: &'static str, json: &str) {
        self.name(name);
        self.text.push_str(json);
    }

    /// Names that are written in the source need no escapes.
    fn name(&mut self, name: &'static str) {
        self.text.push_str(match self.text.ends_with('{') {
            true => "\"",
            false => ",\"",
        });
        self.text.push_str(name);
        self.text.push_str("\":");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_the_same_letters_differ() {
        let hash = |names: &[&str]| Target::new(names).hash;
        assert_ne!(hash(&["a", "b"]), hash(&["ab"]));
        assert_ne!(hash(&["a", "bc"]), hash(&["ab", "c"]));
        assert_eq!(hash(&["a", "b"]), hash(&["a", "b"]));
        assert_eq!(Target::new(&["a", "b"]).groups[0].hash, hash(&["a"]));
    }

    #[test]
    fn fixed_text_knows_the_end_of_each_object() {
        let mut fixed = Fixed::default();
        fixed.object("a", &Hash::new(), |a, path| {
            a.member("x", "1");
            a.object("b", path, |b, _| b.member("y", "2"));
        });
        assert_eq!(fixed.text, r#","a":{"x":1,"b":{"y":2}}"#);
        let expected = [
            (Target::new(&["a", "b"]).hash, fixed.text.len() - 2),
            (Target::new(&["a"]).hash, fixed.text.len() - 1),
        ];
        assert_eq!(fixed.ends, expected);
    }
}
