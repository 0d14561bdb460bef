//! How texts are folded for comparison: one rule for every stored search column.

use unicode_normalization::UnicodeNormalization as _;

/// NFKC and lower case: two texts that a person takes for the same fold to the same.
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// The form in which an e-mail address is compared and unique; `None` if it is none.
///
/// One `@`, something on both sides, no blanks or control characters, at most 254 bytes (RFC 5321 §4.5.3.1.3).
pub fn normalise_email(email: &str) -> Option<String> {
    let folded = fold(email.trim());
    let (local, domain) = folded.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty() && !part.contains('@') && !part.chars().any(|c| c.is_whitespace() || c.is_control())
    };
    let labels = domain.split('.').all(|label| !label.is_empty());
    (plain(local) && plain(domain) && labels && local.len() <= 64 && folded.len() <= 254).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_that_a_person_takes_for_the_same_are_the_same() {
        for twin in ["Ana@Example.COM", " ana@example.com ", "ａna@example.com"] {
            assert_eq!(normalise_email(twin).as_deref(), Some("ana@example.com"), "{twin}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "ana", "@example.com", "ana@", "a@b@c", "a b@c.d", "ana@example..com", "a\u{0}@b.c"]
        {
            assert_eq!(normalise_email(text), None, "{text:?}");
        }
        assert_eq!(normalise_email(&format!("{}@b.c", "x".repeat(65))), None);
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text: String) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
