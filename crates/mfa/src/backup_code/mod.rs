//! Codes on paper, for the day when no authenticator is at hand.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{Random, Secret};
use sha2::{Digest as _, Sha256};

pub(crate) use elder_api_types::mfa::BackupCodes;

/// How many a person gets at once.
const COUNT: usize = 10;
/// Letters of a code: 50 bits. Tries are counted on the account, and the digest is stored sealed.
const LENGTH: usize = 10;
/// Crockford's alphabet: no letter is taken for another when it is read from paper.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new code, as it is shown: `7kq2m-x4p9t`.
fn draw(random: &Random) -> String {
    let letters = random.bytes::<LENGTH>().map(|byte| LETTERS.get(usize::from(byte & 31)).copied());
    let mut code: String = letters.into_iter().flatten().map(char::from).collect();
    code.insert(LENGTH / 2, '-');
    code
}

/// The digest of a code, however it was copied.
fn digest(code: &str) -> [u8; 32] {
    let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase());
    let letters = letters.map(|c| match c {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    let code = Secret::new(letters.collect::<String>());
    Sha256::digest(code.expose()).into()
}

#[cfg(test)]
mod tests {
    use elder_kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_code_has_two_groups_of_five_letters_that_nobody_mixes_up() {
        let random = Random::new(SeededRandom::new(7));
        let codes: Vec<_> = (0..COUNT).map(|_| draw(&random)).collect();
        for code in &codes {
            assert_eq!((code.len(), code.find('-')), (11, Some(5)), "{code}");
            assert!(!code.contains(['i', 'l', 'o', 'u']), "{code}");
        }
        assert_ne!(codes[0], codes[1]);
    }

    #[test]
    fn a_code_is_the_same_however_it_is_copied() {
        let code = digest("7kq2m-x410t");
        for copied in ["7kq2mx410t", "7KQ2M-X410T", " 7kq2m x4l0t ", "7kq2m-x4iot"] {
            assert_eq!(digest(copied), code, "{copied}");
        }
        assert_ne!(digest("7kq2m-x410s"), code);
    }
}
