#![doc = include_str!("../README.md")]

pub mod collection;
mod error_code;
pub mod filter;
mod finding;
mod ids;
mod known;
mod objects;
mod page;
mod patch;
mod seam;
mod secret;
mod text;
mod version;

pub use error_code::{Coded, ErrorCode, FieldFault, Mender};
pub use finding::{Finding, FindingOutcome};
pub use ids::{
    ApiKey, Application, AuditAlert, AuditAlertFiring, AuditArchive, AuditEvent, AuditExport, AuditSearch,
    AuditStream, ComplianceReport, ComplianceSchedule, ComplianceTemplate, Device, Directory,
    DirectoryRequest, Domain, Entitlement, EntitlementAssignment, EntitlementConflict, Factor, Id, Identity,
    IdentityProvider, InvalidId, Invitation, Kind, LegalHold, Mail, Organization, OutboxEvent,
    PrivacyRequest, Role, RoleMapping, ScimGroup, ScimToken, ServiceAccount, Session, SignInFlow, SsoSession,
    TenantId, User,
};
pub use known::{Known, known};
pub use objects::Objects;
pub use page::{InvalidLimit, Limit, Page};
pub use patch::Patch;
pub use seam::{Clock, ManualClock, Random, RandomSource, Seam, SeededRandom, TimeSource};
pub use secret::Secret;
pub use text::{fold, normalise_email};
pub use version::{EntityTag, Precondition, VersionMismatch};
