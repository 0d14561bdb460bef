#![doc = include_str!("../README.md")]

mod bucket;
mod limiter;
mod memory;
mod place;
mod quota;
mod shared;
mod verdict;

pub use bucket::{Bucket, Subject};
pub use limiter::Limiter;
pub use memory::Memory;
pub use quota::Quota;
pub use shared::{InvalidUrl, Link, Lost, Shared};
pub use verdict::{Refusal, Standing, Verdict};
