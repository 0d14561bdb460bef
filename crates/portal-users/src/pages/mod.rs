//! What Elder's own pages do with accounts: what the routes of the API do, for people at a browser.

mod link;
mod own;
mod sign_in;

pub use crate::sign_in::provider::Vouched;
pub use elder_api_types::{
    device::Device,
    email_proof::{EmailOutcome, OwnEmail, ProvenEmail},
    me::{Me, MePatch, OwnPassword},
    mfa::{MfaVerification, PasskeySignIn, TotpEnrolment, WebauthnOptions},
    password_reset::{ForgottenPassword, PasswordReset},
    registration::{Acceptance, NewRegistration},
    session::SessionView,
    setup::Setup,
    sign_in::{Challenge, ChallengeStatus, Login},
};
pub use link::{accept, forget, open_link, register, reset, set_up};
pub use own::{
    change_email, change_password, devices, end_session, profile, sessions, sign_out, update, verify_email,
    withdraw_device,
};
pub use sign_in::{
    AtBrowser, SecondStep, SignIn, again, passkey_options, second_factor, sign_in, sign_in_by_passkey,
    sign_in_by_provider,
};
