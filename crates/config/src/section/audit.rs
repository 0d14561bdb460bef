//! The audit log.

use std::{num::NonZeroU32, path::PathBuf};

use elder_kernel::Secret;

use crate::setting::section;

section! {
    /// The audit log. Its checkpoints may go to second places, which hold the log to them even against who owns the
    /// database: docs/guides/audit.md.
    Audit = "audit" {
        /// Whether calls of the API are written to the audit log; each tenant may do without (`audit_api_calls`).
        api_calls: bool = true;
        /// Bytes of calls and denials that may wait in `data.dir` while the database does not take them. What is beyond is
        /// lost, and the log says how much.
        waiting_bytes: u64 = 1073741824;
        /// A folder for streams of the kind `file`, of which each tenant gets one of its own. Without it there are none.
        stream_folder: Option<PathBuf> => "/var/log/elder";
        /// A file to which new checkpoints are appended, one JSON object a line. Best where this machine can append and not
        /// change.
        checkpoint_file: Option<PathBuf> => "/mnt/append-only/elder-checkpoints.ndjson";
        /// A URL that new checkpoints are sent to (POST, JSON). A private address must be in `outbound.allow_hosts`.
        checkpoint_url: Option<String> => "https://witness.example.com/elder";
        /// What is sent along as bearer token.
        checkpoint_token: Option<Secret<String>> => "a token of that service";
        /// A bucket with object lock, at a service that speaks S3, to which each new checkpoint goes as an object that nobody can
        /// overwrite or delete.
        checkpoint_bucket: Option<String> => "elder-checkpoints";
        /// What stands before the names of all objects in that bucket.
        checkpoint_prefix: Option<String> => "elder";
        /// The address of that service, if it is not Amazon's. A private address must be in `outbound.allow_hosts`.
        checkpoint_endpoint: Option<String> => "https://s3.example.com";
        /// The region of that bucket.
        checkpoint_region: String = "us-east-1";
        /// The name of the key that may put objects there and see that the bucket has object lock. It should be able to do
        /// nothing else.
        checkpoint_access_key: Option<String> => "the name of the key";
        /// The key itself.
        checkpoint_secret_key: Option<Secret<String>> => "the key";
        /// For how many days a checkpoint is locked there.
        checkpoint_lock_days: NonZeroU32 = 365;
        /// A receiver of syslog (RFC 5424) for new checkpoints: host and port.
        checkpoint_syslog: Option<String> => "logs.example.com:6514";
        /// Whether it is reached by TLS. Without it the host must be in `outbound.allow_hosts`.
        checkpoint_syslog_tls: bool = true;
        /// A file to which erasures of people are appended, and by which they are repeated at the start: so a restored backup
        /// brings nobody back. On another machine than the database's; it has ids alone.
        erasure_register: Option<PathBuf> => "/mnt/append-only/elder-erasures.ndjson";
        /// The folder of archives: whole months of logs that leave the database. Best on other disks than the database's.
        archive_folder: Option<PathBuf> => "/mnt/archive/elder";
        /// The bucket of archives, at a service that speaks S3, in place of a folder.
        archive_bucket: Option<String> => "elder-archive";
        /// What stands before the names of all objects in the bucket.
        archive_prefix: Option<String> => "elder/archive";
        /// The address of that service, if it is not Amazon's.
        archive_endpoint: Option<String> => "https://s3.example.com";
        /// The region of the bucket.
        archive_region: String = "us-east-1";
        /// The name of the key that may read, write and delete there.
        archive_access_key: Option<String> => "the name of the key";
        /// The key itself.
        archive_secret_key: Option<Secret<String>> => "the key";
    }
}
