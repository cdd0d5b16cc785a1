//! Time and randomness as values that are handed in.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};
use std::time::{SystemTime, UNIX_EPOCH};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Where creation times come from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that a test sets.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `ms` until the test moves it.
    pub fn fixed(ms: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(ms)))
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            Self::Fixed(ms) => ms.load(Ordering::Relaxed),
        }
    }
}

/// Where random ids and generated names come from.
#[derive(Debug, Clone)]
pub enum Entropy {
    /// The thread's generator, seeded by the operating system.
    System,
    /// A generator that repeats itself, for tests.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Entropy {
    /// The same ids in the same order for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Sixteen random bytes, enough for one id.
    pub fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        match self {
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(rng) => rng
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A version 4 UUID as 32 lower-case hexadecimal digits, the form of MLflow's ids.
    pub fn hex_id(&self) -> String {
        uuid::Builder::from_random_bytes(self.bytes())
            .into_uuid()
            .simple()
            .to_string()
    }
}
