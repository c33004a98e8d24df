//! What the server writes for itself and could not write: kept until commits hold again.

use std::collections::{BTreeMap, VecDeque};

use super::job::{Job, Note, Origin, Work};
use crate::domain::{Delivery, Mark, SessionId, UserId};

/// Changes in the order in which they are to be made, and marks. Bounded: those who make changes gather them themselves
/// while commits fail, so there are at most as many as were under way, and one mark for each member.
#[derive(Default)]
pub(super) struct Kept {
    notes: VecDeque<Note>,
    /// How far each member has read and received.
    marks: BTreeMap<(UserId, SessionId), (Option<i64>, Option<i64>)>,
}

impl Kept {
    /// Keeps a change behind all others, or gives what is let out instead.
    pub(super) fn keep(&mut self, note: Note) -> Vec<Delivery> {
        if note.otherwise.is_empty() {
            self.notes.push_back(note);
            return Vec::new();
        }
        note.otherwise
    }

    /// Keeps a mark, or the higher one.
    pub(super) fn keep_mark(&mut self, user: UserId, session: SessionId, mark: Mark) {
        let (read, received) = self.marks.entry((user, session)).or_default();
        match mark {
            Mark::Read(to) => *read = (*read).max(Some(to)),
            Mark::Received(to) => *received = (*received).max(Some(to)),
        }
    }

    /// How much is kept.
    pub(super) fn len(&self) -> usize {
        self.notes.len() + self.marks.len()
    }

    /// Everything, to be done.
    pub(super) fn take(&mut self) -> VecDeque<Job> {
        let job = |work| Job { work, origin: Origin::Nobody };
        let mut jobs: VecDeque<Job> = self.notes.drain(..).map(|note| job(Work::Note(note))).collect();
        for ((user, session), (read, received)) in std::mem::take(&mut self.marks) {
            let marks = [read.map(Mark::Read), received.map(Mark::Received)];
            jobs.extend(marks.into_iter().flatten().map(|mark| job(Work::Mark { user, session, mark })));
        }
        jobs
    }

    /// Moves changes that nobody waits for out of `jobs`, behind those that are kept.
    pub(super) fn take_over(&mut self, jobs: VecDeque<Job>) -> VecDeque<Job> {
        let mut rest = VecDeque::with_capacity(jobs.len());
        for Job { work, origin } in jobs {
            match work {
                Work::Note(note) => self.notes.push_back(note),
                work => rest.push_back(Job { work, origin }),
            }
        }
        rest
    }
}
