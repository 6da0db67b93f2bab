//! Names of runs.

use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

/// A new UUID of version 7 (RFC 9562): the texts of later milliseconds are greater.
pub(crate) fn run_id(now: SystemTime) -> String {
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis() & 0xffff_ffff_ffff;
    // Version 7 and variant 10 have fixed bits; 74 bits are random.
    let random = u128::from(random()) << 64 | u128::from(random());
    let fixed = 0x7 << 76 | 0x2 << 62;
    let free = (0xfff << 64) | (u128::MAX >> 66);
    let bits = millis << 80 | fixed | (random & free);
    let mut text = String::with_capacity(36);
    for (index, byte) in bits.to_be_bytes().iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// 64 bits that differ from call to call, from the seed of std's hash maps.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn run_ids_are_ordered_by_time_and_never_equal() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_000);
        let ids: Vec<String> = (0..500)
            .map(|millis| run_id(start + Duration::from_millis(millis)))
            .collect();
        assert!(ids.is_sorted());
        let same: BTreeSet<String> = (0..500).map(|_| run_id(start)).collect();
        assert_eq!(same.len(), 500);
    }

    #[test]
    fn a_run_id_has_the_form_of_a_uuid_of_version_7() {
        let id = run_id(SystemTime::UNIX_EPOCH + Duration::from_millis(0x0123_4567_89ab));
        let parts: Vec<&str> = id.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(id.starts_with("01234567-89ab-7"), "{id}");
        assert!(
            matches!(parts[3].as_bytes()[0], b'8' | b'9' | b'a' | b'b'),
            "{id}"
        );
    }
}
