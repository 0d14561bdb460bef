//! What pages load: the style sheet, and the colours of a tenant.

pub(crate) mod routes;

use std::sync::LazyLock;

use elder_tenancy::readable_on;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../../assets/style.css");

/// The name of the style sheet, by its content: whoever has it under this name need never ask again.
static STYLE_NAME: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLE);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("style-{hex}.css")
});

/// The name of the style sheet.
pub(crate) fn style() -> &'static str {
    &STYLE_NAME
}

/// The name of the colours of a brand that has `#rrggbb`: a page may hold no style of its own.
pub(crate) fn brand_style(color: &str) -> String {
    format!("brand-{}.css", color.trim_start_matches('#').to_ascii_lowercase())
}

/// The style sheet of this name.
fn sheet(name: &str) -> Option<String> {
    if name == *STYLE_NAME {
        return Some(STYLE.to_owned());
    }
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
