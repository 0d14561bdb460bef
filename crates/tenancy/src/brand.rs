//! How a tenant shows itself in mails and on pages.

use elder_access::{Authority, TenantTx};
use elder_api_types::settings::BrandingSettings;
use serde::Serialize;

use crate::tenant;

/// What is pressed, where a tenant has no colour of its own.
const BLUE: &str = "#1a56db";

/// A tenant's name and looks, as templates see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// The name that people know.
    pub name: String,
    /// Where the logo is.
    pub logo_url: Option<String>,
    /// The background of what is to be pressed.
    pub color: String,
    /// The colour of words on it: the one of black and white that can be read.
    pub on_color: &'static str,
    /// The language of people who chose none.
    #[serde(skip)]
    pub locale: String,
}

impl Brand {
    /// A name in Elder's own looks.
    pub fn named(name: String) -> Self {
        let BrandingSettings { locale, .. } = BrandingSettings::default();
        Self { name, logo_url: None, color: BLUE.to_owned(), on_color: readable_on(BLUE), locale }
    }

    /// The brand of the transaction's tenant.
    ///
    /// # Errors
    /// [`tenant::Error`].
    pub async fn of<A: Authority>(tx: &TenantTx<A>) -> Result<Self, tenant::Error> {
        let tenant = tenant::get(tx).await?;
        let BrandingSettings { display_name, logo_url, color, locale, .. } = tenant.settings.branding;
        let color = color.unwrap_or_else(|| BLUE.to_owned());
        let name = display_name.unwrap_or(tenant.name);
        Ok(Self { name, logo_url, on_color: readable_on(&color), color, locale })
    }
}

/// Black or white, by the greater contrast (WCAG 2.2, relative luminance).
pub fn readable_on(color: &str) -> &'static str {
    let channel = |at: usize| {
        let digits = color.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let part = f64::from(digits.unwrap_or_default()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    // Where (1 + 0.05) / (l + 0.05) and (l + 0.05) / 0.05 are the same.
    if luminance > 0.179 { "#000000" } else { "#ffffff" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_read_on_any_colour() {
        for (color, words) in [
            (BLUE, "#ffffff"),
            ("#ffffff", "#000000"),
            ("#000000", "#ffffff"),
            ("#ffd500", "#000000"),
            ("#7a0019", "#ffffff"),
        ] {
            assert_eq!(readable_on(color), words, "{color}");
        }
    }
}
