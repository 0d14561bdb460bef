//! Codes that an authenticator application shows for half a minute each (RFC 6238).

pub(crate) mod routes;
pub mod service;

use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use qrcode::{EcLevel, QrCode, render::svg};
use totp_rs::{Builder, Totp, TotpError};

use crate::Error;

pub(crate) use elder_api_types::mfa::TotpCode;
pub use elder_api_types::mfa::TotpEnrolment;

/// What HMAC-SHA-1 has for a key (RFC 4226 §4: 160 bits are recommended).
pub(crate) const SECRET_LENGTH: usize = 20;
/// How long a code is shown. Applications take SHA-1, six digits and this for granted.
const STEP_SECONDS: u64 = 30;
/// Steps by which the clock of a phone may be off, either way.
const SKEW: u16 = 1;
/// Longest name of an issuer: a code that holds more is hard to scan.
const LONGEST_ISSUER: usize = 60;

/// A secret, ready to be shown to its owner.
struct Labelled {
    totp: Totp,
}

impl Labelled {
    fn new(secret: &[u8], issuer: &str, account: &str) -> Result<Self, Error> {
        // A colon parts the issuer from the account.
        let issuer: String = issuer.chars().filter(|c| *c != ':').take(LONGEST_ISSUER).collect();
        let account = account.replace(':', "");
        let totp = builder(secret).with_issuer(Some(issuer)).with_account_name(account).build()?;
        Ok(Self { totp })
    }

    fn secret(&self) -> String {
        self.totp.secret().to_base32()
    }

    fn uri(&self) -> Result<String, Error> {
        Ok(self.totp.to_url()?)
    }

    fn qr_svg(&self) -> Result<String, Error> {
        let code = QrCode::with_error_correction_level(self.uri()?, EcLevel::M)?;
        Ok(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
    }
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new().with_secret(secret.to_vec()).with_skew(SKEW).with_step_duration(STEP_SECONDS)
}

/// The step whose code this is, if it is one of the present or next to it. Every step is compared in constant time.
fn step_of(secret: &[u8], code: &Secret<String>, now: DateTime<Utc>) -> Result<Option<i64>, TotpError> {
    let digits: Secret<String> = Secret::new(code.expose().chars().filter(|c| !c.is_whitespace()).collect());
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let step = builder(secret).build()?.check(digits.expose(), seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the codes of RFC 6238, appendix B, cut to six digits.
    const SECRET: &[u8] = b"12345678901234567890";

    fn step(code: &str, seconds: i64) -> Option<i64> {
        let now = DateTime::from_timestamp(seconds, 0).unwrap();
        step_of(SECRET, &Secret::new(code.to_owned()), now).unwrap()
    }

    #[test]
    fn the_codes_of_the_rfc_are_right() {
        for (code, seconds) in
            [("287082", 59), ("081804", 1_111_111_109), ("005924", 1_234_567_890), ("353130", 20_000_000_000)]
        {
            assert_eq!(step(code, seconds), Some(seconds / 30), "{code}");
        }
        assert_eq!(step(" 287 082 ", 59), Some(1));
    }

    #[test]
    fn p_16_a_code_is_taken_one_step_early_or_late_and_no_more() {
        let at = 1_234_567_890;
        for (late, taken) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            assert_eq!(step("005924", at + late).is_some(), taken, "{late} s");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for code in ["", "28708", "2870820", "abcdef", "２８７０８２", "-87082", "287082\0"] {
            assert_eq!(step(code, 59), None, "{code:?}");
        }
    }

    #[test]
    fn an_application_gets_the_secret_with_its_issuer_and_account() {
        let shown = Labelled::new(SECRET, "Ac:me & Sons", "ana@acme.com").unwrap();
        assert_eq!(shown.secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = shown.uri().unwrap();
        assert!(uri.starts_with("otpauth://totp/Acme%20%26%20Sons:ana%40acme.com?secret=GEZD"), "{uri}");
        assert!(uri.contains("&issuer=Acme%20%26%20Sons"), "{uri}");
        let svg = shown.qr_svg().unwrap();
        assert!(svg.contains("<svg ") && svg.ends_with("</svg>") && !svg.contains("script"), "{svg}");
    }

    #[test]
    fn the_longest_names_still_fit_a_code() {
        let shown =
            Labelled::new(SECRET, &"Ж".repeat(300), &format!("{}@acme.com", "é".repeat(240))).unwrap();
        shown.qr_svg().unwrap();
    }
}
