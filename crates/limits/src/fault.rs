//! Why Redis cannot be named or asked.

use std::time::Duration;

use redis::RedisError;

/// A URL that is none of Redis.
#[derive(Debug, thiserror::Error)]
#[error(
    "it must be like redis://host:6379/0, rediss:// for TLS, redis+unix:///path/of/socket, or \
     redis-sentinel://host:26379,host:26379/service"
)]
pub struct InvalidUrl;

/// Redis gave no answer that could be used.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// It took too long.
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    /// Its sentinels name another server.
    #[error("another server is the master")]
    Moved,
    /// It refused, or the connection broke.
    #[error(transparent)]
    Failed(#[from] RedisError),
}
