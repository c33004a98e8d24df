//! The promises found broken, over all connections and the whole play: each connection's ledger is held against the
//! last seq that any connection saw of the session.

use std::collections::HashMap;

use serde::Serialize;

use crate::ledger::Ledger;
use crate::number::grouped;

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Breaches {
    pub lost: u64,
    pub doubled: u64,
    pub reordered: u64,
    pub acks_lost: u64,
    pub acks_doubled: u64,
    pub acks_reordered: u64,
    pub refused: u64,
    pub ended: u64,
}

impl Breaches {
    pub fn new(ledgers: &[Ledger]) -> Self {
        let mut last = HashMap::<usize, u64>::new();
        for ledger in ledgers {
            let seq = last.entry(ledger.session).or_default();
            *seq = ledger.last.max(*seq);
        }
        let mut all = Self::default();
        for ledger in ledgers {
            all.lost += ledger.lost(last.get(&ledger.session).copied().unwrap_or(0));
            all.doubled += ledger.doubled;
            all.reordered += ledger.reordered;
            all.acks_lost += ledger.acks_lost();
            all.acks_doubled += ledger.acks_doubled;
            all.acks_reordered += ledger.acks_reordered;
            all.refused += ledger.refused;
            all.ended += u64::from(ledger.ended.is_some());
        }
        all
    }

    pub fn sentences(&self, ledgers: &[Ledger]) -> Vec<String> {
        let ended = ledgers.iter().find_map(|ledger| ledger.ended.as_deref()).unwrap_or_default();
        let refusal = ledgers.iter().find_map(|ledger| ledger.refusal.as_deref()).unwrap_or_default();
        [
            (self.lost, "messages lost".to_owned()),
            (self.doubled, "messages doubled".to_owned()),
            (self.reordered, "messages out of order".to_owned()),
            (self.acks_lost, "sends never answered".to_owned()),
            (self.acks_doubled, "answers to no open send".to_owned()),
            (self.acks_reordered, "answers out of order".to_owned()),
            (self.refused, format!("sends refused (the first with {refusal})")),
            (self.ended, format!("connections ended (the first: {ended})")),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, breach)| format!("{breach}: {}", grouped(count)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ledger of a connection that received these messages.
    fn received(seqs: &[u64]) -> Ledger {
        let mut ledger = Ledger::new(0);
        seqs.iter().for_each(|seq| ledger.see(*seq));
        ledger
    }

    #[test]
    fn every_message_is_due_on_every_connection_once_and_in_order() {
        let whole = || received(&[1, 2, 3]);
        for (seqs, wanted) in [
            (&[1, 2, 3][..], Breaches::default()),
            (&[1, 3], Breaches { lost: 1, ..Breaches::default() }),
            (&[1, 2], Breaches { lost: 1, ..Breaches::default() }),
            (&[1, 2, 2, 3], Breaches { doubled: 1, ..Breaches::default() }),
            (&[1, 3, 2], Breaches { reordered: 1, ..Breaches::default() }),
        ] {
            assert_eq!(Breaches::new(&[whole(), received(seqs)]), wanted, "{seqs:?}");
        }
    }

    #[test]
    fn every_send_is_answered_once_and_in_order() {
        for (ids, wanted) in [
            (&[1, 2][..], Breaches::default()),
            (&[1], Breaches { acks_lost: 1, ..Breaches::default() }),
            (&[2, 1], Breaches { acks_reordered: 1, ..Breaches::default() }),
            (&[1, 1, 2], Breaches { acks_doubled: 1, ..Breaches::default() }),
        ] {
            let mut ledger = Ledger::new(0);
            let sent = [ledger.send(10), ledger.send(20)];
            assert_eq!(sent, [1, 2]);
            for id in ids {
                ledger.answer(*id);
            }
            assert_eq!(Breaches::new(&[ledger]), wanted, "{ids:?}");
        }
    }
}
