//! What the installation is licensed for.

use std::path::PathBuf;

use elder_kernel::Secret;

use crate::setting::section;

section! {
    /// What the installation is licensed for: docs/operations/licensing.md. Without a licence it is the community tier.
    License = "license" {
        /// A signed licence, installed at the start if it is not the one that is. `elder license install` does the same.
        file: Option<PathBuf> => "/etc/elder/elder.license";
        /// The public keys of those whose signed licences hold here, as `elder license keygen` prints them.
        public_keys: Vec<String> = [];
        /// The licence server, which is asked at the start and each hour, and told what is used. A private address must be
        /// in `outbound.allow_hosts`.
        server_url: Option<String> => "https://licenses.example.com/v1/validate";
        /// What names the licence there.
        key: Option<Secret<String>> => "the key that you were given";
    }
}
