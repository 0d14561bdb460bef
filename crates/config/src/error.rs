//! What is wrong with the settings. No message shows a value: it may be a secret.

use std::io;
use std::path::PathBuf;

use figment::error::Kind;

use crate::reference::settings;

/// Settings with which Elder doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named cannot be read.
    #[error("the settings file {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file that a variable names for a secret cannot be read.
    #[error("the file {} that {variable} names cannot be read", path.display())]
    SecretFile {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no TOML.
    #[error("the settings file {} is not TOML: line {line}: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A key, or a variable of the environment, that no setting has.
    #[error("`{key}` is not a setting of Elder; config/elder.toml lists them all{}", hint(similar.as_ref()))]
    Unknown {
        /// The key or variable.
        key: String,
        /// The one that may be meant.
        similar: Option<String>,
    },
    /// A setting with a value that is not good.
    #[error("the setting `{key}`{} is wrong: {problem}", variable(key))]
    Invalid {
        /// The key.
        key: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}

fn hint(similar: Option<&String>) -> String {
    similar.map(|similar| format!("; `{similar}` may be meant")).unwrap_or_default()
}

fn variable(key: &str) -> String {
    let known = settings().find(|setting| setting.key() == key);
    known.map(|setting| format!(" ({} in the environment)", setting.variable())).unwrap_or_default()
}

impl ConfigError {
    /// Says of the setting `key` what is wrong, and from the table what would be right.
    pub(crate) fn invalid(key: &str, problem: &str) -> Self {
        let example = settings().find(|setting| setting.key() == key).map(|setting| setting.worth.toml());
        let right = example.map(|toml| format!("; right would be, for example, {toml}")).unwrap_or_default();
        Self::Invalid { key: key.to_owned(), problem: format!("{problem}{right}") }
    }

    /// A key that no setting has.
    pub(crate) fn unknown(key: impl Into<String>) -> Self {
        Self::Unknown { key: key.into(), similar: None }
    }
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        let path = error.path.join(".");
        let problem = match error.kind {
            Kind::UnknownField(name, _) => {
                // The path may or may not go down to the name itself.
                let parents = error.path.iter().filter(|part| **part != name);
                return Self::unknown(
                    parents.chain([&name]).map(String::as_str).collect::<Vec<_>>().join("."),
                );
            }
            Kind::Message(words) => words,
            Kind::InvalidType(_, expected)
            | Kind::InvalidValue(_, expected)
            | Kind::InvalidLength(_, expected) => {
                format!("{expected} is expected")
            }
            Kind::UnknownVariant(_, known) => format!("it must be one of {}", known.join(", ")),
            Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "the number is out of range".to_owned(),
            Kind::MissingField(name) => format!("`{name}` is missing"),
            Kind::DuplicateField(name) => format!("`{name}` stands twice"),
            Kind::Unsupported(_) | Kind::UnsupportedKey(..) => {
                "a value of this kind is not understood".to_owned()
            }
        };
        Self::invalid(&path, &problem)
    }
}
