//! What the pool promises, on real threads.

use std::num::NonZeroUsize;
use std::task::Poll;
use std::time::Instant;

use elder_kernel::SeededRandom;
use futures_util::future::join_all;
use futures_util::poll;

use super::*;

fn pool(params: &PasswordParams, threads: usize, waiting: usize) -> PasswordHasher {
    let random = Random::new(SeededRandom::new(17));
    PasswordHasher::start(params, NonZeroUsize::new(threads), NonZeroUsize::new(waiting), &random).unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

const RIGHT: Verdict = Verdict { matches: true, needs_rehash: false };
const WRONG: Verdict = Verdict { matches: false, needs_rehash: false };

#[tokio::test]
async fn a_password_matches_its_own_hash_alone() {
    let pool = pool(&PasswordParams::default(), 1, 8);
    let stored = pool.hash(secret("correct horse battery")).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    assert_eq!(pool.verify(secret("correct horse battery"), Some(stored.clone())).await, Ok(RIGHT));
    assert_eq!(pool.verify(secret("correct horse"), Some(stored.clone())).await, Ok(WRONG));
    assert_ne!(pool.hash(secret("correct horse battery")).await.unwrap(), stored, "salted");
}

#[tokio::test]
async fn a_hash_of_the_reference_implementation_is_verified() {
    // From the test vectors of the reference implementation (`test.c`, Argon2id, version 19).
    let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let verdict =
        pool(&PasswordParams::default(), 1, 1).verify(secret("password"), Some(stored.into())).await;
    assert_eq!(verdict, Ok(Verdict { matches: true, needs_rehash: true }));
}

#[tokio::test]
async fn the_same_letters_composed_or_decomposed_are_the_same_password() {
    let pool = pool(&PasswordParams::default(), 1, 2);
    let stored = pool.hash(secret("cafe\u{301} au lait")).await.unwrap();
    assert_eq!(pool.verify(secret("caf\u{e9} au lait"), Some(stored)).await, Ok(RIGHT));
}

#[test]
fn p_07_parameters_below_the_recommendation_are_refused() {
    for (memory, iterations, parallelism, name) in [
        (19455, 2, 1, "memory_kib"),
        (u32::MAX, 2, 1, "memory_kib"),
        (19456, 1, 1, "iterations"),
        (19456, 2, 0, "parallelism"),
    ] {
        assert_eq!(PasswordParams::new(memory, iterations, parallelism).unwrap_err().name, name);
    }
    assert_eq!(PasswordParams::new(19456, 2, 1), Ok(PasswordParams::default()));
}

#[tokio::test]
async fn p_07_a_hash_with_other_parameters_is_renewed_at_sign_in() {
    let stored = pool(&PasswordParams::default(), 1, 1).hash(secret("old")).await.unwrap();
    let raised = pool(&PasswordParams::new(19457, 2, 1).unwrap(), 1, 1);
    let verdict = raised.verify(secret("old"), Some(stored.clone())).await.unwrap();
    assert_eq!(verdict, Verdict { matches: true, needs_rehash: true });
    assert_eq!(raised.verify(secret("other"), Some(stored)).await, Ok(WRONG));
}

#[tokio::test]
async fn what_is_no_hash_or_no_account_matches_nothing_and_takes_as_long() {
    let pool = pool(&PasswordParams::default(), 1, 1);
    let stored = pool.hash(secret("x")).await.unwrap();
    let absurd = stored.replace("m=19456", "m=4194304000");
    let unsalted = "$argon2id$v=19$m=19456,t=2,p=1";
    let other = stored.replace("argon2id", "argon2i");
    let timed = async |stored: Option<&str>| {
        let start = Instant::now();
        let verdict = pool.verify(secret("x"), stored.map(str::to_owned)).await;
        (verdict, start.elapsed())
    };
    let honest = timed(Some(&stored)).await.1.min(timed(Some(&stored)).await.1);
    for bad in
        [None, Some(""), Some("plain"), Some("$argon2id$"), Some(unsalted), Some(&absurd), Some(&other)]
    {
        let (verdict, took) = timed(bad).await;
        assert_eq!(verdict, Ok(WRONG), "{bad:?}");
        assert!(took > honest / 4, "{bad:?} took {took:?}, a real one {honest:?}");
    }
}

#[test]
fn memory_that_a_dearer_hash_needed_is_given_back() {
    let mut arena = Arena::new(PasswordParams::default().0, Random::new(SeededRandom::new(17)));
    let dear = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert!(arena.verify(&secret("password"), Some(dear)).matches);
    assert_eq!(arena.held(), 65536);
    arena.wipe();
    assert_eq!(arena.held(), 19456);
}

#[tokio::test]
async fn p_06_a_flood_is_refused_at_once_and_the_rest_is_served() {
    let pool = pool(&PasswordParams::default(), 2, 4);
    let mut flood: Vec<_> = (0..50).map(|_| Box::pin(pool.verify(secret("x"), None))).collect();
    let start = Instant::now();
    let mut refused = 0;
    let mut accepted = Vec::new();
    for mut call in flood.drain(..) {
        match poll!(call.as_mut()) {
            Poll::Ready(Err(Busy { retry_after })) => {
                assert!(retry_after >= Duration::from_secs(1));
                refused += 1;
            }
            _ => accepted.push(call),
        }
    }
    assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
    assert!(refused >= 40, "{refused} of 50");
    assert!(join_all(accepted).await.iter().all(|verdict| *verdict == Ok(WRONG)));
    assert_eq!(pool.queue_depth(), 0);
}

#[tokio::test]
async fn dropping_the_pool_ends_its_threads() {
    let pool = pool(&PasswordParams::default(), 3, 1);
    let queue = Arc::downgrade(&pool.queue);
    drop(pool);
    assert!(queue.upgrade().is_none(), "a thread still holds the queue");
}
