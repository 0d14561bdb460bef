//! Redis.

use elder_kernel::Secret;

use crate::setting::section;

section! {
    /// Redis, which several nodes share. Without it a node keeps to its own memory and to PostgreSQL.
    Redis = "redis" {
        /// The server.
        #[env("REDIS_URL")]
        url: Option<Secret<String>> => "redis://:secret@redis.example.com:6379/0";
    }
}
