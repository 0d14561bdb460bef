//! Where a rule gives a role: in an organization of this id, or at a path that somebody's attributes may spell out.

use std::{collections::BTreeMap, fmt};

use elder_api_types::{OrganizationId, invitation::OrganizationRole, provisioning::RoleByRule};
use elder_kernel::fold;

use super::{Attributes, MOST_GIVEN};

/// Names of organizations from the root down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(Vec<String>);

/// What was found at paths.
pub(crate) type Found = BTreeMap<Path, OrganizationId>;

impl Path {
    /// Reads names that are parted by slashes, as providers write groups within groups. None if there is no name.
    fn read(text: &str) -> Option<Self> {
        let names: Vec<_> =
            text.split('/').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (!names.is_empty()).then_some(Self(names))
    }

    /// The names as organizations are found by them.
    pub(super) fn folded(&self) -> Vec<String> {
        self.0.iter().map(|name| fold(name)).collect()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

/// A role in one organization, wherever that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum There {
    Known(OrganizationRole),
    At(Path, RoleByRule),
}

impl There {
    /// Where a rule gives a role to somebody with these attributes.
    pub(super) fn of(role: &RoleByRule, attributes: &Attributes) -> Vec<Self> {
        let RoleByRule { organization_id, path, role: built_in, role_id } = role.clone();
        if let Some(organization_id) = organization_id {
            return vec![Self::Known(OrganizationRole { organization_id, role: built_in, role_id })];
        }
        let texts = spelled_out(path.as_deref().unwrap_or_default(), attributes);
        let paths = texts.iter().filter_map(|text| Path::read(text));
        paths.map(|path| Self::At(path, role.clone())).collect()
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Known(_) => None,
            Self::At(path, _) => Some(path),
        }
    }

    /// The role, if the organization is there.
    pub(super) fn at(&self, found: &Found) -> Option<OrganizationRole> {
        match self {
            Self::Known(role) => Some(role.clone()),
            Self::At(path, role) => {
                let organization_id = *found.get(path)?;
                Some(OrganizationRole { organization_id, role: role.role, role_id: role.role_id })
            }
        }
    }
}

/// A text in which `{name}` stands for each value of an attribute: one text for each, none where there is no value.
pub(super) fn spelled_out(template: &str, attributes: &Attributes) -> Vec<String> {
    let Some((before, rest)) = template.split_once('{') else { return vec![template.to_owned()] };
    let Some((name, after)) = rest.split_once('}') else { return vec![template.to_owned()] };
    let behind = spelled_out(after, attributes);
    let values = attributes.values(name).iter();
    let each = values.flat_map(|value| behind.iter().map(move |after| format!("{before}{value}{after}")));
    each.take(MOST_GIVEN).collect()
}
