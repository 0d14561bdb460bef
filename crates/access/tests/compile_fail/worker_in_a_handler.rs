//! Jobs come from the worker, and the worker from the composition root.
use elder_access::{Gatekeeper, Worker};

pub fn promote(keeper: Gatekeeper) -> Worker {
    Worker::new(keeper)
}

pub fn dress_up(keeper: Gatekeeper) -> Worker {
    Worker(keeper)
}
