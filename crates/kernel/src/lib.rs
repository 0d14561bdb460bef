//! Words that every part of Elder shares: typed ids, clock, secrets, pages, error codes. No I/O.
