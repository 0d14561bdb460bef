//! Cursors of lists: what a client sends back unread, sealed so that it can be neither forged nor moved.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Sealer;

/// Longer texts are refused before they are read: a cursor holds a sort key and an id.
const LONGEST: usize = 4096;

/// A cursor that was altered, or that belongs to another list, order, filter or tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not valid for this list")]
pub struct InvalidCursor;

/// Writes and reads cursors.
#[derive(Clone)]
pub struct Cursors(Sealer);

impl Cursors {
    /// Cursors under the master key of `sealer`.
    pub const fn new(sealer: Sealer) -> Self {
        Self(sealer)
    }

    /// Writes `position` for the list `scope` (`tenant|route|sort|filter`).
    ///
    /// # Errors
    /// [`InvalidCursor`] if `position` has no JSON form or is too long for a query string.
    pub fn encode<T: Serialize>(&self, scope: &str, position: &T) -> Result<String, InvalidCursor> {
        let json = serde_json::to_vec(position).map_err(|_| InvalidCursor)?;
        let text = URL_SAFE_NO_PAD.encode(self.0.seal(&aad(scope), &json));
        if text.len() > LONGEST { Err(InvalidCursor) } else { Ok(text) }
    }

    /// Reads a cursor of the list `scope`.
    ///
    /// # Errors
    /// [`InvalidCursor`] for whatever [`Self::encode`] did not write for the same `scope`.
    pub fn decode<T: DeserializeOwned>(&self, scope: &str, text: &str) -> Result<T, InvalidCursor> {
        if text.len() > LONGEST {
            return Err(InvalidCursor);
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let json = self.0.open(&aad(scope), &sealed).map_err(|_| InvalidCursor)?;
        serde_json::from_slice(&json).map_err(|_| InvalidCursor)
    }
}

/// Keeps cursors apart from sealed columns, which share the key.
fn aad(scope: &str) -> String {
    format!("cursor|{scope}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;
    use elder_kernel::{Random, SeededRandom};

    fn cursors() -> Cursors {
        let random = Random::new(SeededRandom::new(3));
        Cursors::new(Sealer::new(&MasterKey::generate(&random), random))
    }

    #[test]
    fn a_cursor_leads_back_to_its_position_in_its_own_list_only() {
        let cursors = cursors();
        let text = cursors.encode("7|users|email|", &("ana@example.com", 5)).unwrap();
        assert_eq!(cursors.decode("7|users|email|", &text), Ok(("ana@example.com".to_owned(), 5)));
        for scope in ["8|users|email|", "7|users|-email|", "7|users|email|active eq true", ""] {
            assert_eq!(cursors.decode::<(String, u32)>(scope, &text), Err(InvalidCursor), "{scope}");
        }
    }

    #[test]
    fn a_forged_or_overlong_cursor_is_refused() {
        let cursors = cursors();
        let text = cursors.encode("s", &1).unwrap();
        for forged in ["", "AAAA", "' or 1=1 --", &text[1..], &format!("{text}="), &"A".repeat(1 << 20)] {
            assert_eq!(cursors.decode::<u32>("s", forged), Err(InvalidCursor));
        }
        assert_eq!(cursors.encode("s", &"x".repeat(LONGEST)), Err(InvalidCursor));
    }

    #[test]
    fn a_sealed_column_is_no_cursor() {
        let cursors = cursors();
        let column = URL_SAFE_NO_PAD.encode(cursors.0.seal("s", b"1"));
        assert_eq!(cursors.decode::<u32>("s", &column), Err(InvalidCursor));
    }
}
