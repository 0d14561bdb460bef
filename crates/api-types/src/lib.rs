#![doc = include_str!("../README.md")]

#[macro_use]
mod words;

pub mod access_check;
pub mod api_key;
pub mod application;
pub mod audit;
pub mod audit_alert;
pub mod audit_archive;
pub mod audit_body;
pub mod audit_export;
pub mod audit_retention;
pub mod audit_search;
pub mod audit_stream;
pub mod batch;
pub mod compliance_framework;
pub mod compliance_report;
pub mod compliance_schedule;
pub mod compliance_template;
pub mod device;
pub mod directory;
pub mod directory_group;
pub mod directory_request;
pub mod discovery;
pub mod domain;
pub mod domain_name;
pub mod email;
pub mod email_proof;
pub mod entitlement;
pub mod entitlement_conflict;
pub mod feature;
pub mod global_user;
pub mod grant;
pub mod group;
pub mod health;
pub mod identity;
pub mod identity_provider;
pub mod idp_test;
pub mod ids;
pub mod impersonation;
pub mod invitation;
pub mod language;
pub mod legal_hold;
pub mod license;
pub mod mail;
pub mod mail_template;
pub mod managed_tenant;
pub mod me;
pub mod member;
pub mod mfa;
pub mod name;
pub mod networks;
pub mod organization;
pub mod password_reset;
pub mod permission;
pub mod platform;
pub mod privacy;
pub mod problem;
pub mod provisioning;
pub mod regional;
pub mod registration;
pub mod role;
pub mod role_mapping;
pub mod saml;
pub mod scim_token;
#[cfg(feature = "client")]
mod secret;
pub mod service_account;
pub mod session;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod sso_session;
pub mod tenant;
pub mod user;

pub use elder_kernel::{
    ErrorCode, FieldFault, Id, InvalidId, Limit, Page, Patch, Secret, TenantId, collection::Asked,
};
pub use ids::{
    ApiKeyId, ApplicationId, AuditAlertFiringId, AuditAlertId, AuditArchiveId, AuditEventId, AuditExportId,
    AuditSearchId, AuditStreamId, ComplianceReportId, ComplianceScheduleId, ComplianceTemplateId, DeviceId,
    DirectoryId, DirectoryRequestId, DomainId, EntitlementAssignmentId, EntitlementConflictId, EntitlementId,
    FactorId, IdentityId, IdentityProviderId, InvitationId, LegalHoldId, MailId, OrganizationId,
    PrivacyRequestId, RoleId, RoleMappingId, ScimGroupId, ScimTokenId, ServiceAccountId, SessionId, UserId,
};
pub use problem::ProblemDocument;
