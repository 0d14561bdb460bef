//! `elder routes` and `elder permissions`: tables made from what the server enforces.

use elder_access::{Feature, Level, PermissionRow, Tier, markers};

use super::output::table;

/// Every route with its gate.
pub(super) fn routes() -> String {
    let api = crate::api();
    let mut rows: Vec<_> = api
        .routes()
        .iter()
        .map(|route| {
            let feature = route.gate.feature.unwrap_or("-").to_owned();
            [route.method.to_string(), route.path.clone(), route.gate.name.to_owned(), feature]
        })
        .collect();
    rows.sort_by(|one, other| (&one[1], &one[0]).cmp(&(&other[1], &other[0])));
    table(["METHOD", "PATH", "NEEDS", "FEATURE"], &rows)
}

/// Every permission with the roles that hold it.
pub(super) fn permissions() -> String {
    let rows: Vec<_> = markers::ALL
        .iter()
        .map(|row| {
            let feature = row.feature.map_or("-", Feature::name).to_owned();
            [
                row.name.to_owned(),
                tier(row.tier).to_owned(),
                holders(row),
                feature,
                row.description.to_owned(),
            ]
        })
        .collect();
    table(["PERMISSION", "TIER", "HELD BY", "FEATURE", "ALLOWS"], &rows)
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Global => "global",
        Tier::Tenant => "tenant",
        Tier::Organization => "organization",
        Tier::Directory => "directory",
    }
}

fn holders(row: &PermissionRow) -> String {
    let names = match (row.tier, row.least) {
        (Tier::Global, Level::Reader) => "admin, support",
        (Tier::Global, _) | (_, Level::Admin) => "admin",
        (Tier::Directory, _) => "token",
        (_, Level::Maintainer) => "admin, maintainer",
        (_, Level::Reader) => "admin, maintainer, reader",
    };
    if row.tier == Tier::Directory {
        if row.writes { "token that may write" } else { "token" }.to_owned()
    } else {
        names.to_owned()
    }
}
