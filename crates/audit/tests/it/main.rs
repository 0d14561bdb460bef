//! The audit log through HTTP, and its tree from the side of the worker.

#[cfg(test)]
mod alerting;
#[cfg(test)]
mod archive;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod bucket;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod exporting;
#[cfg(test)]
mod four_eyes;
#[cfg(test)]
mod full;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod legal_hold;
#[cfg(test)]
mod locked_copies;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod searching;
#[cfg(test)]
mod second_person;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod syslog;
#[cfg(test)]
mod tail;
#[cfg(test)]
mod verifying;
