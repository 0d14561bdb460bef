//! Reports, controls, templates and schedules through HTTP.

#[cfg(test)]
mod controls;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod support;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod templates;
