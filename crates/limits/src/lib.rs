#![doc = include_str!("../README.md")]

mod bucket;
mod fault;
mod limiter;
mod memory;
mod place;
mod quota;
mod shared;
mod verdict;

pub use bucket::{Bucket, Subject};
pub use fault::{InvalidUrl, Lost};
pub use limiter::Limiter;
pub use memory::Memory;
pub use quota::Quota;
pub use shared::{Link, Shared};
pub use verdict::{Refusal, Standing, Verdict};
