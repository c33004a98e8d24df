//! Sockets that have not said hello, bounded in number, and every socket, for the stop to wait for.
//!
//! There are three kinds, and none takes another's place: strangers, of whom nothing is known; the nameless, who may stay
//! without a name; and sockets whose handshake carried a good credential. Nobody is refused: where a bound is reached, the
//! oldest goes (of the address or user that is full, or of the address that has most), so that whoever comes and says
//! hello is let in however many others stay silent.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::UserId;
use crate::metrics;
use crate::rate_limit::Address;

/// The counts. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(crate) struct Admission {
    shared: Arc<Shared>,
}

struct Shared {
    strangers: Mutex<Crowd<Address>>,
    nameless: Mutex<Crowd<Address>>,
    known: Mutex<Crowd<UserId>>,
    live: AtomicUsize,
    closing: AtomicBool,
}

/// PendingHandshake sockets by the address or user they count for. A bound of 0 is none.
struct Crowd<K> {
    each: usize,
    total: usize,
    count: usize,
    next: u64,
    sockets: HashMap<K, BTreeMap<u64, Evicted>>,
}

/// Set once the socket has to make room for another.
pub(super) type Evicted = Arc<AtomicBool>;

/// A socket that has not said hello; dropped when it has, or ends.
pub(crate) struct PendingHandshake {
    admission: Admission,
    kind: Kind,
    number: u64,
    evicted: Evicted,
}

#[derive(Clone, Copy)]
enum Kind {
    Stranger(Address),
    Nameless(Address),
    Known(UserId),
}

/// A socket.
pub(crate) struct Alive(Admission);

impl<K: Copy + Eq + Hash> Crowd<K> {
    fn new(each: u32, total: u32) -> Self {
        let bound = |bound: u32| usize::try_from(bound).unwrap_or(usize::MAX);
        Self { each: bound(each), total: bound(total), count: 0, next: 0, sockets: HashMap::new() }
    }

    fn add(&mut self, key: K, evicted: Evicted) -> u64 {
        if self.each > 0 && self.sockets.get(&key).is_some_and(|own| own.len() >= self.each) {
            self.evict_oldest(key);
        } else if self.total > 0 && self.count >= self.total {
            let busiest = self.sockets.iter().max_by_key(|(_, own)| own.len()).map(|(key, _)| *key);
            busiest.into_iter().for_each(|key| self.evict_oldest(key));
        }
        self.next += 1;
        self.count += 1;
        self.sockets.entry(key).or_default().insert(self.next, evicted);
        self.next
    }

    fn evict_oldest(&mut self, key: K) {
        let oldest = self.sockets.get(&key).and_then(|own| own.first_key_value()).map(|(number, _)| *number);
        if let Some(evicted) = oldest.and_then(|number| self.remove(key, number)) {
            evicted.store(true, Ordering::Relaxed);
        }
    }

    fn remove(&mut self, key: K, number: u64) -> Option<Evicted> {
        let own = self.sockets.get_mut(&key)?;
        let evicted = own.remove(&number)?;
        if own.is_empty() {
            self.sockets.remove(&key);
        }
        self.count -= 1;
        Some(evicted)
    }
}

impl Admission {
    /// Nobody waits. `per_address` and `total` bound the strangers, and the nameless likewise; `per_user` those whose
    /// handshake has said who they are. 0 is no limit.
    pub(crate) fn new(per_address: u32, total: u32, per_user: u32) -> Self {
        Self {
            shared: Arc::new(Shared {
                strangers: Mutex::new(Crowd::new(per_address, total)),
                nameless: Mutex::new(Crowd::new(per_address, total)),
                known: Mutex::new(Crowd::new(per_user, 0)),
                live: AtomicUsize::default(),
                closing: AtomicBool::default(),
            }),
        }
    }

    /// Lets a socket in that has to say hello; `user` is who its handshake's credential speaks for.
    pub(crate) fn admit(&self, address: Address, user: Option<UserId>) -> PendingHandshake {
        self.count(user.map_or(Kind::Stranger(address), Kind::Known))
    }

    /// Lets a socket stay that need not say who it is.
    pub(crate) fn admit_nameless(&self, address: Address) -> PendingHandshake {
        self.count(Kind::Nameless(address))
    }

    fn count(&self, kind: Kind) -> PendingHandshake {
        let evicted = Evicted::default();
        let number = match kind {
            Kind::Stranger(address) => lock(&self.shared.strangers).add(address, Arc::clone(&evicted)),
            Kind::Nameless(address) => lock(&self.shared.nameless).add(address, Arc::clone(&evicted)),
            Kind::Known(user) => lock(&self.shared.known).add(user, Arc::clone(&evicted)),
        };
        PendingHandshake { admission: self.clone(), kind, number, evicted }
    }

    /// Counts a socket for as long as the guard lives.
    pub(crate) fn alive(&self) -> Alive {
        self.shared.live.fetch_add(1, Ordering::Relaxed);
        metrics::CONNECTIONS.add(1);
        Alive(self.clone())
    }

    /// How many sockets there are.
    pub(crate) fn live(&self) -> usize {
        self.shared.live.load(Ordering::Relaxed)
    }

    /// No more sockets are let in.
    pub(crate) fn close(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
    }

    /// True once no more sockets are let in.
    pub(crate) fn is_closing(&self) -> bool {
        self.shared.closing.load(Ordering::Relaxed)
    }
}

impl PendingHandshake {
    /// What is set once it has to make room for another.
    pub(crate) fn evicted(&self) -> Evicted {
        Arc::clone(&self.evicted)
    }
}

fn lock<K>(crowd: &Mutex<Crowd<K>>) -> MutexGuard<'_, Crowd<K>> {
    crowd.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for PendingHandshake {
    fn drop(&mut self) {
        let shared = &self.admission.shared;
        match self.kind {
            Kind::Stranger(address) => lock(&shared.strangers).remove(address, self.number),
            Kind::Nameless(address) => lock(&shared.nameless).remove(address, self.number),
            Kind::Known(user) => lock(&shared.known).remove(user, self.number),
        };
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.shared.live.fetch_sub(1, Ordering::Relaxed);
        metrics::CONNECTIONS.less();
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> Address {
        Address::from(IpAddr::from([10, 0, 0, last]))
    }

    fn evicted(sockets: &[PendingHandshake]) -> Vec<bool> {
        sockets.iter().map(|socket| socket.evicted().load(Ordering::Relaxed)).collect()
    }

    #[test]
    fn a_full_address_loses_its_own_oldest() {
        let waiting = Admission::new(2, 0, 0);
        let sockets: Vec<_> = [1, 2, 1, 1].map(|last| waiting.admit(address(last), None)).into();
        assert_eq!(evicted(&sockets), [true, false, false, false]);
    }

    #[test]
    fn when_all_places_are_taken_the_busiest_address_loses_its_oldest() {
        let waiting = Admission::new(0, 4, 0);
        let sockets: Vec<_> = [1, 1, 2, 1, 3, 4].map(|last| waiting.admit(address(last), None)).into();
        assert_eq!(evicted(&sockets), [true, true, false, false, false, false]);
    }

    #[test]
    fn no_kind_takes_the_place_of_another() {
        let waiting = Admission::new(1, 1, 1);
        let stranger = waiting.admit(address(1), None);
        let others = [waiting.admit_nameless(address(1)), waiting.admit(address(1), Some(UserId(7)))];
        assert_eq!(evicted(&others), [false; 2]);
        let again = [waiting.admit(address(1), Some(UserId(7))), waiting.admit(address(1), Some(UserId(8)))];
        assert_eq!(evicted(&others), [false, true]);
        assert_eq!(evicted(&again), [false; 2]);
        assert_eq!(evicted(&[stranger]), [false]);
    }

    #[test]
    fn a_place_that_is_left_is_free() {
        let waiting = Admission::new(1, 1, 0);
        drop(waiting.admit(address(1), None));
        let next = waiting.admit(address(2), None);
        let evicted_before = waiting.admit(address(2), None);
        assert_eq!(evicted(&[next, evicted_before]), [true, false]);
        assert!(lock(&waiting.shared.strangers).sockets.is_empty(), "nothing is left behind");
    }
}
