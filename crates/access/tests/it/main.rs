//! The gate on a real database with its real roles.

#[cfg(test)]
mod aside;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod batch_refusal;
#[cfg(test)]
mod cancellation;
#[cfg(test)]
mod compile_fail;
#[cfg(test)]
mod cross_tenant;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod isolation_catalogue;
#[cfg(test)]
mod lending;
#[cfg(test)]
mod limit;
#[cfg(test)]
mod limit_redis;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod random_statements;
#[cfg(test)]
mod repeat;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod seed;
#[cfg(test)]
mod tenant_setting;
#[cfg(test)]
mod transaction;
