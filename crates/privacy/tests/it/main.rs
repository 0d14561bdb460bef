//! What may be asked about people's data, through HTTP, and what is left of whom was erased.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod erasing;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod restoring;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod support;
