//! Redis.

use elder_kernel::Secret;

use crate::setting::section;

section! {
    /// Redis, in which several nodes keep their rate limits together. Without it, or while it does not answer, each
    /// node keeps its own.
    Redis = "redis" {
        /// The server: redis://, rediss:// for TLS, or redis+unix:// with the path of a socket. Or those who name it:
        /// redis-sentinel://:secret@s1:26379,s2:26379,s3:26379/service, rediss-sentinel:// for TLS; name and password are
        /// the servers', the sentinels are asked without.
        #[env("REDIS_URL")]
        url: Option<Secret<String>> => "redis://:secret@redis.example.com:6379/0";
    }
}
