//! Names of locks for stores that do not take every text.

/// The 64-bit FNV-1a hash of the key: the same in every process, on every machine and in every version.
pub(super) fn hash(key: &str) -> u64 {
    let begin = 0xcbf2_9ce4_8422_2325;
    key.bytes().fold(begin, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A name that tells people which key it stands for: so many characters of it, and its hash.
///
/// It has lower-case letters, digits, `-`, `_` and `.` only, since files and locks may ignore case.
pub(super) fn short(key: &str, readable: usize) -> String {
    let plain = key.chars().take(readable).map(|char| match char {
        'a'..='z' | '0'..='9' | '-' | '_' | '.' => char,
        'A'..='Z' => char.to_ascii_lowercase(),
        _ => '_',
    });
    format!("{}-{:016x}", plain.collect::<String>(), hash(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_others_compute() {
        // The vectors of the hash's authors: <http://www.isthe.com/chongo/tech/comp/fnv/>.
        for (text, value) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(hash(text), value, "{text}");
        }
    }

    #[test]
    fn keys_that_look_alike_have_names_of_their_own() {
        let keys = ["shop/a", "shop_a", "SHOP/A", "shop/ä", "../shop/a", ""];
        let names: std::collections::BTreeSet<String> =
            keys.iter().map(|key| short(key, 3)).collect();
        assert_eq!(names.len(), keys.len(), "{names:?}");
    }

    #[test]
    fn a_name_fits_every_store() {
        let long = "Ünï/".repeat(100);
        for key in ["shop/prune", "/etc\0/../x", &long] {
            let name = short(key, 40);
            assert!(name.len() <= 64, "{name}");
            let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
            let plain = |char| plain(char) || "-_.".contains(char);
            assert!(name.chars().all(plain), "{name}");
        }
    }
}
