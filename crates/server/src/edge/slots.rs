//! How many connections there may be at one time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::proxies::{Peer, TrustedProxies};
use crate::EdgeConfig;

/// Counts connections, in all and by address.
#[derive(Debug, Clone)]
pub(super) struct Slots(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    max_in_all: usize,
    max_per_address: usize,
    /// Proxies speak for many clients, so only the limit in all holds for them.
    trusted_proxies: TrustedProxies,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Slots {
    pub(super) fn new(config: &EdgeConfig) -> Self {
        Self(Arc::new(Shared {
            max_in_all: config.max_connections,
            max_per_address: config.max_connections_per_address,
            trusted_proxies: TrustedProxies::new(config),
            taken: Mutex::default(),
        }))
    }

    /// A place for a connection from this peer, kept until dropped; `None` if there is none.
    pub(super) fn take(&self, peer: Peer) -> Option<Slot> {
        let address = peer.address();
        let is_proxy = self.0.trusted_proxies.trusts(peer);
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let from_address = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.in_all >= self.0.max_in_all || (from_address >= self.0.max_per_address && !is_proxy) {
            return None;
        }
        taken.in_all += 1;
        taken.by_address.insert(address, from_address + 1);
        Some(Slot {
            slots: self.clone(),
            address,
        })
    }
}

/// The place of one connection.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    address: IpAddr,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.in_all -= 1;
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_in_all_and_by_address_and_come_back() {
        let peer = |raw: &str| Peer::Address((raw.parse::<IpAddr>().unwrap(), 9).into());
        let (proxy, one, same) = (peer("10.0.0.1"), peer("192.0.2.1"), peer("::ffff:192.0.2.1"));
        let slots = Slots::new(&EdgeConfig {
            max_connections: 4,
            max_connections_per_address: 1,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..EdgeConfig::default()
        });
        let first = slots.take(one).unwrap();
        assert!(slots.take(same).is_none());
        let _proxied = [
            slots.take(proxy).unwrap(),
            slots.take(proxy).unwrap(),
            slots.take(proxy).unwrap(),
        ];
        assert!(slots.take(proxy).is_none());
        drop(first);
        assert!(slots.take(same).is_some());
    }

    #[test]
    fn the_peers_of_a_unix_socket_are_one_address_until_they_are_trusted() {
        for (trusts_unix_socket, places) in [(false, 1), (true, 3)] {
            let slots = Slots::new(&EdgeConfig {
                max_connections: 3,
                max_connections_per_address: 1,
                trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
                trusts_unix_socket,
                ..EdgeConfig::default()
            });
            let taken: Vec<_> = std::iter::from_fn(|| slots.take(Peer::UnixSocket)).collect();
            assert_eq!(taken.len(), places);
        }
    }
}
