//! One row of the table of settings, and the macro from which a section gets struct and rows alike.

use figment::value::Value;

/// One setting, as the reference shows it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The table of the file.
    pub section: &'static str,
    /// The key in it.
    pub name: &'static str,
    /// The lines of its comment.
    pub doc: &'static [&'static str],
    /// Its default, or an example, as TOML.
    pub worth: Worth,
    /// A second name in the environment, one that everybody knows.
    pub alias: Option<&'static str>,
    /// The type of its field, as it is written there.
    pub type_name: &'static str,
}

/// What a setting is worth if nobody says anything.
#[derive(Debug, Clone, Copy)]
pub enum Worth {
    /// This TOML value.
    Default(&'static str),
    /// Nothing; this TOML value would be one.
    Example(&'static str),
}

impl Worth {
    /// The TOML value.
    pub const fn toml(self) -> &'static str {
        match self {
            Self::Default(toml) | Self::Example(toml) => toml,
        }
    }
}

impl Setting {
    /// The key in full: `http.bind`.
    pub fn key(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The name in the environment: `ELDER_HTTP__BIND`.
    pub fn variable(&self) -> String {
        format!("ELDER_{}__{}", self.section, self.name).to_uppercase()
    }

    /// Whether it may not be shown.
    pub fn is_secret(&self) -> bool {
        self.type_name.contains("Secret<")
    }

    /// Its names in the environment, the one that goes over the other first.
    pub fn variables(&self) -> impl Iterator<Item = String> {
        [Some(self.variable()), self.alias.map(str::to_owned)].into_iter().flatten()
    }

    /// Reads a text from outside a file by the kind of value that the setting has.
    pub(crate) fn read(&self, text: &str) -> Value {
        match self.worth.toml().chars().next() {
            Some('"') => Value::from(text),
            Some('[') => text.split(',').map(str::trim).map(Value::from).collect::<Vec<_>>().into(),
            _ => text
                .parse::<bool>()
                .map(Value::from)
                .or_else(|_| text.parse::<i64>().map(Value::from))
                .unwrap_or_else(|_| Value::from(text)),
        }
    }
}

/// A section: the struct that holds it, and its rows of the reference.
///
/// `name: Type = default;` has a default, `name: Option<Type> => example;` has none.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $section:ident = $table:literal {$(
            $(#[doc = $doc:literal])+
            $(#[env($alias:literal)])?
            $field:ident: $type:ty $(= $default:tt)? $(=> $example:tt)?;
        )*}
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $section {$(
            $(#[doc = $doc])+
            pub $field: $type,
        )*}

        impl $section {
            pub(crate) const SECTION: $crate::reference::Section = $crate::reference::Section {
                name: $table,
                doc: &[$($about),+],
                settings: &[$($crate::setting::Setting {
                    section: $table,
                    name: stringify!($field),
                    doc: &[$($doc),+],
                    worth: $crate::setting::section!(@worth $($default)? $(=> $example)?),
                    alias: $crate::setting::section!(@alias $($alias)?),
                    type_name: stringify!($type),
                },)*],
            };
        }
    };
    (@worth $default:tt) => { $crate::setting::Worth::Default(stringify!($default)) };
    (@worth => $example:tt) => { $crate::setting::Worth::Example(stringify!($example)) };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
}
pub(crate) use section;
