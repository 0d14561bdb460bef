//! The label of a tenant, and the bound on how many there are.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use elder_kernel::TenantId;

/// The label of all tenants beyond the bound.
pub(crate) const OTHER: &str = "other";

/// Labels of the first tenants that were counted.
pub(crate) struct TenantLabels {
    most: usize,
    known: RwLock<HashMap<TenantId, Arc<str>>>,
    other: Arc<str>,
}

impl TenantLabels {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, known: RwLock::default(), other: OTHER.into() }
    }

    /// How many tenants have a label of their own.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// The tenant's own label, or `other` if it came after the bound was reached.
    pub(crate) fn label(&self, tenant: TenantId) -> Arc<str> {
        if let Some(label) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&tenant) {
            return label.clone();
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.most && !known.contains_key(&tenant) {
            return self.other.clone();
        }
        known.entry(tenant).or_insert_with(|| tenant.to_string().into()).clone()
    }
}

/// Sums counts by label: the `most` largest tenants keep their own, the rest fall together as `other`.
pub(crate) fn largest(
    counts: &[(TenantId, &'static str, i64)],
    most: usize,
) -> BTreeMap<(String, &'static str), i64> {
    let mut sizes: HashMap<TenantId, i64> = HashMap::new();
    for (tenant, _, count) in counts {
        *sizes.entry(*tenant).or_default() += count;
    }
    let mut ranked: Vec<(TenantId, i64)> = sizes.into_iter().collect();
    ranked.sort_by_key(|(tenant, size)| (std::cmp::Reverse(*size), *tenant));
    let own: HashSet<TenantId> = ranked.into_iter().take(most).map(|(tenant, _)| tenant).collect();
    let mut sums = BTreeMap::new();
    for (tenant, kind, count) in counts {
        let label = if own.contains(tenant) { tenant.to_string() } else { OTHER.to_owned() };
        *sums.entry((label, *kind)).or_default() += count;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_after_the_bound_share_one_label_and_the_first_keep_theirs() {
        let labels = TenantLabels::new(2);
        let seen: Vec<_> = [7, 8, 9, 7, 10].map(|id| labels.label(TenantId(id)).to_string()).to_vec();
        assert_eq!(seen, ["7", "8", "other", "7", "other"]);
    }

    #[test]
    fn a_hundred_thousand_tenants_take_no_more_room_than_the_bound() {
        let labels = TenantLabels::new(1_000);
        let seen: HashSet<_> = (0..100_000).map(|id| labels.label(TenantId(id))).collect();
        assert_eq!((seen.len(), labels.known.read().unwrap().len()), (1_001, 1_000));
    }

    #[test]
    fn gauges_keep_the_largest_tenants_and_lose_no_row() {
        let counts = [
            (TenantId(1), "portal_user", 1),
            (TenantId(2), "portal_user", 5),
            (TenantId(3), "portal_user", 2),
            (TenantId(3), "organization", 9),
        ];
        let sums = largest(&counts, 1);
        assert_eq!(sums[&("3".to_owned(), "portal_user")], 2);
        assert_eq!(sums[&("3".to_owned(), "organization")], 9);
        assert_eq!(sums[&(OTHER.to_owned(), "portal_user")], 6);
        assert_eq!(sums.len(), 3);
    }
}
