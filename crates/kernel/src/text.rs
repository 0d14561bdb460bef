//! How texts are folded for comparison: one rule for every stored search column.

use unicode_normalization::UnicodeNormalization as _;

/// NFKC and lower case: two texts that a person takes for the same fold to the same.
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// The form in which an e-mail address is compared and unique; `None` if it is none.
///
/// A mailbox of RFC 5321 §4.1.2 with the letters of RFC 6531 §3.3, as written and as folded. Its local part is no quoted
/// string and its domain no address in brackets: nobody has such, and they are not what `format: email` takes
/// everywhere.
pub fn normalise_email(email: &str) -> Option<String> {
    let typed = email.trim();
    let folded = fold(typed);
    (is_mailbox(typed) && is_mailbox(&folded)).then_some(folded)
}

/// Lengths are those of RFC 5321 §4.5.3.1.
fn is_mailbox(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_short = local.len() <= 64 && text.len() <= 254;
    is_short && local.split('.').all(is_atom) && domain.split('.').all(is_label)
}

/// Letters, digits and the signs of RFC 5322 §3.2.3.
fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_letter(c) || "!#$%&'*+-/=?^_`{|}~".contains(c))
}

/// A label of a host name (RFC 1123 §2.1), in Unicode too.
fn is_label(text: &str) -> bool {
    let is_inside = |c: char| is_letter(c) || c == '-';
    let ends_well = text.starts_with(is_letter) && text.ends_with(is_letter);
    ends_well && text.chars().all(is_inside) && text.chars().count() <= 63
}

/// Of what is beyond ASCII, all that can be seen.
fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { !c.is_whitespace() && !c.is_control() }
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
        for text in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "a@b@c",
            "a b@c.d",
            "ana@example..com",
            "ana@.com",
            "a\u{0}@b.c",
            ".ana@example.com",
            "ana.@example.com",
            "a..na@example.com",
            "a(na)@example.com",
            "\"ana\"@example.com",
            "a,b@example.com",
            "a:b@example.com",
            "<ana@example.com>",
            "ana@[127.0.0.1]",
            "ana@-example.com",
            "ana@example-.com",
            "ana@exam_ple.com",
            "ana@example.com.",
            // These fold to signs that an address may not have, or to its `@`.
            "⑴@example.com",
            "ana＠example.com",
        ] {
            assert_eq!(normalise_email(text), None, "{text:?}");
        }
        assert_eq!(normalise_email(&format!("{}@b.c", "x".repeat(65))), None);
        assert_eq!(normalise_email(&format!("a@{}.c", "x".repeat(64))), None);
    }

    #[test]
    fn an_address_may_have_every_sign_and_script_that_the_rules_name() {
        for text in [
            "!#$%&'*+-/=?^_`{|}~@b",
            "o'brien+tag@xn--bcher-kva.example",
            "ana@1.2.3",
            "jürgen@bücher.example",
        ] {
            assert_eq!(normalise_email(text).as_deref(), Some(text));
        }
    }

    /// An address in ASCII, by the grammar of RFC 5321 §4.1.2.
    const MAILBOX: &str = concat!(
        "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}){0,3}",
        "@[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?){0,4}",
    );

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text: String) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn every_mailbox_of_the_grammar_is_an_address(text in MAILBOX) {
            prop_assert_eq!(normalise_email(&text), Some(text.to_lowercase()));
        }

        #[test]
        fn an_address_with_a_sign_that_the_grammar_lacks_is_none(
            text in MAILBOX,
            sign in r#"[ "(),:;<>@\[\]\\\x00-\x1f\x7f]"#,
            at: proptest::sample::Index,
        ) {
            // At its ends a blank is cut off.
            let at = 1 + at.index(text.len() - 1);
            let (before, after) = text.split_at(at);
            prop_assert_eq!(normalise_email(&format!("{before}{sign}{after}")), None);
        }

        #[test]
        fn what_is_taken_is_an_address_as_written_and_as_folded(text in "\\PC{0,6}[a-z@.]{0,3}@\\PC{0,6}(\\.[a-z]{1,3})?") {
            if let Some(folded) = normalise_email(&text) {
                prop_assert_eq!(normalise_email(&folded), Some(folded.clone()));
                for form in [text.trim(), &folded] {
                    let (local, domain) = form.split_once('@').unwrap();
                    let edges = [local, domain].map(|part| part.starts_with('.') || part.ends_with('.') || part.contains(".."));
                    prop_assert_eq!(edges, [false, false]);
                    let foreign = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.';
                    prop_assert!(!domain.contains(foreign), "{}", form);
                }
            }
        }
    }
}
