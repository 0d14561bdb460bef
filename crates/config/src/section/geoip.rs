//! Where addresses are.

use std::path::PathBuf;

use crate::setting::section;

section! {
    /// Where addresses are, by which it is judged how unlike its owner's a sign-in looks.
    Geoip = "geoip" {
        /// Files in the format of `MaxMind`: of countries or cities, and of autonomous systems. They are read at the start, and again
        /// within a minute after one of them was replaced.
        files: Vec<PathBuf> = [];
    }
}
