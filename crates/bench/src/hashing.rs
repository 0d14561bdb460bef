//! The limit of sign-ins: Argon2id with Elder's parameters on every core, bare and through Elder's own pool.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::Duration,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use elder_crypto::{PasswordHasher, PasswordParams};
use elder_kernel::{Random, Secret};
use futures_util::future::join_all;

use crate::{
    data,
    fault::Fault,
    load::Timing,
    measure::{Look, Sample, Watch},
};

/// Hashes with the argon2 crate alone, its memory reused, on as many threads as there are cores.
pub(crate) fn bare(postmaster: u32, timing: Timing) -> Result<Sample, Fault> {
    let (done, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let threads = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| hash_until(&stop, &done))).collect();
        let sample = watched(postmaster, timing, &done);
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().map_err(|_| Fault::broken("a hashing thread panicked"))??;
        }
        sample
    })
}

fn hash_until(stop: &AtomicBool, done: &AtomicU32) -> Result<(), Fault> {
    let params = Params::DEFAULT;
    let mut blocks = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut tag = [0; 32];
    while !stop.load(Ordering::Relaxed) {
        argon2
            .hash_password_into_with_memory(data::PASSWORD.as_bytes(), &[7; 16], &mut tag, &mut blocks)
            .map_err(|error| Fault::broken(format!("argon2: {error}")))?;
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Hashes through Elder's pool, as many at once as the server gets sign-ins.
pub(crate) fn pooled(postmaster: u32, timing: Timing) -> Result<Sample, Fault> {
    let hasher = PasswordHasher::start(&PasswordParams::default(), None, None, &Random::system())?;
    let (done, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build()?;
            let callers = (0..timing.connections).map(|_| async {
                while !stop.load(Ordering::Relaxed) {
                    let hashed = hasher.hash(Secret::new(data::PASSWORD.to_owned())).await;
                    hashed.map_err(|busy| Fault::broken(busy.to_string()))?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
            runtime.block_on(join_all(callers)).into_iter().collect::<Result<(), Fault>>()
        });
        let sample = watched(postmaster, timing, &done);
        stop.store(true, Ordering::Relaxed);
        worker.join().map_err(|_| Fault::broken("a hashing thread panicked"))??;
        sample
    })
}

/// Counts what is done in the window, and what it costs this process.
fn watched(postmaster: u32, timing: Timing, done: &AtomicU32) -> Result<Sample, Fault> {
    let watch = Watch { server: std::process::id(), postmaster };
    let look = |pause: Duration| -> Result<(Look, u32), Fault> {
        thread::sleep(pause);
        Ok((watch.look()?, done.load(Ordering::Relaxed)))
    };
    let (before, done_before) = look(timing.warm_up)?;
    let (after, done_after) = look(timing.window)?;
    let sample = before.sample(&after, done_after - done_before, &[]);
    Ok(Sample { postgres_us: f64::NAN, ..sample })
}
