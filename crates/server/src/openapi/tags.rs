//! The groups of operations, in the order in which a newcomer reads them.

use utoipa::openapi::{Tag, tag::TagBuilder};

const TAGS: [(&str, &str); 45] = [
    (
        "Sign-in",
        "Signing in, staying and signing out; getting an account; what mailed links lead to; the first owner.",
    ),
    ("Own account", "What people see and change of themselves."),
    ("Sessions", "The sessions of a tenant's people: who is signed in, and how to end it."),
    ("Users", "The accounts of a tenant."),
    ("Invitations", "Whom a tenant waits for, and the roles that they shall have."),
    ("Service accounts", "Programs that act on their own behalf."),
    ("API keys", "What programs send as bearer token: keys of people and of service accounts."),
    ("Applications", "Where a tenant's people may return to from a sign-in at Elder's own pages."),
    ("Organizations", "The tree of organizations inside a tenant."),
    ("Members", "Who belongs to an organization, and with which role."),
    ("Roles", "Built-in and custom roles of a tenant."),
    ("Grants", "Which roles a person holds, and where."),
    ("Access", "Asks what somebody may do, and why."),
    ("Tenant", "The caller's tenant: its settings, its plan, its usage."),
    ("Domains", "E-mail domains that a tenant proves to be its own."),
    ("Feature flags", "What is switched on for a tenant."),
    ("Mails", "What was sent to a tenant's people, or could not be."),
    (
        "Mail templates",
        "What mails say, by kind and language, in the tenant's own words or in the built-in ones.",
    ),
    (
        "Entitlements",
        "What people may be given in the tenant's own applications, who holds it, and what nobody may hold together.",
    ),
    (
        "Identity providers",
        "By whom a tenant's people sign in without a password of Elder's, and what they get so.",
    ),
    ("Single sign-on", "Sessions that rest on one at an identity provider, and how both end."),
    ("Directories", "SCIM directories of a tenant and their tokens."),
    ("SCIM", "SCIM 2.0 (RFC 7643, RFC 7644), for identity providers that push their users."),
    ("Audit log", "What has happened in a tenant, and the proof that nothing of it was changed."),
    ("Audit streams", "What carries the audit log into other systems as it is sealed."),
    ("Audit searches", "Searches of the audit log that were saved."),
    ("Audit alerts", "Who is told when the audit log shows something too often."),
    ("Audit exports", "Files that are made of the audit log, to be downloaded."),
    ("Audit retention", "For how long a tenant's audit events are kept."),
    ("Compliance reports", "Files for auditors, made of the audit log and of who has what now."),
    ("Compliance frameworks", "Controls that rest on what Elder does, and whether that is there now."),
    ("Compliance templates", "What a report is to tell of, under a name."),
    ("Compliance schedules", "When reports are made by themselves, and who is told."),
    ("Legal holds", "What must not be deleted, because a court or an authority may ask for it."),
    ("Privacy", "What is asked about a person's data: a copy of it, or that it be erased."),
    ("Global tenants", "Every tenant, for operators of the platform."),
    ("Global users", "People of every tenant, for operators of the platform."),
    (
        "Global identity providers",
        "The platform's own identity providers and those of every tenant, for operators of the platform.",
    ),
    ("Global mails", "The mails of every tenant, for operators of the platform."),
    ("Global audit log", "The audit logs of every tenant, for operators of the platform."),
    ("Global administration", "Who operates the platform."),
    ("Platform", "The installation as a whole: its template for tenants, its maintenance, its health."),
    ("Licence", "What the installation is licensed for, and what is used of it."),
    ("Health", "Probes and metrics for whoever watches this server."),
    ("Reference", "What this server says of its API."),
];

/// Every tag with what it is about.
pub(super) fn described() -> Vec<Tag> {
    let tag = |(name, description): (&str, &str)| {
        TagBuilder::new().name(name).description(Some(description)).build()
    };
    TAGS.into_iter().map(tag).collect()
}
