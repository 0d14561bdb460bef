//! Redis.

use elder_kernel::Secret;

use crate::setting::section;

section! {
    /// Redis, in which several nodes keep their rate limits together. Without it, or while it does not answer, each
    /// node keeps its own.
    Redis = "redis" {
        /// The server: redis://, rediss:// for TLS, or redis+unix:// with the path of a socket.
        #[env("REDIS_URL")]
        url: Option<Secret<String>> => "redis://:secret@redis.example.com:6379/0";
    }
}
