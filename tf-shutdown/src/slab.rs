//! A list whose entries keep their place.

/// Keeps values under small numbers, which are used again after removal.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Option<u32>,
}

#[derive(Debug)]
enum Slot<T> {
    Used(T),
    Free(Option<u32>),
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: None,
        }
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let Some(key) = self.free else {
            let key = u32::try_from(self.slots.len()).expect("fewer than 2^32 entries at once");
            self.slots.push(Slot::Used(value));
            return key;
        };
        let slot = &mut self.slots[key as usize];
        if let Slot::Free(next) = *slot {
            self.free = next;
        }
        *slot = Slot::Used(value);
        key
    }

    /// Takes a value out; a key of a list that was emptied since is no mistake.
    pub(crate) fn remove(&mut self, key: u32) -> Option<T> {
        let slot = self.slots.get_mut(key as usize)?;
        if matches!(slot, Slot::Free(_)) {
            return None;
        }
        let Slot::Used(value) = std::mem::replace(slot, Slot::Free(self.free)) else {
            return None;
        };
        self.free = Some(key);
        Some(value)
    }

    pub(crate) fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        match self.slots.get_mut(key as usize)? {
            Slot::Used(value) => Some(value),
            Slot::Free(_) => None,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Used(value) => Some(value),
            Slot::Free(_) => None,
        })
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        self.slots.into_iter().filter_map(|slot| match slot {
            Slot::Used(value) => Some(value),
            Slot::Free(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_place_is_used_again_and_others_stay() {
        let mut slab = Slab::new();
        let keys = [slab.insert("a"), slab.insert("b"), slab.insert("c")];
        assert_eq!(slab.remove(keys[1]), Some("b"));
        assert_eq!(slab.remove(keys[1]), None);
        assert_eq!(slab.remove(keys[0]), Some("a"));
        assert_eq!(slab.insert("d"), keys[0]);
        assert_eq!(slab.insert("e"), keys[1]);
        assert_eq!(slab.iter().copied().collect::<Vec<_>>(), ["d", "e", "c"]);
    }

    #[test]
    fn a_key_of_an_emptied_list_finds_nothing() {
        let mut slab = Slab::new();
        let key = slab.insert(1);
        let old = std::mem::replace(&mut slab, Slab::new());
        assert_eq!(old.into_values().sum::<i32>(), 1);
        assert_eq!(slab.remove(key), None);
        assert_eq!(slab.iter().count(), 0);
    }
}
