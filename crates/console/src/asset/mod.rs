//! What pages load: the style sheet, the colours of a tenant, and the one script.

pub(crate) mod routes;

use std::{borrow::Cow, sync::LazyLock};

use elder_tenancy::readable_on;
use sha2::{Digest as _, Sha256};

use crate::form::hex;

const STYLE: &str = include_str!("../../assets/style.css");
const SCRIPT: &str = include_str!("../../assets/passkey.js");

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| format!("style-{}.css", digest(STYLE)));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| format!("passkey-{}.js", digest(SCRIPT)));

/// Names a file by its content: whoever has it under this name need never ask again.
fn digest(file: &str) -> String {
    hex(Sha256::digest(file).first_chunk::<8>().map_or(&[], |start| start.as_slice()))
}

/// The name of the style sheet.
pub(crate) fn style() -> &'static str {
    &STYLE_NAME
}

/// The name of the script that asks for passkeys.
pub(crate) fn script() -> &'static str {
    &SCRIPT_NAME
}

/// The name of the colours of a brand that has `#rrggbb`: a page may hold no style of its own.
pub(crate) fn brand_style(color: &str) -> String {
    format!("brand-{}.css", color.trim_start_matches('#').to_ascii_lowercase())
}

/// A file, and of what kind it is.
type Asset = (&'static str, Cow<'static, str>);

const CSS: &str = "text/css; charset=utf-8";

/// The file of this name.
fn asset(name: &str) -> Option<Asset> {
    if name == *STYLE_NAME {
        return Some((CSS, STYLE.into()));
    }
    if name == *SCRIPT_NAME {
        return Some(("text/javascript; charset=utf-8", SCRIPT.into()));
    }
    Some((CSS, sheet(name)?.into()))
}

/// The colours of a brand.
fn sheet(name: &str) -> Option<String> {
    let digits = name.strip_prefix("brand-")?.strip_suffix(".css")?;
    let is_color = digits.len() == 6 && digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    is_color.then(|| {
        let color = format!("#{digits}");
        format!(":root {{ --accent: {color}; --on-accent: {}; }}\n", readable_on(&color))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_has_its_colour_and_one_that_can_be_read_on_it() {
        assert_eq!(
            sheet("brand-ffd500.css").unwrap(),
            ":root { --accent: #ffd500; --on-accent: #000000; }\n"
        );
        assert!(sheet(&brand_style("#FFD500")).is_some());
        for other in ["brand-ffd50.css", "brand-}body{.css", "brand-FFD500.css", "style.css", ""] {
            assert_eq!(sheet(other), None, "{other}");
        }
    }
}
