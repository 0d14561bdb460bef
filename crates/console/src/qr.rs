//! What an authenticator application is given: to be scanned, or to be typed in.

use elder_portal_users::pages::TotpEnrolment;

/// A secret as its owner sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Qr<'a> {
    /// An SVG image that Elder has drawn.
    pub(crate) svg: &'a str,
    /// For an application on this very device.
    pub(crate) uri: &'a str,
    pub(crate) secret: &'a str,
}

impl<'a> Qr<'a> {
    pub(crate) fn of(enrolment: &'a TotpEnrolment) -> Self {
        let TotpEnrolment { secret, uri, qr_svg, .. } = enrolment;
        // What stands before the image says that it is XML, which is nothing inside a page.
        let svg = qr_svg.find("<svg").and_then(|at| qr_svg.get(at..)).unwrap_or_default();
        Self { svg, uri, secret }
    }
}
