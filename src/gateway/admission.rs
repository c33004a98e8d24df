//! Admission control: how many connections may be unauthenticated at a time, and a count of all connections, for the shutdown.
//!
//! Unauthenticated connections are of three kinds with bounds of their own: those that must authenticate, those that need not,
//! and those whose handshake carried a valid credential. None is refused: where a bound is reached, the oldest one is evicted, of
//! the address or user that has reached its bound, or of the address with the most. So a client that authenticates at once
//! succeeds however many others do not.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::UserId;
use crate::metrics;
use crate::rate_limit::Address;

/// The counts. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(crate) struct Admission(Arc<AdmissionCounts>);

struct AdmissionCounts {
    unauthenticated: Mutex<EvictionPool>,
    anonymous: Mutex<EvictionPool>,
    known: Mutex<EvictionPool>,
    live: AtomicUsize,
    closing: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CountedFor {
    Unauthenticated(Address),
    Anonymous(Address),
    Known(UserId),
}

/// Connections of one kind, each with the number under which it was added. A bound of 0 is none.
struct EvictionPool {
    max_each: usize,
    max_total: usize,
    count: usize,
    last_number: u64,
    connections: HashMap<CountedFor, BTreeMap<u64, Evicted>>,
}

/// Set once the connection has to make room for another.
pub(super) type Evicted = Arc<AtomicBool>;

/// Counts a connection as unauthenticated until it is dropped.
pub(crate) struct PendingHandshake {
    admission: Admission,
    counted_for: CountedFor,
    number: u64,
    evicted: Evicted,
}

/// Counts a connection until it is dropped.
pub(crate) struct LiveConnection(Admission);

impl EvictionPool {
    fn new(max_each: u32, max_total: u32) -> Mutex<Self> {
        let bound = |bound: u32| usize::try_from(bound).unwrap_or(usize::MAX);
        let (max_each, max_total) = (bound(max_each), bound(max_total));
        Mutex::new(Self { max_each, max_total, count: 0, last_number: 0, connections: HashMap::new() })
    }

    fn add(&mut self, key: CountedFor, evicted: Evicted) -> u64 {
        if self.max_each > 0 && self.connections.get(&key).is_some_and(|own| own.len() >= self.max_each) {
            self.evict_oldest(key);
        } else if self.max_total > 0 && self.count >= self.max_total {
            let busiest = self.connections.iter().max_by_key(|(_, own)| own.len()).map(|(key, _)| *key);
            busiest.into_iter().for_each(|key| self.evict_oldest(key));
        }
        self.last_number += 1;
        self.count += 1;
        self.connections.entry(key).or_default().insert(self.last_number, evicted);
        self.last_number
    }

    fn evict_oldest(&mut self, key: CountedFor) {
        let oldest = self.connections.get(&key).and_then(|own| own.first_key_value()).map(|(number, _)| *number);
        if let Some(evicted) = oldest.and_then(|number| self.remove(key, number)) {
            evicted.store(true, Ordering::Relaxed);
        }
    }

    fn remove(&mut self, key: CountedFor, number: u64) -> Option<Evicted> {
        let own = self.connections.get_mut(&key)?;
        let evicted = own.remove(&number)?;
        if own.is_empty() {
            self.connections.remove(&key);
        }
        self.count -= 1;
        Some(evicted)
    }
}

impl Admission {
    /// `per_address` and `total` bound connections that must authenticate, and, separately, those that need not; `per_user`
    /// those with a valid credential. 0 is no bound.
    pub(crate) fn new(per_address: u32, total: u32, per_user: u32) -> Self {
        Self(Arc::new(AdmissionCounts {
            unauthenticated: EvictionPool::new(per_address, total),
            anonymous: EvictionPool::new(per_address, total),
            known: EvictionPool::new(per_user, 0),
            live: AtomicUsize::default(),
            closing: AtomicBool::default(),
        }))
    }

    /// Admits a connection that must authenticate; `user` is the one whose credential its handshake carried.
    pub(crate) fn admit(&self, address: Address, user: Option<UserId>) -> PendingHandshake {
        self.count(user.map_or(CountedFor::Unauthenticated(address), CountedFor::Known))
    }

    pub(crate) fn admit_anonymous(&self, address: Address) -> PendingHandshake {
        self.count(CountedFor::Anonymous(address))
    }

    fn count(&self, counted_for: CountedFor) -> PendingHandshake {
        let evicted = Evicted::default();
        let number = self.pool(counted_for).add(counted_for, Arc::clone(&evicted));
        PendingHandshake { admission: self.clone(), counted_for, number, evicted }
    }

    fn pool(&self, of: CountedFor) -> MutexGuard<'_, EvictionPool> {
        let pool = match of {
            CountedFor::Unauthenticated(_) => &self.0.unauthenticated,
            CountedFor::Anonymous(_) => &self.0.anonymous,
            CountedFor::Known(_) => &self.0.known,
        };
        pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count_live(&self) -> LiveConnection {
        self.0.live.fetch_add(1, Ordering::Relaxed);
        metrics::CONNECTIONS.add(1);
        LiveConnection(self.clone())
    }

    pub(crate) fn live(&self) -> usize {
        self.0.live.load(Ordering::Relaxed)
    }

    pub(crate) fn close(&self) {
        self.0.closing.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Relaxed)
    }
}

impl PendingHandshake {
    pub(crate) fn evicted(&self) -> Evicted {
        Arc::clone(&self.evicted)
    }
}

impl Drop for PendingHandshake {
    fn drop(&mut self) {
        let _ = self.admission.pool(self.counted_for).remove(self.counted_for, self.number);
    }
}

impl Drop for LiveConnection {
    fn drop(&mut self) {
        self.0.0.live.fetch_sub(1, Ordering::Relaxed);
        metrics::CONNECTIONS.decrement();
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> Address {
        Address::from(IpAddr::from([10, 0, 0, last]))
    }

    fn evicted(connections: &[PendingHandshake]) -> Vec<bool> {
        connections.iter().map(|one| one.evicted().load(Ordering::Relaxed)).collect()
    }

    #[test]
    fn a_full_address_loses_its_own_oldest() {
        let admission = Admission::new(2, 0, 0);
        let connections: Vec<_> = [1, 2, 1, 1].map(|last| admission.admit(address(last), None)).into();
        assert_eq!(evicted(&connections), [true, false, false, false]);
    }

    #[test]
    fn at_the_total_bound_the_busiest_address_loses_its_oldest() {
        let admission = Admission::new(0, 4, 0);
        let connections: Vec<_> = [1, 1, 2, 1, 3, 4].map(|last| admission.admit(address(last), None)).into();
        assert_eq!(evicted(&connections), [true, true, false, false, false, false]);
    }

    #[test]
    fn no_kind_evicts_another() {
        let admission = Admission::new(1, 1, 1);
        let unauthenticated = admission.admit(address(1), None);
        let others = [admission.admit_anonymous(address(1)), admission.admit(address(1), Some(UserId(7)))];
        assert_eq!(evicted(&others), [false; 2]);
        let again = [admission.admit(address(1), Some(UserId(7))), admission.admit(address(1), Some(UserId(8)))];
        assert_eq!(evicted(&others), [false, true]);
        assert_eq!(evicted(&again), [false; 2]);
        assert_eq!(evicted(&[unauthenticated]), [false]);
    }

    #[test]
    fn a_connection_that_ended_does_not_count() {
        let admission = Admission::new(1, 1, 0);
        drop(admission.admit(address(1), None));
        let next = admission.admit(address(2), None);
        let evicted_before = admission.admit(address(2), None);
        assert_eq!(evicted(&[next, evicted_before]), [true, false]);
        assert!(
            admission.pool(CountedFor::Unauthenticated(address(1))).connections.is_empty(),
            "nothing is left behind"
        );
    }
}
