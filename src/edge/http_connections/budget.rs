//! Bytes of responses that are under way, by user, by address and in total.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::domain::{Refusal, UserId};
use crate::rate_limit::Address;

/// A response makes room for others once nothing of it was read for so long.
const STALLED: Duration = Duration::from_secs(1);
/// After how many milliseconds a refused request may be repeated.
const RETRY: u64 = 1_000;

/// The client that a response counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// Where the request came from.
    pub address: Address,
    /// Who asked, where the request said so.
    pub user: Option<UserId>,
}

/// A connection that a response goes to.
pub(crate) trait Stallable: Send + Sync {
    /// Since when the client has not taken what waits for it; `None` where nothing waits.
    fn stalled_since(&self) -> Option<Instant>;

    /// Ends the connection now, whatever waits for its client.
    fn cut(&self);
}

/// The account of all responses. Cheap to clone; all clones share it.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Shared>);

struct Shared {
    per_user: usize,
    per_address: usize,
    total: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    total: usize,
    users: HashMap<UserId, usize>,
    addresses: HashMap<Address, usize>,
    responses: HashMap<u64, Response>,
    next: u64,
}

struct Response {
    recipient: Recipient,
    bytes: usize,
    connection: Weak<dyn Stallable>,
}

/// The bytes of one response that have not left yet; given back when dropped.
pub(crate) struct Grant {
    budget: Budget,
    number: u64,
}

impl Budget {
    /// Nothing is under way. 0 is no bound.
    pub(crate) fn new(per_user: usize, per_address: usize, total: usize) -> Self {
        let bound = |bytes: usize| if bytes == 0 { usize::MAX } else { bytes };
        let shared = Shared {
            per_user: bound(per_user),
            per_address: bound(per_address),
            total: bound(total),
            held: Mutex::default(),
        };
        Self(Arc::new(shared))
    }

    /// Whether a response of so many bytes may be given. Responses that stalled are cut to make room for it: the user's
    /// own, those of the same address, or those of the busiest address, whichever bound is reached.
    ///
    /// # Errors
    /// `rate_limited` where the user or the address has as much under way as may be, `busy` where everybody has.
    pub(crate) fn admit(&self, recipient: Recipient, bytes: usize) -> Result<(), Refusal> {
        let mut held = self.lock();
        let now = Instant::now();
        if let Some(user) = recipient.user {
            let is_his = |response: &Response| response.recipient.user == Some(user);
            while exceeds(held.users.get(&user), bytes, self.0.per_user) {
                held.cut_stalled(now, is_his).ok_or(Refusal::RateLimited(RETRY))?;
            }
        }
        let address = recipient.address;
        while exceeds(held.addresses.get(&address), bytes, self.0.per_address) {
            let is_there = |response: &Response| response.recipient.address == address;
            held.cut_stalled(now, is_there).ok_or(Refusal::RateLimited(RETRY))?;
        }
        while exceeds(Some(&held.total), bytes, self.0.total) {
            let busiest = held.addresses.iter().max_by_key(|(_, bytes)| **bytes).map(|(address, _)| *address);
            let is_there = |response: &Response| Some(response.recipient.address) == busiest;
            held.cut_stalled(now, is_there).ok_or(Refusal::Busy)?;
        }
        Ok(())
    }

    /// Accounts for a response, whether it fits or not.
    pub(crate) fn hold<C: Stallable + 'static>(
        &self,
        recipient: Recipient,
        bytes: usize,
        connection: &Arc<C>,
    ) -> Grant {
        let mut held = self.lock();
        let number = held.next;
        held.next += 1;
        let connection: Weak<dyn Stallable> = Arc::<C>::downgrade(connection);
        held.responses.insert(number, Response { recipient, bytes: 0, connection });
        held.grow(number, bytes);
        drop(held);
        Grant { budget: self.clone(), number }
    }

    /// Bytes that are under way in total.
    #[cfg(test)]
    fn total(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// True where so many bytes more do not fit. What is larger than the bound fits where there is nothing else.
fn exceeds(held: Option<&usize>, more: usize, bound: usize) -> bool {
    held.is_some_and(|held| *held > 0 && held.saturating_add(more) > bound)
}

impl Held {
    fn grow(&mut self, number: u64, bytes: usize) {
        let Some(response) = self.responses.get_mut(&number) else { return };
        response.bytes += bytes;
        self.total += bytes;
        *self.addresses.entry(response.recipient.address).or_default() += bytes;
        if let Some(user) = response.recipient.user {
            *self.users.entry(user).or_default() += bytes;
        }
    }

    fn shrink(&mut self, number: u64, bytes: usize) {
        let Some(response) = self.responses.get_mut(&number) else { return };
        let bytes = bytes.min(response.bytes);
        response.bytes -= bytes;
        let recipient = response.recipient;
        self.total = self.total.saturating_sub(bytes);
        take_from(&mut self.addresses, recipient.address, bytes);
        if let Some(user) = recipient.user {
            take_from(&mut self.users, user, bytes);
        }
    }

    /// Cuts the connection of the response that has stalled longest, among those that `may_go`; its bytes count no more.
    fn cut_stalled(&mut self, now: Instant, may_go: impl Fn(&Response) -> bool) -> Option<()> {
        let stalled = |response: &Response| response.connection.upgrade().and_then(|one| one.stalled_since());
        let candidates = self.responses.iter().filter(|(_, response)| response.bytes > 0 && may_go(response));
        let since = candidates.filter_map(|(number, response)| Some((stalled(response)?, *number)));
        let (since, number) = since.min()?;
        if now.saturating_duration_since(since) < STALLED {
            return None;
        }
        if let Some(connection) = self.responses.get(&number).and_then(|response| response.connection.upgrade()) {
            connection.cut();
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
    /// So many bytes more belong to the response.
    pub(crate) fn grow(&self, bytes: usize) {
        self.budget.lock().grow(self.number, bytes);
    }

    /// So many bytes have left.
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

    fn recipient(address: u8, user: i64) -> Recipient {
        let address = Address::from(IpAddr::from([10, 0, 0, address]));
        Recipient { address, user: (user > 0).then_some(UserId(user)) }
    }

    /// A connection on which nothing was read for so many seconds.
    fn connection(budget: &Budget, stalled: u64) -> Arc<HttpConnection> {
        let connection = Arc::new(HttpConnection::new(budget.clone()));
        if stalled > 0 {
            connection.stall(Instant::now().checked_sub(Duration::from_secs(stalled)).unwrap());
        }
        connection
    }

    #[test]
    fn what_flows_is_waited_for_and_what_stalls_makes_room() {
        let budget = Budget::new(100, 0, 0);
        let (flowing, stalled) = (connection(&budget, 0), connection(&budget, 5));
        let _first = budget.hold(recipient(1, 7), 60, &flowing);
        assert_eq!(budget.admit(recipient(1, 7), 50), Err(Refusal::RateLimited(RETRY)));
        assert_eq!(budget.admit(recipient(1, 8), 50), Ok(()), "another user");
        let _second = budget.hold(recipient(1, 7), 40, &stalled);
        assert_eq!(budget.admit(recipient(1, 7), 40), Ok(()));
        assert!(stalled.is_cut() && !flowing.is_cut());
        assert_eq!(budget.total(), 60);
    }

    #[test]
    fn an_address_makes_room_for_its_own() {
        let budget = Budget::new(0, 100, 0);
        let (here, there) = (connection(&budget, 2), connection(&budget, 9));
        let _responses = [budget.hold(recipient(1, 7), 100, &here), budget.hold(recipient(2, 7), 100, &there)];
        assert_eq!(budget.admit(recipient(1, 0), 1), Ok(()));
        assert!(here.is_cut() && !there.is_cut());
    }

    #[test]
    fn in_total_the_busiest_address_makes_room() {
        let budget = Budget::new(0, 0, 100);
        let (busy, calm) = (connection(&budget, 2), connection(&budget, 9));
        let _responses = [budget.hold(recipient(1, 1), 70, &busy), budget.hold(recipient(2, 2), 30, &calm)];
        assert_eq!(budget.admit(recipient(3, 3), 50), Ok(()));
        assert!(busy.is_cut() && !calm.is_cut());
        assert_eq!(budget.admit(recipient(3, 3), 80), Ok(()));
        assert!(calm.is_cut());
        let flowing = connection(&budget, 0);
        let _third = budget.hold(recipient(3, 3), 80, &flowing);
        assert_eq!(budget.admit(recipient(4, 4), 30), Err(Refusal::Busy));
    }

    #[test]
    fn what_is_larger_than_a_bound_goes_alone() {
        let budget = Budget::new(10, 10, 10);
        assert_eq!(budget.admit(recipient(1, 1), 1_000), Ok(()));
    }

    #[test]
    fn what_has_left_is_accounted_for_no_more() {
        let budget = Budget::new(0, 0, 0);
        let grant = budget.hold(recipient(1, 1), 100, &connection(&budget, 0));
        grant.grow(20);
        grant.release(70);
        assert_eq!(budget.total(), 50);
        drop(grant);
        let held = budget.lock();
        assert!(held.total == 0 && held.users.is_empty() && held.addresses.is_empty() && held.responses.is_empty());
    }
}
