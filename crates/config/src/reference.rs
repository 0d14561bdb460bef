//! The table of all settings, and the commented file that is written from it.

use crate::section::{
    Audit, Bootstrap, Data, Database, Dns, Geoip, Http, License, Log, Mail, Metrics, Outbound, Passwords,
    RateLimit, Redis, Secrets, Tokens, Traces, Webauthn,
};
use crate::setting::{Setting, Worth};

/// One table of the file.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static [&'static str],
    pub(crate) settings: &'static [Setting],
}

const SECTIONS: &[Section] = &[
    Http::SECTION,
    Database::SECTION,
    Redis::SECTION,
    RateLimit::SECTION,
    Data::SECTION,
    Secrets::SECTION,
    Tokens::SECTION,
    Webauthn::SECTION,
    Passwords::SECTION,
    License::SECTION,
    Log::SECTION,
    Metrics::SECTION,
    Traces::SECTION,
    Dns::SECTION,
    Geoip::SECTION,
    Mail::SECTION,
    Outbound::SECTION,
    Audit::SECTION,
    Bootstrap::SECTION,
];

const HEAD: &str = "\
# Every setting of Elder with its default; what is commented out has none, and an example stands there.
# Generated from crates/config by `cargo xtask snapshot`.
#
# Over this file go the environment (the variable is named at each setting) and the command line.
# Where a second variable is named that ends in _FILE, it holds the path of a file with the value, such as a
# Docker secret; only one of the two may be given.
";

/// Every setting, in the order of the reference.
pub(crate) fn settings() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings)
}

/// The variable that names a file with the value of a secret whose variable is `name`; none where a setting of its
/// own does that.
pub(crate) fn file_variable(setting: &Setting, name: &str) -> Option<String> {
    let file = format!("{name}_FILE");
    let is_setting = settings().any(|other| other.variables().any(|known| known == file));
    (setting.is_secret() && !is_setting).then_some(file)
}

/// The content of `config/elder.toml`: every setting with its default and a comment.
pub fn reference_toml() -> String {
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        text.push('\n');
        comment(&mut text, section.doc);
        line(&mut text, &format!("[{}]", section.name));
        for setting in section.settings {
            text.push('\n');
            comment(&mut text, setting.doc);
            let names: Vec<_> = setting
                .variables()
                .flat_map(|name| [Some(name.clone()), file_variable(setting, &name)])
                .flatten()
                .collect();
            line(&mut text, &format!("# Environment: {}", names.join(" or ")));
            let unset = if matches!(setting.worth, Worth::Example(_)) { "# " } else { "" };
            line(&mut text, &format!("{unset}{} = {}", setting.name, setting.worth.toml()));
        }
    }
    text
}

fn comment(text: &mut String, doc: &[&str]) {
    for words in doc {
        line(text, format!("#{words}").trim_end());
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
