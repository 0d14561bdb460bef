//! Changes of a claim's values on their way to an attribute.

use elder_api_types::provisioning::Transform;
use regex::{Regex, RegexBuilder};

/// How much a compiled expression may take: what a tenant types must not fill the memory of all.
const MOST_BYTES: usize = 1 << 16;

/// Transforms that can be run.
pub(super) struct Pipeline<'a>(Vec<Step<'a>>);

enum Step<'a> {
    Plain(&'a Transform),
    Regex(Regex, usize),
}

impl<'a> Pipeline<'a> {
    /// Reads the expressions. They match in time linear to a value's length, whatever they are.
    ///
    /// # Errors
    /// What is wrong with one.
    pub(super) fn new(transforms: &'a [Transform]) -> Result<Self, regex::Error> {
        let step = |transform: &'a Transform| match transform {
            Transform::Regex { pattern, group } => {
                let regex = RegexBuilder::new(pattern).size_limit(MOST_BYTES).build()?;
                Ok(Step::Regex(regex, usize::from(*group)))
            }
            plain => Ok(Step::Plain(plain)),
        };
        transforms.iter().map(step).collect::<Result<_, _>>().map(Self)
    }

    /// What becomes of these values.
    pub(super) fn run(&self, values: Vec<String>) -> Vec<String> {
        self.0.iter().fold(values, |values, step| step.apply(values))
    }
}

impl Step<'_> {
    fn apply(&self, values: Vec<String>) -> Vec<String> {
        let each = |change: fn(&str) -> String, values: Vec<String>| {
            values.iter().map(|value| change(value)).collect()
        };
        match self {
            Self::Plain(Transform::Lower) => each(str::to_lowercase, values),
            Self::Plain(Transform::Trim) => each(|value| value.trim().to_owned(), values),
            Self::Plain(Transform::First) => values.into_iter().take(1).collect(),
            Self::Plain(Transform::Join { separator }) if !values.is_empty() => vec![values.join(separator)],
            Self::Plain(Transform::Constant { value }) => vec![value.clone()],
            Self::Plain(Transform::Join { .. } | Transform::Regex { .. }) => values,
            Self::Regex(regex, group) => {
                let part = |value: &String| Some(regex.captures(value)?.get(*group)?.as_str().to_owned());
                values.iter().filter_map(part).collect()
            }
        }
    }
}
