//! Whether what was said in a call tells of somebody.

/// Letters from which on a name is looked for within other words. A shorter one, such as a number at a provider, would be
/// found in every text.
const TELLING: usize = 5;

/// What somebody is called: addresses, names, ids.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        // As they stand in JSON.
        let written = |name: &str| serde_json::Value::from(name.to_lowercase()).to_string();
        let quoted = names.into_iter().filter(|name| !name.trim().is_empty()).map(written);
        let found_within =
            |quoted: String| match quoted.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
                Some(name) if name.chars().count() >= TELLING => name.to_owned(),
                _ => quoted,
            };
        Self(quoted.map(found_within).collect())
    }

    /// Whether a text of JSON, or a path, has one of them, in whatever letter case. A short one must be a whole value.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|name| text.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_any_letter_case_and_within_other_words() {
        let names = Names::new(["ada@example.com", "Ada \"Countess\" Lovelace", "Ärzte-Ö"]);
        for text in [
            r#"{"email":"Ada@Example.com"}"#,
            r#"{"note":"call ada@example.com"}"#,
            r#"{"name":"ADA \"COUNTESS\" LOVELACE"}"#,
            r#"{"group":"die ärzte-ö"}"#,
        ] {
            assert!(names.stand_in(text), "{text}");
        }
        assert!(!names.stand_in(r#"{"email":"ben@example.com","name":"Ada Byron"}"#));
    }

    #[test]
    fn a_short_name_is_found_as_a_whole_value_alone() {
        let names = Names::new(["42", "", " "]);
        assert!(names.stand_in(r#"{"external_id":"42"}"#));
        assert!(!names.stand_in(r#"{"external_id":"142","size":42,"name":"","other":" "}"#));
    }
}
