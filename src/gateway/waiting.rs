//! Sockets that have not said who they are, counted by address and in all: strangers, who have little time for it, and the
//! nameless, who have as much as they like and therefore take no stranger's place. And every socket, for the stop to wait for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::Address;
use crate::metrics;

/// The counts. Cheap to clone; all clones share them.
#[derive(Clone, Default)]
pub struct Waiting {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    strangers: Crowd,
    nameless: Crowd,
    live: AtomicUsize,
    closing: AtomicBool,
    per_address: u32,
    total: u32,
}

/// How many sockets of each address there are.
type Crowd = Mutex<HashMap<Address, u32>>;

/// A socket that has not said who it is; dropped when it has, or ends.
pub struct Stranger {
    waiting: Waiting,
    address: Address,
    is_nameless: bool,
}

/// A socket.
pub struct Alive(Waiting);

impl Waiting {
    /// Nobody waits. 0 is no limit.
    pub fn new(per_address: u32, total: u32) -> Self {
        Self { shared: Arc::new(Shared { per_address, total, ..Shared::default() }) }
    }

    /// Lets a socket in that has to say who it is; `None` where too many wait already.
    pub fn admit(&self, address: Address) -> Option<Stranger> {
        self.count(address, false)
    }

    /// Lets a socket stay that need not say who it is; `None` where there are as many of these as may be strangers.
    pub fn admit_nameless(&self, address: Address) -> Option<Stranger> {
        self.count(address, true)
    }

    fn count(&self, address: Address, is_nameless: bool) -> Option<Stranger> {
        let mut crowd = self.crowd(is_nameless);
        let all: u32 = if self.shared.total > 0 { crowd.values().sum() } else { 0 };
        let own = crowd.get(&address).copied().unwrap_or_default();
        let crowded = (self.shared.per_address > 0 && own >= self.shared.per_address)
            || (self.shared.total > 0 && all >= self.shared.total);
        if crowded {
            return None;
        }
        crowd.insert(address, own + 1);
        Some(Stranger { waiting: self.clone(), address, is_nameless })
    }

    /// Counts a socket for as long as the guard lives.
    pub fn alive(&self) -> Alive {
        self.shared.live.fetch_add(1, Ordering::Relaxed);
        metrics::CONNECTIONS.add(1);
        Alive(self.clone())
    }

    /// How many sockets there are.
    pub fn live(&self) -> usize {
        self.shared.live.load(Ordering::Relaxed)
    }

    /// No more sockets are let in.
    pub fn close(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
    }

    /// True once no more sockets are let in.
    pub fn is_closing(&self) -> bool {
        self.shared.closing.load(Ordering::Relaxed)
    }

    fn crowd(&self, is_nameless: bool) -> MutexGuard<'_, HashMap<Address, u32>> {
        let crowd = if is_nameless { &self.shared.nameless } else { &self.shared.strangers };
        crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut crowd = self.waiting.crowd(self.is_nameless);
        if let Some(own) = crowd.get_mut(&self.address) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                crowd.remove(&self.address);
            }
        }
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

    #[test]
    fn strangers_are_few_for_each_address_and_in_all() {
        let waiting = Waiting::new(1, 2);
        let address = |last: u8| Address::from(IpAddr::from([10, 0, 0, last]));
        let first = waiting.admit(address(1));
        assert!(first.is_some() && waiting.admit(address(1)).is_none());
        let second = waiting.admit(address(2));
        assert!(second.is_some() && waiting.admit(address(3)).is_none());
        drop(first);
        assert!(waiting.admit(address(3)).is_some());
        // The nameless take no place of theirs.
        let nameless = waiting.admit_nameless(address(2));
        assert!(nameless.is_some() && waiting.admit_nameless(address(2)).is_none());
    }
}
