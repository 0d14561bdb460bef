//! Devices: the programs with which people have signed in, known by a token that is no credential.

mod program;
pub(crate) mod routes;
pub(crate) mod service;

use elder_crypto::{OpaqueToken, Parsed, TokenKind};
use elder_kernel::{
    Secret,
    collection::{Collection, Field},
};

pub(crate) use elder_api_types::{
    DeviceId,
    device::{Device, DevicePatch},
};

/// What a device showed at a sign-in, before it was compared with anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeviceToken(Parsed);

impl DeviceToken {
    /// Reads the token. What Elder never gave out shows nothing, so it is passed over.
    pub(crate) fn read(text: &Secret<String>) -> Option<Self> {
        let parsed = OpaqueToken::parse(text.expose()).ok();
        parsed.filter(|parsed| parsed.kind == TokenKind::Device).map(Self)
    }

    pub(crate) fn id(&self) -> DeviceId {
        DeviceId::from_uuid(self.0.id)
    }

    /// What the database compares it with.
    pub(crate) fn hash(&self) -> Vec<u8> {
        self.0.secret_hash.as_bytes().to_vec()
    }
}

/// The devices of a person, as they are listed.
#[derive(Debug)]
pub(crate) enum Devices {}

impl Collection for Devices {
    const NAME: &'static str = "devices";
    const FIELDS: &'static [Field] = &[
        Field::id::<elder_kernel::Device>("id").sortable(),
        Field::text("name"),
        Field::bool("is_current").unfiltered(),
        Field::text("user_agent"),
        Field::text("ip"),
        Field::time("first_seen_at").sortable(),
        Field::time("last_seen_at").sortable(),
        Field::time("remembered_until"),
    ];
}
