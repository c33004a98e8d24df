//! The bytes of responses in flight, bounded by user, by address and in total.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::domain::{Refusal, UserId};
use crate::rate_limit::Address;

/// A connection may be aborted once its client has read nothing for this time.
const STALLED_AFTER: Duration = Duration::from_secs(1);
/// Milliseconds after which a refused request may be repeated.
const RETRY_AFTER: u64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseClient {
    pub address: Address,
    pub user: Option<UserId>,
}

pub(crate) trait Stallable: Send + Sync {
    /// When the client ceased to read; `None` where it reads, or nothing is in flight.
    fn stalled_since(&self) -> Option<Instant>;

    fn abort(&self);
}

/// The bytes of all responses in flight. Cheap to clone; all clones share them.
#[derive(Clone)]
pub(crate) struct Budget(Arc<BoundedBytes>);

struct BoundedBytes {
    per_user: usize,
    per_address: usize,
    total: usize,
    held: Mutex<HeldBytes>,
}

#[derive(Default)]
struct HeldBytes {
    total: usize,
    users: HashMap<UserId, usize>,
    addresses: HashMap<Address, usize>,
    responses: HashMap<u64, CountedResponse>,
    next: u64,
}

struct CountedResponse {
    client: ResponseClient,
    bytes: usize,
    connection: Weak<dyn Stallable>,
}

/// The bytes of one response that have not left yet. They do not count any more when it is dropped.
pub(crate) struct Grant {
    budget: Budget,
    number: u64,
}

impl Budget {
    /// 0 is no bound.
    pub(crate) fn new(per_user: usize, per_address: usize, total: usize) -> Self {
        let bound = |bytes: usize| if bytes == 0 { usize::MAX } else { bytes };
        let bounded = BoundedBytes {
            per_user: bound(per_user),
            per_address: bound(per_address),
            total: bound(total),
            held: Mutex::default(),
        };
        Self(Arc::new(bounded))
    }

    /// Checks whether a response may have so many bytes. To make room, connections with stalled responses are aborted: those of the
    /// user, of the same address, or of the busiest address, depending on which bound is reached.
    ///
    /// # Errors
    /// `rate_limited` at the bound of the user or the address, `busy` at the total one.
    pub(crate) fn admit(&self, client: ResponseClient, bytes: usize) -> Result<(), Refusal> {
        let mut held = self.lock();
        let now = Instant::now();
        if let Some(user) = client.user {
            let is_of_user = |response: &CountedResponse| response.client.user == Some(user);
            while exceeds(held.users.get(&user), bytes, self.0.per_user) {
                held.abort_stalled(now, is_of_user).ok_or(Refusal::RateLimited(RETRY_AFTER))?;
            }
        }
        let address = client.address;
        while exceeds(held.addresses.get(&address), bytes, self.0.per_address) {
            let is_of_address = |response: &CountedResponse| response.client.address == address;
            held.abort_stalled(now, is_of_address).ok_or(Refusal::RateLimited(RETRY_AFTER))?;
        }
        while exceeds(Some(&held.total), bytes, self.0.total) {
            let busiest = held.addresses.iter().max_by_key(|(_, bytes)| **bytes).map(|(address, _)| *address);
            let is_of_address = |response: &CountedResponse| Some(response.client.address) == busiest;
            held.abort_stalled(now, is_of_address).ok_or(Refusal::Busy)?;
        }
        Ok(())
    }

    /// Counts a response, whether it fits or not.
    pub(crate) fn hold<C: Stallable + 'static>(
        &self,
        client: ResponseClient,
        bytes: usize,
        connection: &Arc<C>,
    ) -> Grant {
        let mut held = self.lock();
        let number = held.next;
        held.next += 1;
        let connection: Weak<dyn Stallable> = Arc::<C>::downgrade(connection);
        held.responses.insert(number, CountedResponse { client, bytes: 0, connection });
        held.grow(number, bytes);
        drop(held);
        Grant { budget: self.clone(), number }
    }

    #[cfg(test)]
    fn total(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, HeldBytes> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// True where so many bytes more do not fit. Alone, a response larger than the bound fits.
fn exceeds(held: Option<&usize>, more: usize, bound: usize) -> bool {
    held.is_some_and(|held| *held > 0 && held.saturating_add(more) > bound)
}

impl HeldBytes {
    fn grow(&mut self, number: u64, bytes: usize) {
        let Some(response) = self.responses.get_mut(&number) else { return };
        response.bytes += bytes;
        self.total += bytes;
        *self.addresses.entry(response.client.address).or_default() += bytes;
        if let Some(user) = response.client.user {
            *self.users.entry(user).or_default() += bytes;
        }
    }

    fn shrink(&mut self, number: u64, bytes: usize) {
        let Some(response) = self.responses.get_mut(&number) else { return };
        let bytes = bytes.min(response.bytes);
        response.bytes -= bytes;
        let client = response.client;
        self.total = self.total.saturating_sub(bytes);
        take_from(&mut self.addresses, client.address, bytes);
        if let Some(user) = client.user {
            take_from(&mut self.users, user, bytes);
        }
    }

    /// Aborts the connection of the response that has stalled longest, among those that `may_abort`. Its bytes do not count any more.
    fn abort_stalled(&mut self, now: Instant, may_abort: impl Fn(&CountedResponse) -> bool) -> Option<()> {
        let stalled = |response: &CountedResponse| response.connection.upgrade().and_then(|one| one.stalled_since());
        let candidates = self.responses.iter().filter(|(_, response)| response.bytes > 0 && may_abort(response));
        let since = candidates.filter_map(|(number, response)| Some((stalled(response)?, *number)));
        let (since, number) = since.min()?;
        if now.saturating_duration_since(since) < STALLED_AFTER {
            return None;
        }
        if let Some(connection) = self.responses.get(&number).and_then(|response| response.connection.upgrade()) {
            connection.abort();
        }
        self.shrink(number, usize::MAX);
        Some(())
    }
}

fn take_from<K: Eq + std::hash::Hash>(from: &mut HashMap<K, usize>, key: K, bytes: usize) {
    if let Some(held) = from.get_mut(&key) {
        *held = held.saturating_sub(bytes);
        if *held == 0 {
            from.remove(&key);
        }
    }
}

impl Grant {
    pub(crate) fn grow(&self, bytes: usize) {
        self.budget.lock().grow(self.number, bytes);
    }

    /// So many bytes have left, and do not count any more.
    pub(crate) fn release(&self, bytes: usize) {
        self.budget.lock().shrink(self.number, bytes);
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let mut held = self.budget.lock();
        held.shrink(self.number, usize::MAX);
        held.responses.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::edge::http_connections::HttpConnection;

    fn client(address: u8, user: i64) -> ResponseClient {
        let address = Address::from(IpAddr::from([10, 0, 0, address]));
        ResponseClient { address, user: (user > 0).then_some(UserId(user)) }
    }

    /// A connection whose client has read nothing for so many seconds.
    fn connection(budget: &Budget, stalled: u64) -> Arc<HttpConnection> {
        let connection = Arc::new(HttpConnection::new(budget.clone()));
        if stalled > 0 {
            connection.stall(Instant::now().checked_sub(Duration::from_secs(stalled)).unwrap());
        }
        connection
    }

    #[test]
    fn stalled_responses_make_room_and_flowing_ones_do_not() {
        let budget = Budget::new(100, 0, 0);
        let (flowing, stalled) = (connection(&budget, 0), connection(&budget, 5));
        let _first = budget.hold(client(1, 7), 60, &flowing);
        assert_eq!(budget.admit(client(1, 7), 50), Err(Refusal::RateLimited(RETRY_AFTER)));
        assert_eq!(budget.admit(client(1, 8), 50), Ok(()), "another user");
        let _second = budget.hold(client(1, 7), 40, &stalled);
        assert_eq!(budget.admit(client(1, 7), 40), Ok(()));
        assert!(stalled.is_aborted() && !flowing.is_aborted());
        assert_eq!(budget.total(), 60);
    }

    #[test]
    fn at_the_bound_of_an_address_its_own_stalled_responses_make_room() {
        let budget = Budget::new(0, 100, 0);
        let (here, there) = (connection(&budget, 2), connection(&budget, 9));
        let _responses = [budget.hold(client(1, 7), 100, &here), budget.hold(client(2, 7), 100, &there)];
        assert_eq!(budget.admit(client(1, 0), 1), Ok(()));
        assert!(here.is_aborted() && !there.is_aborted());
    }

    #[test]
    fn at_the_total_bound_the_busiest_address_makes_room() {
        let budget = Budget::new(0, 0, 100);
        let (busy, calm) = (connection(&budget, 2), connection(&budget, 9));
        let _responses = [budget.hold(client(1, 1), 70, &busy), budget.hold(client(2, 2), 30, &calm)];
        assert_eq!(budget.admit(client(3, 3), 50), Ok(()));
        assert!(busy.is_aborted() && !calm.is_aborted());
        assert_eq!(budget.admit(client(3, 3), 80), Ok(()));
        assert!(calm.is_aborted());
        let flowing = connection(&budget, 0);
        let _third = budget.hold(client(3, 3), 80, &flowing);
        assert_eq!(budget.admit(client(4, 4), 30), Err(Refusal::Busy));
    }

    #[test]
    fn a_response_larger_than_the_bound_fits_alone() {
        let budget = Budget::new(10, 10, 10);
        assert_eq!(budget.admit(client(1, 1), 1_000), Ok(()));
    }

    #[test]
    fn bytes_that_have_left_do_not_count() {
        let budget = Budget::new(0, 0, 0);
        let grant = budget.hold(client(1, 1), 100, &connection(&budget, 0));
        grant.grow(20);
        grant.release(70);
        assert_eq!(budget.total(), 50);
        drop(grant);
        let held = budget.lock();
        assert!(held.total == 0 && held.users.is_empty() && held.addresses.is_empty() && held.responses.is_empty());
    }
}
