//! The ids of resources, each by a name of its own: `utoipa` takes the argument of `Id<…>` for a schema.

use elder_kernel::{
    ApiKey, Application, AuditAlert, AuditAlertFiring, AuditArchive, AuditEvent, AuditExport, AuditSearch,
    AuditStream, ComplianceReport, ComplianceSchedule, ComplianceTemplate, Device, Directory,
    DirectoryRequest, Domain, Entitlement, EntitlementAssignment, EntitlementConflict, Factor, Id, Identity,
    IdentityProvider, Invitation, LegalHold, Mail, Organization, PrivacyRequest, Role, RoleMapping,
    ScimGroup, ScimToken, ServiceAccount, Session, User,
};

/// The id of a user.
pub type UserId = Id<User>;
/// The id of a session.
pub type SessionId = Id<Session>;
/// The id of a device.
pub type DeviceId = Id<Device>;
/// The id of an organization.
pub type OrganizationId = Id<Organization>;
/// The id of a custom role.
pub type RoleId = Id<Role>;
/// The id of a domain.
pub type DomainId = Id<Domain>;
/// The id of an invitation.
pub type InvitationId = Id<Invitation>;
/// The id of an identity provider.
pub type IdentityProviderId = Id<IdentityProvider>;
/// The id of a linked identity.
pub type IdentityId = Id<Identity>;
/// The id of a service account.
pub type ServiceAccountId = Id<ServiceAccount>;
/// The id of a second factor.
pub type FactorId = Id<Factor>;
/// The id of an API key.
pub type ApiKeyId = Id<ApiKey>;
/// The id of an application.
pub type ApplicationId = Id<Application>;
/// The id of a directory.
pub type DirectoryId = Id<Directory>;
/// The id of a request to a directory.
pub type DirectoryRequestId = Id<DirectoryRequest>;
/// The id of a role or entitlement of the catalogue.
pub type EntitlementId = Id<Entitlement>;
/// The id of an assignment of an entitlement.
pub type EntitlementAssignmentId = Id<EntitlementAssignment>;
/// The id of a conflict of entitlements.
pub type EntitlementConflictId = Id<EntitlementConflict>;
/// The id of a mail.
pub type MailId = Id<Mail>;
/// The id of a role mapping.
pub type RoleMappingId = Id<RoleMapping>;
/// The id of a group of a directory.
pub type ScimGroupId = Id<ScimGroup>;
/// The id of a SCIM token.
pub type ScimTokenId = Id<ScimToken>;
/// The id of an audit event.
pub type AuditEventId = Id<AuditEvent>;
/// The id of an export of the audit log.
pub type AuditExportId = Id<AuditExport>;
/// The id of a stream of the audit log.
pub type AuditStreamId = Id<AuditStream>;
/// The id of a saved search of the audit log.
pub type AuditSearchId = Id<AuditSearch>;
/// The id of an alert of the audit log.
pub type AuditAlertId = Id<AuditAlert>;
/// The id of a firing of an alert.
pub type AuditAlertFiringId = Id<AuditAlertFiring>;
/// The id of an archive of an audit log.
pub type AuditArchiveId = Id<AuditArchive>;
/// The id of a privacy request.
pub type PrivacyRequestId = Id<PrivacyRequest>;
/// The id of a legal hold.
pub type LegalHoldId = Id<LegalHold>;
/// The id of a report for auditors.
pub type ComplianceReportId = Id<ComplianceReport>;
/// The id of a template of reports.
pub type ComplianceTemplateId = Id<ComplianceTemplate>;
/// The id of a schedule of reports.
pub type ComplianceScheduleId = Id<ComplianceSchedule>;
