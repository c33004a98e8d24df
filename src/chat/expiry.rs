//! A queue of deadlines by key, at most one for each.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// Every operation takes at most logarithmic time, whatever the order of deadlines.
#[derive(Debug)]
pub(super) struct ExpiryQueue<K> {
    deadlines: HashMap<K, Instant>,
    order: BTreeSet<(Instant, K)>,
}

impl<K> Default for ExpiryQueue<K> {
    fn default() -> Self {
        Self { deadlines: HashMap::new(), order: BTreeSet::new() }
    }
}

impl<K: Copy + Eq + Hash + Ord> ExpiryQueue<K> {
    /// Sets the deadline of a key, which replaces its present one.
    pub(super) fn insert(&mut self, key: K, deadline: Instant) {
        if let Some(old) = self.deadlines.insert(key, deadline) {
            self.order.remove(&(old, key));
        }
        self.order.insert((deadline, key));
    }

    pub(super) fn cancel(&mut self, key: K) -> Option<Instant> {
        let deadline = self.deadlines.remove(&key)?;
        self.order.remove(&(deadline, key));
        Some(deadline)
    }

    pub(super) fn deadline(&self, key: K) -> Option<Instant> {
        self.deadlines.get(&key).copied()
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    /// Removes and returns the key with the earliest deadline, if that is not after `now`. Equal deadlines are in the order of keys.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<K> {
        self.next_deadline().filter(|deadline| *deadline <= now)?;
        let (_, key) = self.order.pop_first()?;
        self.deadlines.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn all_due(queue: &mut ExpiryQueue<u8>, now: Instant) -> Vec<u8> {
        std::iter::from_fn(|| queue.pop_due(now)).collect()
    }

    #[test]
    fn keys_are_due_at_their_deadline_and_once() {
        let (mut queue, start) = (ExpiryQueue::default(), Instant::now());
        let second = Duration::from_secs(1);
        queue.insert(1, start + second * 2);
        queue.insert(2, start + second);
        assert_eq!(queue.next_deadline(), Some(start + second));
        assert_eq!(all_due(&mut queue, start), Vec::<u8>::new());
        assert_eq!(all_due(&mut queue, start + second), [2]);
        assert_eq!(all_due(&mut queue, start + second * 9), [1]);
        assert_eq!((queue.pop_due(start + second * 9), queue.next_deadline()), (None, None));
    }

    #[test]
    fn a_new_deadline_replaces_the_one_before() {
        let (mut queue, start) = (ExpiryQueue::default(), Instant::now());
        let second = Duration::from_secs(1);
        for deadline in [start + second, start + second * 3, start + second * 2] {
            queue.insert(1, deadline);
        }
        assert_eq!(queue.deadline(1), Some(start + second * 2));
        assert_eq!(all_due(&mut queue, start + second), Vec::<u8>::new());
        assert_eq!(all_due(&mut queue, start + second * 3), [1]);
    }

    #[test]
    fn a_cancelled_key_is_never_due() {
        let (mut queue, start) = (ExpiryQueue::default(), Instant::now());
        queue.insert(1, start);
        queue.insert(2, start);
        assert_eq!((queue.cancel(1), queue.cancel(1), queue.deadline(1)), (Some(start), None, None));
        assert_eq!(all_due(&mut queue, start), [2]);
    }

    #[derive(Clone, Debug)]
    enum Operation {
        Insert(u8, u64),
        Cancel(u8),
        Pop(u64),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let (key, time) = (0_u8..8, 0_u64..20);
        prop_oneof![
            (key.clone(), time.clone()).prop_map(|(key, at)| Operation::Insert(key, at)),
            key.prop_map(Operation::Cancel),
            time.prop_map(Operation::Pop),
        ]
    }

    proptest! {
        #[test]
        fn the_queue_agrees_with_a_sorted_list(operations in prop::collection::vec(operation(), 0..60)) {
            let start = Instant::now();
            let at = |seconds| start + Duration::from_secs(seconds);
            let mut queue = ExpiryQueue::default();
            let mut list: Vec<(u64, u8)> = Vec::new();
            for operation in operations {
                match operation {
                    Operation::Insert(key, time) => {
                        queue.insert(key, at(time));
                        list.retain(|(_, other)| *other != key);
                        list.push((time, key));
                    }
                    Operation::Cancel(key) => {
                        let place = list.iter().position(|(_, other)| *other == key);
                        let expected = place.map(|place| at(list.remove(place).0));
                        prop_assert_eq!(queue.cancel(key), expected);
                    }
                    Operation::Pop(now) => {
                        list.sort_unstable();
                        let due = list.iter().take_while(|(time, _)| *time <= now).count();
                        let expected: Vec<u8> = list.drain(..due).map(|(_, key)| key).collect();
                        prop_assert_eq!(all_due(&mut queue, at(now)), expected);
                    }
                }
                prop_assert_eq!(queue.next_deadline(), list.iter().map(|(time, _)| at(*time)).min());
            }
        }
    }
}
