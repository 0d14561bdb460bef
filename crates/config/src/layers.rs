//! Reads the layers one over the other: defaults, file, environment, command line.

use std::path::Path;
use std::{env, fs};

use figment::Figment;
use figment::providers::Serialized;
use figment::value::Value;

use crate::reference::{file_variable, reference_toml, settings};
use crate::{ConfigError, Setting, Settings};

impl Settings {
    /// Reads the settings of this process. `overrides` are pairs of key (`http.bind`) and text.
    ///
    /// # Errors
    /// [`ConfigError`], which names the key at fault.
    pub fn load(file: Option<&Path>, overrides: &[(String, String)]) -> Result<Self, ConfigError> {
        // A variable that is not Unicode is none of ours.
        let environment = env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
        Self::layered(file, environment, overrides)
    }

    /// Reads the settings with an environment of one's own.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn layered(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        overrides: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut figment = with_toml(Figment::new(), Path::new("config/elder.toml"), &reference_toml())?;
        if let Some(path) = file {
            let text = fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
            figment = with_toml(figment, path, &text)?;
        }
        figment = with_environment(figment, &environment.into_iter().collect::<Vec<_>>())?;
        for (key, text) in overrides {
            let setting =
                settings().find(|setting| setting.key() == *key).ok_or_else(|| ConfigError::unknown(key))?;
            figment = figment.merge((key, setting.read(text)));
        }
        refuse_empty(&figment)?;
        let settings: Self = figment.extract()?;
        settings.check()?;
        Ok(settings)
    }
}

fn with_toml(figment: Figment, path: &Path, text: &str) -> Result<Figment, ConfigError> {
    // The whole error of the parser would show the line, and with it perhaps a secret.
    let table: toml::Table = toml::from_str(text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| 1 + before.matches('\n').count()),
        problem: error.message().to_owned(),
    })?;
    Ok(figment.merge(Serialized::defaults(table)))
}

fn with_environment(mut figment: Figment, variables: &[(String, String)]) -> Result<Figment, ConfigError> {
    for (name, _) in variables {
        refuse_unknown(name)?;
    }
    for setting in settings() {
        for name in setting.variables() {
            if let Some(text) = given(setting, &name, variables)? {
                figment = figment.merge((setting.key(), setting.read(&text)));
                break;
            }
        }
    }
    Ok(figment)
}

/// What the environment says of a setting under one of its names: the value, or the file that holds it.
fn given(
    setting: &Setting,
    name: &str,
    variables: &[(String, String)],
) -> Result<Option<String>, ConfigError> {
    let find = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, text)| text);
    let file = file_variable(setting, name);
    match (find(name), file.as_deref().and_then(find)) {
        (Some(_), Some(_)) => Err(ConfigError::invalid(
            &setting.key(),
            &format!("`{name}` and `{name}_FILE` are both given, and only one of them can hold"),
        )),
        (Some(text), None) => Ok(Some(text.clone())),
        (None, Some(path)) => read_secret(&format!("{name}_FILE"), path).map(Some),
        (None, None) => Ok(None),
    }
}

fn read_secret(variable: &str, path: &str) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::SecretFile {
        variable: variable.to_owned(),
        path: path.into(),
        source,
    })?;
    Ok(text.trim().to_owned())
}

/// Refuses a variable that was surely meant for Elder and reaches no setting.
fn refuse_unknown(variable: &str) -> Result<(), ConfigError> {
    if !variable.starts_with("ELDER_") {
        return Ok(());
    }
    let known: Vec<String> = settings()
        .flat_map(|setting| {
            setting.variables().flat_map(move |name| [file_variable(setting, &name), Some(name)])
        })
        .flatten()
        .collect();
    if known.iter().any(|name| name == variable) {
        return Ok(());
    }
    let similar = known.into_iter().find(|name| name.replace("__", "_") == variable);
    if similar.is_some() || variable.contains("__") {
        return Err(ConfigError::Unknown { key: variable.to_owned(), similar });
    }
    Ok(())
}

fn refuse_empty(figment: &Figment) -> Result<(), ConfigError> {
    let empty = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    for key in settings().map(crate::Setting::key) {
        let Ok(value) = figment.find_value(&key) else { continue };
        if empty(&value) || value.as_array().is_some_and(|values| values.iter().any(empty)) {
            return Err(ConfigError::invalid(&key, "it is empty"));
        }
    }
    Ok(())
}
