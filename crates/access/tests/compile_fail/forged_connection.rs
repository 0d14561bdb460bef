//! A connection exists only inside a transaction.
use elder_access::TenantConn;

pub async fn forge() {
    let _ = TenantConn::take();
}
