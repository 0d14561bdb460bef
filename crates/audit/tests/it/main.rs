//! The audit log through HTTP, and its tree from the side of the worker.

mod copies;
mod proof;
mod reading;
mod sealing;
mod verifying;
