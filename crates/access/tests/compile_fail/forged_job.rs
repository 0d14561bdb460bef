//! A job is made by the worker alone.
use std::marker::PhantomData;

use elder_access::{Gatekeeper, Job, work::Shell};

pub fn employ(keeper: Gatekeeper) -> Job<Shell> {
    Job { keeper, work: PhantomData }
}
