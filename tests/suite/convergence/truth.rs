//! What was done in a session, as the walk itself knows it.

use std::collections::BTreeMap;

use super::walk::PEOPLE;
use crate::kit::*;

/// What was said and what became of it.
pub struct Said {
    pub who: usize,
    pub command: Value,
    pub seq: u64,
}

pub struct Truth {
    /// Who is in it.
    pub two: [usize; 2],
    pub said: Vec<Said>,
    /// By user: how far read.
    read: BTreeMap<usize, u64>,
}

impl Truth {
    pub fn new(two: [usize; 2]) -> Self {
        Self { two, said: Vec::new(), read: BTreeMap::new() }
    }

    /// Something was said and acknowledged: the next `seq` is its.
    pub fn add(&mut self, who: usize, command: Value, ok: &Value) {
        let seq = number(ok, "seq");
        assert_eq!(seq, self.said.len() as u64 + 1, "{ok}");
        self.said.push(Said { who, command, seq });
        self.read.insert(who, seq);
    }

    pub fn read_up_to(&mut self, who: usize, seq: u64) {
        let read = self.read.entry(who).or_default();
        *read = seq.max(*read);
    }

    /// A fresh load of that user's tells exactly what was done.
    pub fn check(&self, fresh: &Held, who: usize) {
        fresh.is_whole();
        assert_eq!(fresh.messages.len(), self.said.len());
        for (message, said) in fresh.messages.values().zip(&self.said) {
            assert_eq!((&message["text"], &message["reply_to"]), (&said.command["text"], &said.command["reply_to"]));
            assert_eq!(message["username"], PEOPLE[said.who]);
        }
        let read = |who: usize| self.read.get(&who).copied().unwrap_or_default();
        assert_eq!(fresh.read, read(who), "what {} has read", PEOPLE[who]);
        let unread = self.said.iter().filter(|said| said.who != who && said.seq > fresh.read).count();
        assert_eq!(fresh.unread, unread.min(1_000) as u64);
        let reads: Vec<_> = fresh.receipts.iter().map(|(name, (read, _))| (name.as_str(), *read)).collect();
        let mut wanted = self.two.map(|who| (PEOPLE[who], read(who)));
        wanted.sort_unstable();
        assert_eq!(reads, wanted);
    }
}
