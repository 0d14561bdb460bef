//! A flow does not give the right of another.
use elder_access::{
    Guest,
    flows::{Setup, SignIn},
};

pub fn swap(guest: Guest<SignIn>) -> Guest<Setup> {
    guest
}
