//! A bounded queue that serves addresses in turn, and within an address its accounts in turn: a flood from one delays the
//! others by one item each.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

#[derive(Debug)]
pub(super) struct FairQueue<A, N, T> {
    capacity: usize,
    per_account: usize,
    len: usize,
    addresses: HashMap<A, AddressItems<N, T>>,
    /// The addresses that have items, each once.
    turns: VecDeque<A>,
    /// How many items each account has, from all addresses.
    accounts: HashMap<N, usize>,
}

#[derive(Debug)]
struct AddressItems<N, T> {
    len: usize,
    items: HashMap<N, VecDeque<T>>,
    /// The accounts that have items, each once.
    turns: VecDeque<N>,
}

impl<N, T> Default for AddressItems<N, T> {
    fn default() -> Self {
        Self { len: 0, items: HashMap::new(), turns: VecDeque::new() }
    }
}

impl<A: Clone + Eq + Hash, N: Clone + Eq + Hash, T> FairQueue<A, N, T> {
    /// Holds at most `capacity` items, and half of that for one account.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            per_account: capacity.div_ceil(2),
            len: 0,
            addresses: HashMap::new(),
            turns: VecDeque::new(),
            accounts: HashMap::new(),
        }
    }

    /// Adds an item. A full queue drops the newest item of the address with the most, if the new item's address has at least
    /// two fewer.
    ///
    /// # Errors
    /// The item that is dropped: the new one, or the one displaced by it.
    pub(super) fn push(&mut self, address: A, account: N, item: T) -> Result<(), T> {
        if self.accounts.get(&account).is_some_and(|count| *count >= self.per_account) {
            return Err(item);
        }
        let mut displaced = None;
        if self.len >= self.capacity {
            let own = self.addresses.get(&address).map_or(0, |lane| lane.len);
            let busiest = self.addresses.iter().max_by_key(|(_, lane)| lane.len);
            let Some(busiest) = busiest.filter(|(_, lane)| lane.len > own + 1).map(|(busiest, _)| busiest.clone())
            else {
                return Err(item);
            };
            displaced = self.displace(&busiest);
        }
        let lane = self.addresses.entry(address.clone()).or_default();
        if lane.len == 0 {
            self.turns.push_back(address);
        }
        let items = lane.items.entry(account.clone()).or_default();
        if items.is_empty() {
            lane.turns.push_back(account.clone());
        }
        items.push_back(item);
        lane.len += 1;
        self.len += 1;
        *self.accounts.entry(account).or_default() += 1;
        displaced.map_or(Ok(()), Err)
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let address = self.turns.pop_front()?;
        let lane = self.addresses.get_mut(&address)?;
        let account = lane.turns.pop_front()?;
        let items = lane.items.get_mut(&account)?;
        let item = items.pop_front();
        if items.is_empty() {
            lane.items.remove(&account);
        } else {
            lane.turns.push_back(account.clone());
        }
        lane.len -= 1;
        if lane.len == 0 {
            self.addresses.remove(&address);
        } else {
            self.turns.push_back(address);
        }
        self.count_out(&account);
        item
    }

    /// Removes the newest item of the account that has the most at this address.
    fn displace(&mut self, address: &A) -> Option<T> {
        let lane = self.addresses.get_mut(address)?;
        let account = lane.items.iter().max_by_key(|(_, items)| items.len())?.0.clone();
        let items = lane.items.get_mut(&account)?;
        let item = items.pop_back();
        if items.is_empty() {
            lane.items.remove(&account);
            lane.turns.retain(|turn| *turn != account);
        }
        lane.len -= 1;
        if lane.len == 0 {
            self.addresses.remove(address);
            self.turns.retain(|turn| turn != address);
        }
        self.count_out(&account);
        item
    }

    fn count_out(&mut self, account: &N) {
        self.len -= 1;
        if let Some(count) = self.accounts.get_mut(account) {
            *count -= 1;
            if *count == 0 {
                self.accounts.remove(account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(queue: &mut FairQueue<u8, &'static str, u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn addresses_are_served_in_turn_and_then_accounts() {
        let mut queue = FairQueue::new(100);
        for number in 0..4 {
            queue.push(1, "avi", number).unwrap();
        }
        queue.push(1, "lisa", 10).unwrap();
        queue.push(2, "mark", 20).unwrap();
        queue.push(2, "mark", 21).unwrap();
        assert_eq!(drain(&mut queue), [0, 20, 10, 21, 1, 2, 3]);
        assert!(queue.addresses.is_empty() && queue.turns.is_empty() && queue.accounts.is_empty() && queue.len == 0);
    }

    #[test]
    fn when_full_the_busiest_address_makes_room() {
        let mut queue = FairQueue::new(4);
        for (number, account) in ["a", "a", "b", "c"].into_iter().enumerate() {
            queue.push(1, account, number.try_into().unwrap()).unwrap();
        }
        assert_eq!(queue.push(1, "d", 9), Err(9), "its own flood");
        assert_eq!(queue.push(2, "d", 10), Err(1), "the newest of the account that has most");
        assert!(queue.push(2, "d", 11).is_err_and(|dropped| [0, 2, 3].contains(&dropped)), "one of three");
        assert_eq!(queue.push(2, "e", 12), Err(12), "no address has two more");
        assert!(queue.push(3, "f", 13).is_err_and(|dropped| dropped != 13), "one of the two busiest gives way");
        assert_eq!(queue.len, 4);
        assert_eq!(drain(&mut queue).len(), 4);
    }

    #[test]
    fn one_account_gets_half_of_the_queue_from_any_addresses() {
        let mut queue = FairQueue::new(6);
        for address in 0..3 {
            queue.push(address, "avi", address).unwrap();
        }
        assert_eq!(queue.push(3, "avi", 3), Err(3));
        queue.push(3, "lisa", 4).unwrap();
        assert_eq!(queue.pop(), Some(0));
        queue.push(4, "avi", 5).unwrap();
    }
}
