//! Entity tags (RFC 9110 §8.8.3), and what a change demands of the resource that it finds.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Coded, ErrorCode};

/// Bytes of the digest that a tag keeps.
const DIGEST: usize = 12;

/// The tag of one state of a resource: a digest of what it shows, and before it the version, where it has one.
///
/// A cache asks for the whole tag. A change asks for the version alone (`"7.…"`): what moves without anyone's change,
/// such as the time of the last sign-in, stands in nobody's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

/// A resource that is not as the caller believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the resource is no longer what `If-Match` names: read it again")]
pub struct VersionMismatch;

/// What a change demands of the resource that it finds (`If-Match`, RFC 9110 §13.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// That it is one of these states.
    OneOf(Vec<String>),
}

impl EntityTag {
    /// The tag of a resource as it is shown; none if it has no JSON form.
    pub fn of<T: Serialize>(resource: &T) -> Option<Self> {
        let json = serde_json::to_value(resource).ok()?;
        let digest = Sha256::digest(json.to_string());
        let digest = URL_SAFE_NO_PAD.encode(digest.get(..DIGEST)?);
        let version = json.get("version").and_then(Value::as_i64);
        Some(Self(version.map_or_else(|| digest.clone(), |version| format!("{version}.{digest}"))))
    }

    /// The tag as a header has it, in quotes.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// Whether a list of tags, as `If-None-Match` has it, names the quoted `tag`; weakly compared (RFC 9110 §13.1.2).
    pub fn is_among(tag: &str, list: &str) -> bool {
        list.trim() == "*" || tags(list).any(|named| named.strip_prefix("W/").unwrap_or(named) == tag)
    }

    fn fits(&self, named: &str) -> bool {
        let version = |tag: &str| tag.split_once('.').map(|(version, _)| version.to_owned());
        match (version(&self.0), version(named)) {
            (Some(own), Some(named)) => own == named,
            _ => self.0 == named,
        }
    }
}

impl Coded for VersionMismatch {
    fn code(&self) -> ErrorCode {
        ErrorCode::VersionMismatch
    }
}

impl Precondition {
    /// Reads the header `If-Match`. `*` demands that there is a resource, which every change does anyway. A weak tag
    /// never fits.
    pub fn read(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::None;
        }
        let strong = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        Self::OneOf(tags(header).filter_map(strong).collect())
    }

    /// Compares with the resource as it is now.
    ///
    /// # Errors
    /// [`VersionMismatch`].
    pub fn check<T: Serialize>(&self, present: &T) -> Result<(), VersionMismatch> {
        let Self::OneOf(named) = self else { return Ok(()) };
        let tag = EntityTag::of(present).ok_or(VersionMismatch)?;
        if named.iter().any(|named| tag.fits(named)) { Ok(()) } else { Err(VersionMismatch) }
    }
}

/// The tags of a list. No tag of ours has a comma in it.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tag(resource: &Value) -> String {
        EntityTag::of(resource).unwrap().quoted()
    }

    #[test]
    fn a_change_asks_for_the_version_and_a_cache_for_every_byte() {
        let before = json!({ "name": "a", "version": 7, "last_login_at": null });
        let after = json!({ "name": "a", "version": 7, "last_login_at": "2026-11-21T00:00:00Z" });
        assert_eq!(Precondition::read(&tag(&before)).check(&after), Ok(()));
        assert!(!EntityTag::is_among(&tag(&after), &tag(&before)));
        assert!(EntityTag::is_among(&tag(&after), &format!("\"x\", W/{}", tag(&after))));
        let changed = json!({ "name": "b", "version": 8, "last_login_at": null });
        assert_eq!(Precondition::read(&tag(&before)).check(&changed), Err(VersionMismatch));
    }

    #[test]
    fn a_resource_without_a_version_is_compared_whole() {
        let (before, after) = (json!({ "name": "a.b" }), json!({ "name": "c" }));
        assert_eq!(Precondition::read(&tag(&before)).check(&before), Ok(()));
        assert_eq!(Precondition::read(&tag(&before)).check(&after), Err(VersionMismatch));
    }

    #[test]
    fn a_star_demands_nothing_and_what_is_no_strong_tag_never_fits() {
        let now = json!({ "version": 1 });
        assert_eq!(Precondition::read(" * ").check(&now), Ok(()));
        for never in ["", "1", "garbage", &format!("W/{}", tag(&now)), "\"2.x\"", "\"\""] {
            assert_eq!(Precondition::read(never).check(&now), Err(VersionMismatch), "{never}");
        }
        assert_eq!(Precondition::read(&format!("\"2.x\", {}", tag(&now))).check(&now), Ok(()));
    }
}
