//! The frameworks, their controls in words of our own, and the checks that each rests on. Only controls to which an identity
//! platform can add something are here.

use super::{FrameworkName, check::Check};

/// A framework.
#[derive(Debug)]
pub(crate) struct Framework {
    /// Its name.
    pub(crate) name: &'static str,
    /// The edition that the ids of controls are of.
    pub(crate) edition: &'static str,
    /// The controls, in its order.
    pub(super) controls: &'static [Control],
}

/// A control, and what it rests on.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) checks: &'static [Check],
}

const fn control(id: &'static str, title: &'static str, checks: &'static [Check]) -> Control {
    Control { id, title, checks }
}

/// The framework of a name.
pub(crate) const fn of(name: FrameworkName) -> &'static Framework {
    match name {
        FrameworkName::Soc2 => &SOC2,
        FrameworkName::Iso27001 => &ISO27001,
        FrameworkName::Hipaa => &HIPAA,
        FrameworkName::Gdpr => &GDPR,
    }
}

use Check::{
    AccessReviewed, AccountsInUse, AdminsFew, CallsLogged, ContactsNamed, CredentialsEnd, DutiesSeparated,
    HoldsEnforced, KeysCurrent, LeaversAutomated, LockoutOn, LogAppendOnly, LogElsewhere, LogRetained,
    LogRetainedSixYears, LogSealed, NetworksLimited, PasswordsStrong, ProviderEnforced, SecondFactorPresent,
    SecondFactorRequired, SessionsLimited, StorageLimited, SupportClosed, TenantsIsolated,
};

static SOC2: Framework = Framework {
    name: "SOC 2",
    edition: "Trust Services Criteria 2017, points of focus of 2022",
    controls: &[
        control(
            "CC2.1",
            "Information that controls run on is complete and sound",
            &[LogSealed, LogAppendOnly],
        ),
        control(
            "CC4.1",
            "Whether controls work is looked at again and again",
            &[AccessReviewed, LogElsewhere],
        ),
        control(
            "CC6.1",
            "Access to systems and data is protected",
            &[
                SecondFactorRequired,
                SecondFactorPresent,
                PasswordsStrong,
                SessionsLimited,
                TenantsIsolated,
                KeysCurrent,
            ],
        ),
        control(
            "CC6.2",
            "Accounts are given and ended by rule",
            &[LeaversAutomated, AccountsInUse, CredentialsEnd],
        ),
        control(
            "CC6.3",
            "Rights follow roles, and no further than needed",
            &[AdminsFew, DutiesSeparated, AccessReviewed],
        ),
        control(
            "CC6.6",
            "What comes from outside is kept out",
            &[LockoutOn, NetworksLimited, ProviderEnforced],
        ),
        control("CC7.2", "What is unusual is noticed", &[CallsLogged, LogElsewhere, ContactsNamed]),
        control("CC7.3", "What was noticed can be looked into", &[LogRetained, LogSealed, HoldsEnforced]),
        control(
            "C1.1",
            "Confidential information is kept for as long as it must be",
            &[LogRetained, HoldsEnforced],
        ),
        control("C1.2", "Confidential information goes when it is not needed any more", &[StorageLimited]),
    ],
};

static ISO27001: Framework = Framework {
    name: "ISO/IEC 27001",
    edition: "2022, Annex A",
    controls: &[
        control("A.5.3", "Duties that conflict are with different people", &[DutiesSeparated, AdminsFew]),
        control(
            "A.5.15",
            "Who may reach what is decided by rules",
            &[ProviderEnforced, NetworksLimited, TenantsIsolated],
        ),
        control(
            "A.5.16",
            "Identities are looked after from beginning to end",
            &[LeaversAutomated, AccountsInUse],
        ),
        control(
            "A.5.17",
            "What people prove themselves by is looked after",
            &[PasswordsStrong, SecondFactorPresent, CredentialsEnd],
        ),
        control(
            "A.5.18",
            "Rights are given, looked at again and taken back",
            &[AccessReviewed, LeaversAutomated],
        ),
        control("A.5.28", "Evidence is kept so that it holds", &[LogSealed, LogElsewhere, HoldsEnforced]),
        control(
            "A.5.33",
            "Records are neither lost nor changed",
            &[LogAppendOnly, LogRetained, HoldsEnforced],
        ),
        control("A.5.34", "What says something of persons is protected", &[StorageLimited, SupportClosed]),
        control(
            "A.8.2",
            "Far-reaching rights are few and watched",
            &[AdminsFew, SecondFactorRequired, SupportClosed],
        ),
        control("A.8.3", "Information is open to whom it is for", &[TenantsIsolated]),
        control(
            "A.8.5",
            "Who signs in is really that person",
            &[SecondFactorRequired, LockoutOn, SessionsLimited],
        ),
        control("A.8.10", "Information goes when it is not needed any more", &[StorageLimited]),
        control(
            "A.8.15",
            "What happens is written down and protected",
            &[CallsLogged, LogAppendOnly, LogSealed, LogRetained],
        ),
        control("A.8.16", "What happens is watched", &[LogElsewhere, ContactsNamed]),
        control("A.8.24", "Keys and certificates are looked after", &[KeysCurrent]),
    ],
};

static HIPAA: Framework = Framework {
    name: "HIPAA Security Rule",
    edition: "45 CFR Part 164, Subpart C",
    controls: &[
        control(
            "164.308(a)(1)(ii)(D)",
            "Records of what happens are looked through",
            &[AccessReviewed, LogElsewhere],
        ),
        control(
            "164.308(a)(3)(ii)(A)",
            "Who works with health data is authorised",
            &[AdminsFew, DutiesSeparated],
        ),
        control("164.308(a)(3)(ii)(C)", "Access ends with the work", &[LeaversAutomated, AccountsInUse]),
        control(
            "164.308(a)(4)(ii)(C)",
            "Access is given, looked at again and changed",
            &[AccessReviewed, CredentialsEnd],
        ),
        control(
            "164.308(a)(5)(ii)(C)",
            "Sign-ins are watched, above all those that fail",
            &[LockoutOn, ContactsNamed],
        ),
        control("164.308(a)(5)(ii)(D)", "Passwords are made and kept well", &[PasswordsStrong]),
        control(
            "164.312(a)(1)",
            "Systems let in only whom and what has a right",
            &[TenantsIsolated, NetworksLimited, ProviderEnforced],
        ),
        control("164.312(a)(2)(iii)", "A session that lies idle ends", &[SessionsLimited]),
        control("164.312(b)", "What happens is recorded", &[CallsLogged, LogSealed]),
        control(
            "164.312(c)(1)",
            "Records are not changed or destroyed wrongly",
            &[LogAppendOnly, HoldsEnforced],
        ),
        control(
            "164.312(d)",
            "Who asks for access proves who they are",
            &[SecondFactorRequired, SecondFactorPresent],
        ),
        control("164.316(b)(2)(i)", "Records are kept for six years", &[LogRetainedSixYears]),
    ],
};

static GDPR: Framework = Framework {
    name: "GDPR",
    edition: "Regulation (EU) 2016/679",
    controls: &[
        control("Art. 5(1)(e)", "Personal data is kept no longer than needed", &[StorageLimited]),
        control(
            "Art. 5(1)(f)",
            "Personal data is kept whole and confidential",
            &[TenantsIsolated, LogAppendOnly],
        ),
        control(
            "Art. 5(2)",
            "That the principles are kept can be shown",
            &[LogSealed, LogRetained, AccessReviewed],
        ),
        control("Art. 24", "Measures are there and looked at again", &[AccessReviewed, CallsLogged]),
        control(
            "Art. 25",
            "By default no more is open than needed",
            &[AdminsFew, SupportClosed, AccountsInUse],
        ),
        control("Art. 28(3)", "A processor acts on instruction alone", &[SupportClosed, CallsLogged]),
        control(
            "Art. 32(1)(b)",
            "Systems stay confidential and sound",
            &[SecondFactorRequired, PasswordsStrong, SessionsLimited, KeysCurrent],
        ),
        control("Art. 32(1)(d)", "Whether measures work is tested regularly", &[AccessReviewed]),
        control(
            "Art. 33",
            "A breach is noticed and can be told of in time",
            &[ContactsNamed, LogElsewhere, LogRetained],
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_control_has_an_id_of_its_own_and_rests_on_something_and_every_check_is_of_use() {
        let mut used = HashSet::new();
        for name in FrameworkName::ALL {
            let controls = of(*name).controls;
            let ids: HashSet<_> = controls.iter().map(|control| control.id).collect();
            assert_eq!(ids.len(), controls.len(), "{name:?}");
            for control in controls {
                assert!(!control.checks.is_empty() && !control.title.ends_with('.'), "{}", control.id);
                used.extend(control.checks.iter().map(|check| check.name()));
            }
        }
        assert_eq!(used.len(), Check::ALL.len());
    }
}
