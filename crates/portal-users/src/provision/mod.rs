//! The first sign-in of somebody without an account: where they belong, and the account that they get there.

mod service;

use elder_access::{Authority, Write, flows};
use elder_kernel::Secret;
use elder_tenancy::{offer::KeepsOffers, settings::Registration};

use crate::account::{Email, Locale, ManagesAccounts};
pub(crate) use crate::invitation::InvitationId;
pub use service::{settle, situation};

/// A right by which somebody gets an account that no admin makes.
pub trait Provisions: ManagesAccounts + KeepsOffers + Authority<Mode = Write> {}
impl Provisions for flows::Invitation {}
impl Provisions for flows::EmailProof {}
impl Provisions for flows::SingleSignOn {}

/// Somebody who has proven an address and has no account.
#[derive(Debug)]
pub struct Newcomer {
    /// The address.
    pub email: Email,
    /// The person's name.
    pub full_name: String,
    /// The language tag.
    pub locale: Option<Locale>,
    /// The hash of the password; none for who signs in otherwise.
    pub password_hash: Option<Secret<String>>,
}

/// What is known of an address in a tenant, from which [`decide`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Whether the tenant may be used.
    pub tenant_is_active: bool,
    /// Whom the tenant takes, as far as the platform lets it.
    pub registration: Registration,
    /// The invitation that waits for the address.
    pub invitation: Option<InvitationId>,
    /// What the address's domain is to the tenant.
    pub domain: Domain,
    /// Whether nobody owns the platform yet.
    pub platform_is_empty: bool,
}

/// What the domain of an address is to a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// One at which it takes no addresses.
    Refused,
    /// One like any other.
    Foreign,
    /// One that it has proven to be its own.
    Own,
}

/// Where somebody without an account belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the tenant, with what they were promised.
    Invited(InvitationId),
    /// In the tenant, without any role.
    Member,
    /// On the platform, as its owner.
    Owner,
    /// Nowhere.
    Nowhere,
}

/// Decides where somebody belongs: where they are invited; else in the tenant of their domain, if it takes them, or in one
/// that takes anybody; else, on an empty platform, as its owner; else nowhere.
pub fn decide(situation: &Situation) -> Place {
    let Situation { registration, domain, .. } = *situation;
    if situation.tenant_is_active {
        let invitation = situation.invitation.filter(|_| registration >= Registration::Invitation);
        if let Some(invitation) = invitation {
            return Place::Invited(invitation);
        }
        let is_let_in = match (registration, domain) {
            (_, Domain::Refused) | (Registration::Off | Registration::Invitation, _) => false,
            (Registration::Domain, domain) => domain == Domain::Own,
            (Registration::Open, _) => true,
        };
        if is_let_in {
            return Place::Member;
        }
    }
    if situation.platform_is_empty { Place::Owner } else { Place::Nowhere }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elder_kernel::Seam;

    fn situation(registration: Registration) -> Situation {
        Situation {
            tenant_is_active: true,
            registration,
            invitation: None,
            domain: Domain::Own,
            platform_is_empty: false,
        }
    }

    #[test]
    fn each_policy_lets_in_whom_it_names_and_whom_the_stricter_ones_do() {
        let invitation = Some(Seam::system().id());
        for (policy, by_invitation, by_domain, by_nothing) in [
            (Registration::Off, false, false, false),
            (Registration::Invitation, true, false, false),
            (Registration::Domain, true, true, false),
            (Registration::Open, true, true, true),
        ] {
            let of_domain = situation(policy);
            let stranger = Situation { domain: Domain::Foreign, ..of_domain };
            let invited = Situation { invitation, ..stranger };
            let let_in = [&invited, &of_domain, &stranger].map(|one| decide(one) != Place::Nowhere);
            assert_eq!(let_in, [by_invitation, by_domain, by_nothing], "{policy:?}");
        }
    }

    #[test]
    fn an_invitation_comes_before_the_domain_and_both_before_the_empty_platform() {
        let id = Seam::system().id();
        let all =
            Situation { invitation: Some(id), platform_is_empty: true, ..situation(Registration::Open) };
        assert_eq!(decide(&all), Place::Invited(id));
        let uninvited = Situation { invitation: None, ..all };
        assert_eq!(decide(&uninvited), Place::Member);
        let elsewhere = Situation { domain: Domain::Refused, ..uninvited };
        assert_eq!(decide(&elsewhere), Place::Owner);
        assert_eq!(decide(&Situation { platform_is_empty: false, ..elsewhere }), Place::Nowhere);
    }

    #[test]
    fn p_29_a_tenant_that_may_not_be_used_takes_nobody() {
        let id = Seam::system().id();
        let closed =
            Situation { tenant_is_active: false, invitation: Some(id), ..situation(Registration::Open) };
        assert_eq!(decide(&closed), Place::Nowhere);
    }
}
