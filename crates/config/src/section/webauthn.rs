//! Passkeys and security keys.

use crate::setting::section;
use crate::value::PublicUrl;

section! {
    /// Passkeys and security keys.
    Webauthn = "webauthn" {
        /// The domain that passkeys are bound to: the host of the public URL, or one above it. Without it: that host. It is
        /// chosen once: passkeys that were made for another domain work no more.
        rp_id: Option<String> => "example.com";
        /// Further origins whose pages may ask for passkeys, at or below that domain. The public URL always may.
        origins: Vec<PublicUrl> = [];
    }
}
