//! What discovery reads.

use super::*;
use crate::plan::{crowded, is_indexed};

#[tokio::test]
async fn a_domains_provider_is_found_by_the_domain_among_many() {
    let app = crowded().await;
    is_indexed(&app, "BY_DOMAIN", BY_DOMAIN, "'d77-' || $tenant || '.example'").await;
    is_indexed(&app, "OF_TENANT", OF_TENANT, "$tenant").await;
}
