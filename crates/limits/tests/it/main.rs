//! The limiter beside a real Redis.

#[cfg(test)]
mod loss;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod sentinel;
