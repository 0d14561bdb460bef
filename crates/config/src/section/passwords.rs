//! The cost of password hashes, and who knows which passwords were stolen.

use std::num::NonZeroUsize;

use crate::setting::section;
use crate::value::PublicUrl;

section! {
    /// The cost of password hashes (Argon2id), which can be raised at any time: hashes are renewed at sign-in. And who knows
    /// which passwords were stolen.
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
        /// A range service that is asked whether a new password was stolen: it learns five digits of the password's SHA-1,
        /// of forty. While it does not answer, passwords are taken unasked. Without it: nobody is asked.
        range_url: Option<PublicUrl> => "https://api.pwnedpasswords.com/range";
    }
}
