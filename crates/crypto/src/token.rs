//! Opaque credentials: `elder_rt_7_01h455vb4pex5vsknk084sn02q_<secret><checksum>`, stored as a hash.

use std::{fmt, iter};

use elder_kernel::{Id, Kind, Random, Secret, TenantId};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

/// 43 characters of 62 hold 256 bits.
pub(crate) const SECRET_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 8;
pub(crate) const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

macro_rules! token_kinds {
    ($($(#[$doc:meta])* $kind:ident = $prefix:literal;)*) => {
        /// What a credential is good for; its prefix says so to a reader and to secret scanners.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TokenKind { $($(#[$doc])* $kind,)* }

        impl TokenKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// What a credential of this kind begins with.
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$kind => $prefix,)* }
            }
        }
    };
}

token_kinds! {
    /// Renews an access token.
    RefreshToken = "elder_rt";
    /// Shows beside a right password that its owner was here before; alone it opens nothing.
    Device = "elder_dev";
    /// Lets an identity provider push into a SCIM directory.
    ScimToken = "elder_scim";
    /// Makes the first owner of an empty platform.
    SetupToken = "elder_setup";
    /// Accepts an invitation.
    Invitation = "elder_invite";
    /// Proves that an e-mail address is reached.
    EmailProof = "elder_email";
    /// Sets a new password.
    PasswordReset = "elder_reset";
    /// Keeps a browser signed in to Elder's own pages.
    BrowserSession = "elder_web";
    /// Brings somebody who signed in back to an application, once.
    AuthorizationCode = "elder_code";
    /// Binds a sign-in that is at an identity provider to the browser that it began in.
    SingleSignOn = "elder_sso";
    /// Continues a sign-in of several steps.
    Flow = "elder_flow";
}

/// The digest under which a credential is stored and found.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// What a credential says of itself, before anything was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parsed {
    /// What it is good for.
    pub kind: TokenKind,
    /// The tenant whose table has it.
    pub tenant: TenantId,
    /// Its row.
    pub id: Uuid,
    /// To be compared with the stored hash.
    pub secret_hash: TokenHash,
}

/// A text that Elder never gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no credential of Elder")]
pub struct NotAToken;

/// Makes and reads opaque credentials.
pub struct OpaqueToken;

/// Prints the id of a row as the API shows it after the prefix of its kind.
pub(crate) enum Bare {}

impl Kind for Bare {
    const PREFIX: &'static str = "";
    const NAME: &'static str = "the row of a credential";
}

impl OpaqueToken {
    /// A new credential for the row `id`: the text goes to its holder once, the hash is stored.
    pub fn mint(kind: TokenKind, tenant: TenantId, id: Uuid, random: &Random) -> (Secret<String>, TokenHash) {
        let secret = Zeroizing::new(secret(random));
        // An id without prefix still begins with the underscore.
        let row = Id::<Bare>::from_uuid(id);
        let signed = Zeroizing::new(format!("{}_{tenant}{row}_{}", kind.prefix(), *secret));
        let checksum = crc32(signed.as_bytes());
        (Secret::new(format!("{}{checksum:08x}", *signed)), TokenHash::of(&secret))
    }

    /// Reads a credential without looking it up. The checksum refuses typos and guesses.
    ///
    /// # Errors
    /// [`NotAToken`] for whatever [`Self::mint`] did not write.
    pub fn parse(text: &str) -> Result<Parsed, NotAToken> {
        let split = text.len().checked_sub(CHECKSUM_LENGTH).ok_or(NotAToken)?;
        let (signed, checksum) = text.split_at_checked(split).ok_or(NotAToken)?;
        // The prefix first: it is cheap, and most credentials are no tokens of this form but access tokens.
        let (kind, rest) = TokenKind::ALL
            .iter()
            .find_map(|kind| Some((*kind, signed.strip_prefix(kind.prefix())?.strip_prefix('_')?)))
            .ok_or(NotAToken)?;
        if checksum != format!("{:08x}", crc32(signed.as_bytes())) {
            return Err(NotAToken);
        }
        let (place, secret) = rest.rsplit_once('_').ok_or(NotAToken)?;
        let (number, row) = place.split_at(place.find('_').ok_or(NotAToken)?);
        let tenant = number.parse().map(TenantId).map_err(|_| NotAToken)?;
        let id = row.parse::<Id<Bare>>().map_err(|_| NotAToken)?.uuid();
        if tenant.to_string() != number || secret.len() != SECRET_LENGTH {
            return Err(NotAToken);
        }
        Ok(Parsed { kind, tenant, id, secret_hash: TokenHash::of(secret) })
    }
}

impl TokenHash {
    /// Takes a stored digest back.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest, for the database.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }
}

impl PartialEq for TokenHash {
    /// Takes the same time wherever the digests differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
impl Eq for TokenHash {}

impl TryFrom<&[u8]> for TokenHash {
    type Error = NotAToken;

    fn try_from(bytes: &[u8]) -> Result<Self, NotAToken> {
        bytes.try_into().map(Self).map_err(|_| NotAToken)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash of a credential]")
    }
}

/// Letters and digits only, so that a double click selects the whole; values past 61 are drawn again.
pub(crate) fn secret(random: &Random) -> String {
    iter::repeat_with(|| random.bytes::<64>())
        .flatten()
        .filter_map(|byte| LETTERS.get(usize::from(byte & 63)))
        .map(|letter| char::from(*letter))
        .take(SECRET_LENGTH)
        .collect()
}

/// CRC-32 as of ISO 3309, the one of gzip and PNG.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use elder_kernel::SeededRandom;
    use proptest::prelude::*;

    fn random() -> Random {
        Random::new(SeededRandom::new(11))
    }

    #[test]
    fn a_credential_tells_its_kind_tenant_and_row_and_hides_its_secret() {
        let id: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let (text, hash) = OpaqueToken::mint(TokenKind::RefreshToken, TenantId(7), id, &random());
        assert!(text.expose().starts_with("elder_rt_7_01h455vb4pex5vsknk084sn02q_"), "{}", text.expose());
        let parsed = OpaqueToken::parse(text.expose()).unwrap();
        assert_eq!(
            parsed,
            Parsed { kind: TokenKind::RefreshToken, tenant: TenantId(7), id, secret_hash: hash }
        );
        assert!(!format!("{parsed:?}").contains(&text.expose()[38..]));
    }

    #[test]
    fn no_prefix_can_be_taken_for_another() {
        for kind in TokenKind::ALL {
            let start = format!("{}_", kind.prefix());
            assert_eq!(TokenKind::ALL.iter().filter(|other| other.prefix().starts_with(&start)).count(), 0);
            let (text, _) = OpaqueToken::mint(*kind, TenantId::SYSTEM, Uuid::nil(), &random());
            assert_eq!(OpaqueToken::parse(text.expose()).map(|parsed| parsed.kind), Ok(*kind));
        }
    }

    #[test]
    fn a_credential_with_a_right_checksum_and_another_spelling_is_refused() {
        let secret = "x".repeat(SECRET_LENGTH);
        for place in
            ["elder_rt_07_01h455vb4pex5vsknk084sn02q", "elder_xx_7_01h455vb4pex5vsknk084sn02q", "elder_rt_7"]
        {
            let text = format!("{place}_{secret}");
            let text = format!("{text}{:08x}", crc32(text.as_bytes()));
            assert_eq!(OpaqueToken::parse(&text), Err(NotAToken), "{text}");
        }
    }

    #[test]
    fn the_checksum_is_the_crc_32_that_everybody_has() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn a_changed_character_is_refused_without_a_look_up(at in 0usize..90, put in "[a-zA-Z0-9_é]") {
            let (text, _) = OpaqueToken::mint(TokenKind::ScimToken, TenantId(3), Uuid::nil(), &random());
            let at = at % text.expose().len();
            let changed: String =
                text.expose().char_indices().map(|(i, c)| if i == at { put.clone() } else { c.into() }).collect();
            prop_assume!(changed != *text.expose());
            prop_assert_eq!(OpaqueToken::parse(&changed), Err(NotAToken));
        }

        #[test]
        fn reading_never_panics(text: String) {
            prop_assert_eq!(OpaqueToken::parse(&text), Err(NotAToken));
        }
    }
}
