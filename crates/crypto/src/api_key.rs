//! API keys: `elder_live_01h455vb4pex5vsknk084sn02q7_<secret><checksum>`, stored as a hash.

use std::{fmt, str::FromStr};

use elder_kernel::{ApiKey, Id, Random, Secret, TenantId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::token::{Bare, LETTERS, NotAToken, SECRET_LENGTH, TokenHash, TokenKind, crc32, secret};

/// Six characters of 62 hold the 32 bits of the checksum.
const CHECKSUM_LENGTH: usize = 6;
/// What an id has after its prefix and underscore.
const ROW_LENGTH: usize = 26;
const LONGEST_ENVIRONMENT: usize = 16;

/// Which installation a key is for, such as `live` or `test`. It stands in the key, so that one that strays into
/// another installation is refused there without a look-up, and secret scanners see how much a find matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEnvironment(String);

/// A text that names no environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an environment is 1 to {LONGEST_ENVIRONMENT} of a-z and 0-9, begins with a letter, and is no word that other \
     credentials begin with"
)]
pub struct InvalidEnvironment;

/// What a key says of itself, before anything was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresentedKey {
    /// The tenant whose table has it.
    pub tenant: TenantId,
    /// Its row.
    pub id: Id<ApiKey>,
    /// To be compared with the stored hashes.
    pub secret_hash: TokenHash,
}

impl KeyEnvironment {
    /// A new key for the row `id`: the text goes to its holder once, the hash is stored.
    pub fn mint(&self, tenant: TenantId, id: Id<ApiKey>, random: &Random) -> (Secret<String>, TokenHash) {
        let secret = Zeroizing::new(secret(random));
        // An id without prefix still begins with the underscore. The tenant follows it without one: a key has four
        // parts, and a row has always the same length.
        let row = Id::<Bare>::from_uuid(id.uuid());
        let signed = Zeroizing::new(format!("elder_{self}{row}{tenant}_{}", *secret));
        (Secret::new(format!("{}{}", *signed, checksum(&signed))), TokenHash::of(&secret))
    }

    /// Reads a key without looking it up. The checksum refuses typos and guesses.
    ///
    /// # Errors
    /// [`NotAToken`] for whatever [`Self::mint`] did not write, and for keys of another environment.
    pub fn parse(&self, text: &str) -> Result<PresentedKey, NotAToken> {
        let split = text.len().checked_sub(CHECKSUM_LENGTH).ok_or(NotAToken)?;
        let (signed, check) = text.split_at_checked(split).ok_or(NotAToken)?;
        let place = signed.strip_prefix("elder_").and_then(|rest| rest.strip_prefix(&self.0));
        let (place, secret) =
            place.and_then(|rest| rest.strip_prefix('_')?.split_once('_')).ok_or(NotAToken)?;
        if secret.len() != SECRET_LENGTH || check != checksum(signed) {
            return Err(NotAToken);
        }
        let (row, number) = place.split_at_checked(ROW_LENGTH).ok_or(NotAToken)?;
        let tenant = number.parse().map(TenantId).map_err(|_| NotAToken)?;
        let id: Uuid = format!("_{row}").parse::<Id<Bare>>().map_err(|_| NotAToken)?.uuid();
        if tenant.to_string() != number {
            return Err(NotAToken);
        }
        Ok(PresentedKey { tenant, id: Id::from_uuid(id), secret_hash: TokenHash::of(secret) })
    }
}

/// The CRC-32 of a text in base 62, as GitHub's tokens have it.
fn checksum(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = ['0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        let letter = usize::try_from(rest % 62).ok().and_then(|value| LETTERS.get(value));
        *digit = letter.map_or('0', |letter| char::from(*letter));
        rest /= 62;
    }
    digits.iter().collect()
}

impl FromStr for KeyEnvironment {
    type Err = InvalidEnvironment;

    fn from_str(text: &str) -> Result<Self, InvalidEnvironment> {
        let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        let is_taken = TokenKind::ALL.iter().any(|kind| kind.prefix().strip_prefix("elder_") == Some(text));
        let fits = begins && plain && text.len() <= LONGEST_ENVIRONMENT && !is_taken;
        fits.then(|| Self(text.to_owned())).ok_or(InvalidEnvironment)
    }
}

impl fmt::Display for KeyEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpaqueToken;
    use elder_kernel::SeededRandom;
    use proptest::prelude::*;

    fn live() -> KeyEnvironment {
        "live".parse().unwrap()
    }

    fn random() -> Random {
        Random::new(SeededRandom::new(11))
    }

    #[test]
    fn a_key_tells_its_tenant_and_row_and_hides_its_secret() {
        let id: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let (text, hash) = live().mint(TenantId(7), Id::from_uuid(id), &random());
        let parts: Vec<_> = text.expose().split('_').collect();
        assert_eq!(parts[..3], ["elder", "live", "01h455vb4pex5vsknk084sn02q7"]);
        assert_eq!((parts.len(), parts[3].len()), (4, SECRET_LENGTH + CHECKSUM_LENGTH));
        let key = live().parse(text.expose()).unwrap();
        assert_eq!(key, PresentedKey { tenant: TenantId(7), id: Id::from_uuid(id), secret_hash: hash });
        assert!(!format!("{key:?}").contains(parts[3]));
    }

    #[test]
    fn a_key_of_another_environment_or_kind_is_refused() {
        let (text, _) = live().mint(TenantId(7), Id::from_uuid(Uuid::nil()), &random());
        let test: KeyEnvironment = "test".parse().unwrap();
        assert_eq!(test.parse(text.expose()), Err(NotAToken));
        assert_eq!(OpaqueToken::parse(text.expose()), Err(NotAToken));
        for kind in TokenKind::ALL {
            let (text, _) = OpaqueToken::mint(*kind, TenantId(7), Uuid::nil(), &random());
            assert_eq!(live().parse(text.expose()), Err(NotAToken));
        }
    }

    #[test]
    fn a_key_with_a_right_checksum_and_another_spelling_is_refused() {
        let row = "01h455vb4pex5vsknk084sn02q";
        for place in
            [format!("{row}07"), row.to_owned(), format!("{row}-"), "7".to_owned(), format!("_{row}7")]
        {
            let text = format!("elder_live_{place}_{}", "x".repeat(SECRET_LENGTH));
            let text = format!("{text}{}", checksum(&text));
            assert_eq!(live().parse(&text), Err(NotAToken), "{text}");
        }
    }

    #[test]
    fn the_checksum_is_six_digits_of_base_62() {
        // 0xcbf43926 = 3421780262.
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn an_environment_is_one_short_word_of_its_own() {
        for good in ["live", "test", "eu1"] {
            assert!(good.parse::<KeyEnvironment>().is_ok(), "{good}");
        }
        for bad in ["", "Live", "1a", "a_b", "a-b", "scim", "rt", "abcdefghijklmnopq", "ä"] {
            assert_eq!(bad.parse::<KeyEnvironment>(), Err(InvalidEnvironment), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_character_is_refused_without_a_look_up(at in 0usize..90, put in "[a-zA-Z0-9_é]") {
            let (text, _) = live().mint(TenantId(3), Id::from_uuid(Uuid::nil()), &random());
            let at = at % text.expose().len();
            let changed: String =
                text.expose().char_indices().map(|(i, c)| if i == at { put.clone() } else { c.into() }).collect();
            prop_assume!(changed != *text.expose());
            prop_assert_eq!(live().parse(&changed), Err(NotAToken));
        }

        #[test]
        fn reading_never_panics(text: String) {
            prop_assert_eq!(live().parse(&text), Err(NotAToken));
        }
    }
}
