//! Sockets that have not said who they are, counted by address and in all, and every socket for the stop to wait for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::Address;
use crate::metrics;

/// The counts. Cheap to clone; all clones share them.
#[derive(Clone, Default)]
pub struct Waiting {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    strangers: Mutex<HashMap<Address, u32>>,
    live: AtomicUsize,
    closing: AtomicBool,
    per_address: u32,
    total: u32,
}

/// A socket that has not said who it is; dropped when it has, or ends.
pub struct Stranger {
    waiting: Waiting,
    address: Address,
}

/// A socket.
pub struct Alive(Waiting);

impl Waiting {
    /// Nobody waits. 0 is no limit.
    pub fn new(per_address: u32, total: u32) -> Self {
        Self { shared: Arc::new(Shared { per_address, total, ..Shared::default() }) }
    }

    /// Lets a socket in that has not said who it is; `None` where too many wait already.
    pub fn admit(&self, address: Address) -> Option<Stranger> {
        let mut strangers = self.strangers();
        let all: u32 = if self.shared.total > 0 { strangers.values().sum() } else { 0 };
        let own = strangers.get(&address).copied().unwrap_or_default();
        let crowded = (self.shared.per_address > 0 && own >= self.shared.per_address)
            || (self.shared.total > 0 && all >= self.shared.total);
        if crowded {
            return None;
        }
        strangers.insert(address, own + 1);
        Some(Stranger { waiting: self.clone(), address })
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

    fn strangers(&self) -> std::sync::MutexGuard<'_, HashMap<Address, u32>> {
        self.shared.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut strangers = self.waiting.strangers();
        if let Some(own) = strangers.get_mut(&self.address) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                strangers.remove(&self.address);
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
    }
}
