//! What the users and groups of a directory have in common: how they are kept, told apart, shown and found.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_access::TenantConn;
use elder_kernel::{Directory, Id, Kind, TenantId};
use elder_scim_protocol::{
    filter::Asked,
    resource::{Meta, Resource},
    schema::ResourceType,
};
use serde_json::Value;
use uuid::Uuid;

use self::service::Reads;
use crate::{Error, Vocabulary, wire::names_version};

/// The directory whose token was sent, and what of it concerns everything that is pushed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within {
    pub(crate) tenant: TenantId,
    pub(crate) directory: Id<Directory>,
    pub(crate) sync_groups: bool,
    pub(crate) entitlements: Vocabulary,
}

/// The lists of some resources, by whose they are.
pub(crate) type Lists = std::collections::HashMap<Uuid, Vec<Value>>;

/// A kind of resources that a provider pushes.
pub(crate) trait Pushable: Kind + Sized {
    /// What it is to clients.
    const TYPE: &'static ResourceType;
    /// The list that is made of the rows of memberships: `members` of a group, `groups` of a user.
    const LIST: &'static str;
    /// How it is read.
    const READS: Reads;

    /// Reads the lists of some resources, as far as they are asked for.
    async fn lists(
        conn: &TenantConn,
        within: Within,
        base_url: &str,
        of: (&[Pushed<Self>], &Asked),
    ) -> Result<Lists, Error>;
}

/// A resource, and what the server knows of it. It has no `id` and no `meta` of its own, and its list stands apart.
pub(crate) struct Pushed<K> {
    pub(crate) id: Id<K>,
    pub(crate) resource: Resource,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Whether it is a user who is in a group: nobody else's list of groups is read.
    pub(crate) is_member: bool,
    /// The values of the list, as far as they were read.
    pub(crate) list: Vec<Value>,
}

/// Which resource of which directory is meant, and in which versions.
pub(crate) struct Aim<'a, K> {
    pub(crate) within: Within,
    pub(crate) id: Id<K>,
    pub(crate) if_match: Option<&'a str>,
}

impl<K> Clone for Aim<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Aim<'_, K> {}

impl<K: Pushable> Pushed<K> {
    /// A resource that is created now.
    pub(crate) fn new(id: Id<K>, resource: Resource, now: DateTime<Utc>) -> Self {
        Self {
            id,
            resource,
            version: 1,
            created_at: now,
            updated_at: now,
            is_member: false,
            list: Vec::new(),
        }
    }

    /// The resource after a change.
    pub(crate) fn changed(self, resource: Resource, now: DateTime<Utc>) -> Self {
        Self { resource, version: self.version + 1, updated_at: now, ..self }
    }

    /// The entity tag (RFC 7644 §3.14).
    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    /// Where it is.
    pub(crate) fn location(&self, base_url: &str) -> String {
        location(K::TYPE, base_url, &self.id.to_string())
    }

    /// The resource as clients see it.
    pub(crate) fn shown(&self, base_url: &str) -> Resource {
        let mut resource = self.resource.clone();
        if !self.list.is_empty() {
            resource.assign(K::LIST, self.list.clone().into());
        }
        let meta = Meta {
            created: self.created_at,
            last_modified: self.updated_at,
            version: self.etag(),
            location: self.location(base_url),
        };
        resource.identify(&self.id.to_string(), &meta);
        resource
    }

    /// Whether a client that names these versions means this one.
    pub(crate) fn is_named_by(&self, if_match: Option<&str>) -> bool {
        if_match.is_none_or(|list| names_version(list, &self.etag()))
    }
}

/// Where a resource of a type is.
pub(crate) fn location(kind: &ResourceType, base_url: &str, id: &str) -> String {
    format!("{base_url}{}/{id}", kind.endpoint)
}
