//! One stem through everything: module, type, table, permission, action, URL.

use crate::Failure;

/// The names of a resource, made of its stem.
#[derive(Debug)]
pub(super) struct Names {
    /// The folder of the crate.
    pub(super) krate: String,
    /// `api_key`.
    pub(super) thing: String,
    /// `api_keys`.
    pub(super) things: String,
}

impl Names {
    /// Checks the stem: snake case, in the singular.
    pub(super) fn new(krate: &str, thing: &str) -> Result<Self, Failure> {
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_lowercase());
        if thing.len() < 3 || !thing.split('_').all(is_part) {
            return Err(
                format!("`{thing}` is no name of a resource: it is like `widget` or `api_key`").into()
            );
        }
        Ok(Self { krate: krate.to_owned(), thing: thing.to_owned(), things: plural(thing) })
    }

    /// `ApiKey`.
    pub(super) fn type_name(&self) -> String {
        camel(&self.thing)
    }

    /// `ApiKeys`.
    pub(super) fn type_names(&self) -> String {
        camel(&self.things)
    }

    /// `an API key` would be better; `an api key` is what can be made of a stem.
    pub(super) fn a_word(&self) -> String {
        let article = if self.thing.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {}", words(&self.thing))
    }

    /// `api keys`.
    pub(super) fn words(&self) -> String {
        words(&self.things)
    }

    /// Puts the names into a template.
    pub(super) fn fill(&self, template: &str) -> String {
        let a_word = self.a_word();
        [
            ("%thing%", self.thing.clone()),
            ("%things%", self.things.clone()),
            ("%Thing%", self.type_name()),
            ("%Things%", self.type_names()),
            ("%a_thing%", a_word.replace(' ', "_")),
            ("%word%", words(&self.thing)),
            ("%words%", self.words()),
            ("%Words%", capital(&self.words())),
            ("%A_word%", capital(&a_word)),
            ("%a_word%", a_word),
            ("%url%", self.things.replace('_', "-")),
        ]
        .iter()
        .fold(template.to_owned(), |text, (place, name)| text.replace(place, name))
    }

    /// Three letters of the stem, in its order, that no other id begins with.
    pub(super) fn prefix(&self, is_taken: impl Fn(&str) -> bool) -> Result<String, Failure> {
        let letters: Vec<char> = self.thing.chars().filter(char::is_ascii_lowercase).collect();
        let (first, rest) = letters.split_first().ok_or("the name is empty")?;
        let pairs = rest
            .iter()
            .enumerate()
            .flat_map(|(index, second)| rest.iter().skip(index + 1).map(move |third| (second, third)));
        let mut prefixes = pairs.map(|(second, third)| String::from_iter([first, second, third]));
        let free = prefixes.find(|prefix| !is_taken(prefix));
        free.ok_or_else(|| format!("every prefix that `{}` could have is taken", self.thing).into())
    }
}

fn plural(thing: &str) -> String {
    let stem = thing.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    if let Some(stem) = stem {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| thing.ends_with(end));
    format!("{thing}{}", if hisses { "es" } else { "s" })
}

fn camel(snake: &str) -> String {
    snake.split('_').map(capital).collect()
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn words(snake: &str) -> String {
    snake.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stem_gives_every_name() {
        let names = Names::new("tenancy", "api_key").unwrap();
        let filled = names.fill("%thing% %things% %Thing% %Things% %url% %A_word% %a_thing% %Words%");
        assert_eq!(filled, "api_key api_keys ApiKey ApiKeys api-keys An api key an_api_key Api keys");
    }

    #[test]
    fn plurals_follow_the_common_rules() {
        for (one, many) in
            [("widget", "widgets"), ("policy", "policies"), ("key", "keys"), ("inbox", "inboxes")]
        {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn a_prefix_that_is_taken_gives_way_to_another() {
        let names = Names::new("tenancy", "widget").unwrap();
        assert_eq!(names.prefix(|_| false).unwrap(), "wid");
        assert_eq!(names.prefix(|prefix| prefix == "wid").unwrap(), "wig");
        assert!(names.prefix(|_| true).is_err());
    }

    #[test]
    fn what_is_no_snake_case_is_refused() {
        for refused in ["", "ab", "Widget", "api-key", "api__key", "_key", "key1", "../x"] {
            assert!(Names::new("tenancy", refused).is_err(), "{refused}");
        }
    }
}
