//! The cost of password hashes.

use std::num::NonZeroUsize;

use crate::setting::section;

section! {
    /// The cost of password hashes (Argon2id). It can be raised at any time: hashes are renewed at sign-in.
    Passwords = "passwords" {
        /// Memory of one hash; the least is 19456.
        memory_kib: u32 = 19456;
        /// Passes over that memory; the least is 2.
        iterations: u32 = 2;
        /// Lanes of that memory.
        parallelism: u32 = 1;
        /// Threads that hash, each with memory of its own. Without it: one a core.
        hashing_threads: Option<NonZeroUsize> => 2;
        /// Sign-ins that may wait for a thread before others are told to come again. Without it: 14 a thread.
        queue: Option<NonZeroUsize> => 28;
    }
}
