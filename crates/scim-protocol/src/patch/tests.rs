//! Behaviour of patch.
