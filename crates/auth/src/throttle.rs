//! How often somebody may be wrong about a password.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hashlink::LruCache;

/// Failures with a name that cost nothing.
const FREE_FAILURES: u32 = 10;

/// The first pause after that, which doubles with each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Failures from one address in a minute, over all names.
const FAILURES_OF_ADDRESS: u32 = 30;

/// The time after which failures of an address are forgotten.
const WINDOW_OF_ADDRESS: Duration = Duration::from_secs(60);

/// The time after which failures with a name are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);

/// Names and addresses that are remembered; beyond, the ones that failed longest ago are forgotten.
const REMEMBERED: usize = 100_000;

/// Counts failed logins by name and address, and by address. security.md, section 6.
#[derive(Debug)]
pub struct Throttle {
    failures: Mutex<Failures>,
    /// Names are remembered as numbers: who makes them up may make them long.
    names: RandomState,
}

#[derive(Debug)]
struct Failures {
    by_name: LruCache<(u64, IpAddr), OfName>,
    by_address: LruCache<IpAddr, OfAddress>,
}

#[derive(Debug, Clone, Copy)]
struct OfName {
    count: u32,
    last: Instant,
    closed_until: Instant,
}

#[derive(Debug, Clone, Copy)]
struct OfAddress {
    count: u32,
    since: Instant,
}

/// Not now: so long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Default for Throttle {
    fn default() -> Self {
        Self {
            failures: Mutex::new(Failures {
                by_name: LruCache::new(REMEMBERED),
                by_address: LruCache::new(REMEMBERED),
            }),
            names: RandomState::new(),
        }
    }
}

impl Throttle {
    /// Whether a login may be tried now. From another address the same name is not locked out.
    pub fn check(&self, name: &str, address: IpAddr, now: Instant) -> Result<(), Wait> {
        let mut failures = self.failures();
        if let Some(of_address) = failures.by_address.get(&address)
            && of_address.count >= FAILURES_OF_ADDRESS
            && let Some(left) = left_until(of_address.since + WINDOW_OF_ADDRESS, now)
        {
            return Err(Wait(left));
        }
        let of_name = failures.by_name.get(&self.key(name, address));
        match of_name.and_then(|of_name| left_until(of_name.closed_until, now)) {
            Some(left) => Err(Wait(left)),
            None => Ok(()),
        }
    }

    /// Notes a failed login.
    pub fn failed(&self, name: &str, address: IpAddr, now: Instant) {
        self.failed_as(name, address, now);
        let mut failures = self.failures();
        let before = failures.by_address.remove(&address);
        let of_address = match before.filter(|before| now < before.since + WINDOW_OF_ADDRESS) {
            Some(before) => OfAddress {
                count: before.count.saturating_add(1),
                ..before
            },
            None => OfAddress { count: 1, since: now },
        };
        failures.by_address.insert(address, of_address);
    }

    /// Notes a failure that counts for a name from an address, and not for all that comes from there.
    pub fn failed_as(&self, name: &str, address: IpAddr, now: Instant) {
        let mut failures = self.failures();
        let key = self.key(name, address);
        let before = failures.by_name.remove(&key);
        let count = before.filter(|before| now < before.last + FORGOTTEN_AFTER);
        let count = count.map_or(1, |before| before.count.saturating_add(1));
        let of_name = OfName {
            count,
            last: now,
            closed_until: now + pause_after(count),
        };
        failures.by_name.insert(key, of_name);
    }

    /// Forgets the failures with a name from an address: somebody knew the password.
    pub fn succeeded(&self, name: &str, address: IpAddr) {
        self.failures().by_name.remove(&self.key(name, address));
    }

    fn key(&self, name: &str, address: IpAddr) -> (u64, IpAddr) {
        (self.names.hash_one(name), address)
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a name is closed after so many failures.
fn pause_after(count: u32) -> Duration {
    match count.checked_sub(FREE_FAILURES) {
        None => Duration::ZERO,
        Some(over) => (FIRST_PAUSE * 2_u32.pow(over.min(8))).min(LONGEST_PAUSE),
    }
}

fn left_until(until: Instant, now: Instant) -> Option<Duration> {
    until.checked_duration_since(now).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

    #[test]
    fn ten_failures_are_free_and_then_the_pauses_double() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..10 {
            assert_eq!(throttle.check("alice", HERE, start), Ok(()));
            throttle.failed("alice", HERE, start);
        }
        let mut now = start;
        for seconds in [5, 10, 20, 40, 60, 60] {
            let pause = Duration::from_secs(seconds);
            assert_eq!(throttle.check("alice", HERE, now), Err(Wait(pause)));
            assert_eq!(
                throttle.check("alice", THERE, now),
                Ok(()),
                "another address is not locked out"
            );
            now += pause;
            assert_eq!(throttle.check("alice", HERE, now), Ok(()));
            throttle.failed("alice", HERE, now);
        }
        throttle.succeeded("alice", HERE);
        assert_eq!(throttle.check("alice", HERE, now), Ok(()));
    }

    #[test]
    fn an_address_has_thirty_failures_in_a_minute_over_all_names() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for i in 0..30 {
            let name = format!("user {i}");
            assert_eq!(throttle.check(&name, HERE, start), Ok(()));
            throttle.failed(&name, HERE, start);
        }
        assert_eq!(
            throttle.check("another", HERE, start),
            Err(Wait(WINDOW_OF_ADDRESS))
        );
        assert_eq!(throttle.check("another", HERE, start + WINDOW_OF_ADDRESS), Ok(()));
    }
}
