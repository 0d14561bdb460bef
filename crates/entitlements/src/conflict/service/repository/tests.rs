//! What is read to see whether somebody holds what may not be held together.

use super::*;
use crate::plan::{ENTITLEMENT, USER, crowded};

#[tokio::test]
async fn a_broken_rule_is_found_by_indexes() {
    let app = crowded().await;
    let values = format!("$tenant, {USER}, array[{ENTITLEMENT}]");
    app.expect_indexed("BROKEN", BROKEN, &values, &[]).await;
}
