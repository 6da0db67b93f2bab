//! Names that a platform takes.

/// The longest label of a domain name (RFC 1035), which is what Kubernetes takes.
const LONGEST: usize = 63;

/// Letters, digits, `-` and `_`: what a Procfile has for a process type.
pub(super) fn word(name: &str) -> String {
    let keeps = |c: char| c.is_ascii_alphanumeric() || c == '_';
    or_unnamed(cut(&joined(name, keeps), LONGEST))
}

/// A label of a domain name: lower-case letters, digits and `-`, a letter first.
pub(super) fn label(name: &str) -> String {
    let label = joined(&name.to_ascii_lowercase(), |c| c.is_ascii_alphanumeric());
    let label = match label.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("n{label}"),
        false => label,
    };
    or_unnamed(cut(&label, LONGEST))
}

/// The names, the later of two equal ones with a number.
pub(super) fn apart(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut apart: Vec<String> = Vec::new();
    for name in names {
        let numbered = |number: usize| {
            let number = format!("-{number}");
            cut(&name, LONGEST - number.len()).to_owned() + &number
        };
        let candidates = std::iter::once(name.clone()).chain((2..).map(numbered));
        apart.extend(
            candidates
                .filter(|name| !apart.contains(name))
                .take(1)
                .collect::<Vec<_>>(),
        );
    }
    apart
}

/// The kept characters, with one `-` for each run of others between them.
fn joined(name: &str, keeps: impl Fn(char) -> bool) -> String {
    let parts = name.split(|c| !keeps(c)).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

fn cut(name: &str, longest: usize) -> &str {
    let cut = &name[..name.len().min(longest)];
    cut.trim_end_matches('-')
}

fn or_unnamed(name: &str) -> String {
    match name {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_name_becomes_a_label_of_a_domain_name(name in "\\PC{0,80}", other in "[a-c_ -]{0,4}") {
            let names = apart([label(&name), label(&other), label(&name), label(&other)]);
            for (index, label) in names.iter().enumerate() {
                prop_assert!((1..=63).contains(&label.len()), "{label}");
                prop_assert!(label.starts_with(|c: char| c.is_ascii_lowercase()), "{label}");
                prop_assert!(!label.ends_with('-'), "{label}");
                let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                prop_assert!(label.chars().all(is_part), "{label}");
                prop_assert!(!names[..index].contains(label), "{names:?}");
            }
        }

        #[test]
        fn a_portable_name_stays_as_it_is(name in "[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,20}){0,2}") {
            prop_assert_eq!(label(&name), name.clone());
            prop_assert_eq!(word(&name), name);
        }
    }

    #[test]
    fn words_keep_case_and_underscores() {
        assert_eq!(word("Mail_out v2"), "Mail_out-v2");
        assert_eq!(label("Mail_out v2"), "mail-out-v2");
        assert_eq!(label("2fa"), "n2fa");
        assert_eq!(word("…"), "unnamed");
    }
}
