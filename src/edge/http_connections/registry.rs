//! The HTTP connections, bounded by address and in total.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::budget::Budget;
use super::connection::HttpConnection;
use crate::rate_limit::Address;

/// All HTTP connections. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(super) struct ConnectionRegistry(Arc<Bounded>);

struct Bounded {
    per_address: usize,
    total: usize,
    open: Mutex<OpenConnections>,
}

#[derive(Default)]
struct OpenConnections {
    last_number: u64,
    count: usize,
    /// Under `None` those of trusted proxies, which have no bound by address.
    by_address: HashMap<Option<Address>, BTreeMap<u64, Arc<HttpConnection>>>,
}

/// Removes a connection from the registry when it is dropped.
pub(super) struct Registration {
    registry: ConnectionRegistry,
    address: Option<Address>,
    number: u64,
}

impl ConnectionRegistry {
    /// 0 is no bound.
    pub(super) fn new(per_address: u32, total: u32) -> Self {
        let bound = |bound: u32| if bound == 0 { usize::MAX } else { usize::try_from(bound).unwrap_or(usize::MAX) };
        let bounded = Bounded { per_address: bound(per_address), total: bound(total), open: Mutex::default() };
        Self(Arc::new(bounded))
    }

    /// Adds a connection of `address`, or, with `None`, of a trusted proxy. At a bound the oldest idle connection of that address,
    /// or of the busiest one, is closed; `None` where all of them have requests in flight.
    pub(super) fn admit(
        &self,
        address: Option<Address>,
        budget: &Budget,
    ) -> Option<(Arc<HttpConnection>, Registration)> {
        let mut open = self.lock();
        let own = open.by_address.get(&address).map_or(0, BTreeMap::len);
        if address.is_some() && own >= self.0.per_address {
            open.retire_idle(address)?;
        } else if open.count >= self.0.total {
            let busiest = open.by_address.iter().max_by_key(|(_, own)| own.len()).map(|(address, _)| *address);
            open.retire_idle(busiest?)?;
        }
        open.last_number += 1;
        open.count += 1;
        let number = open.last_number;
        let connection = Arc::new(HttpConnection::new(budget.clone()));
        open.by_address.entry(address).or_default().insert(number, Arc::clone(&connection));
        drop(open);
        Some((connection, Registration { registry: self.clone(), address, number }))
    }

    fn lock(&self) -> MutexGuard<'_, OpenConnections> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnections {
    fn retire_idle(&mut self, address: Option<Address>) -> Option<()> {
        let own = self.by_address.get(&address)?;
        let number = own.iter().find(|(_, connection)| connection.is_idle()).map(|(number, _)| *number)?;
        self.remove(address, number)?.retire();
        Some(())
    }

    fn remove(&mut self, address: Option<Address>, number: u64) -> Option<Arc<HttpConnection>> {
        let own = self.by_address.get_mut(&address)?;
        let connection = own.remove(&number)?;
        if own.is_empty() {
            self.by_address.remove(&address);
        }
        self.count -= 1;
        Some(connection)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let _ = self.registry.lock().remove(self.address, self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> Address {
        Address::from(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn idle_connections_are_closed_at_a_bound_and_busy_ones_are_not() {
        let budget = Budget::new(0, 0, 0);
        let registry = ConnectionRegistry::new(2, 3);
        let admit = |last| registry.admit(Some(address(last)), &budget);
        let (busy, _registration) = admit(1).unwrap();
        let (request, _) = busy.begin(address(1), true, false);
        let (idle, _registration) = admit(1).unwrap();
        let (third, _registration) = admit(1).unwrap();
        assert!(idle.is_retired() && !busy.is_retired());
        let (_request, _) = third.begin(address(1), true, false);
        assert!(admit(1).is_none(), "both have requests in flight");
        // In total: the busiest address has none that is idle.
        let (_other, _registration) = admit(2).unwrap();
        assert!(admit(3).is_none());
        drop(request);
        let _last = admit(3).unwrap();
        assert!(busy.is_retired());
    }

    #[test]
    fn a_proxy_has_no_bound_by_address_and_closed_connections_do_not_count() {
        let budget = Budget::new(0, 0, 0);
        let registry = ConnectionRegistry::new(1, 0);
        let proxied: Vec<_> = (0..5).map(|_| registry.admit(None, &budget).unwrap()).collect();
        assert!(proxied.iter().all(|(connection, _)| !connection.is_retired()));
        drop(proxied);
        let open = registry.lock();
        assert!(open.count == 0 && open.by_address.is_empty());
    }
}
