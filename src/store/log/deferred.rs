//! The server's own changes that could not be committed: stored here until commits succeed again.

use std::collections::{BTreeMap, VecDeque};

use super::job::{BackgroundChange, Job, Requester, Work};
use crate::domain::{CommitOutput, Mark, SessionId, UserId};

/// Changes, oldest first, and marks. Bounded: producers keep their changes to themselves while commits fail, so there are at
/// most as many as were in flight, and one pair of marks for each member.
#[derive(Default)]
pub(super) struct DeferredWrites {
    changes: VecDeque<BackgroundChange>,
    /// Read and received.
    marks: BTreeMap<(UserId, SessionId), (Option<i64>, Option<i64>)>,
}

impl DeferredWrites {
    /// Adds a change behind all others; one with a fallback is dropped, and the fallback's deliveries are returned.
    pub(super) fn add(&mut self, change: BackgroundChange) -> Vec<CommitOutput> {
        if change.fallback.is_empty() {
            self.changes.push_back(change);
            return Vec::new();
        }
        change.fallback
    }

    /// Adds a mark; of several, the highest remains.
    pub(super) fn add_mark(&mut self, user: UserId, session: SessionId, mark: Mark) {
        let (read, received) = self.marks.entry((user, session)).or_default();
        match mark {
            Mark::Read(to) => *read = (*read).max(Some(to)),
            Mark::Received(to) => *received = (*received).max(Some(to)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.changes.len() + self.marks.len()
    }

    pub(super) fn drain(&mut self) -> VecDeque<Job> {
        let job = |work| Job { work, requester: Requester::NoOne, held_since: None };
        let mut jobs: VecDeque<Job> = self.changes.drain(..).map(|change| job(Work::Background(change))).collect();
        for ((user, session), (read, received)) in std::mem::take(&mut self.marks) {
            let marks = [read.map(Mark::Read), received.map(Mark::Received)];
            jobs.extend(marks.into_iter().flatten().map(|mark| job(Work::Mark { user, session, mark })));
        }
        jobs
    }

    /// Moves background changes out of `jobs`, so that they run after those that are deferred already.
    pub(super) fn take_over(&mut self, jobs: VecDeque<Job>) -> VecDeque<Job> {
        let mut rest = VecDeque::with_capacity(jobs.len());
        for job in jobs {
            match job.work {
                Work::Background(change) => self.changes.push_back(change),
                work => rest.push_back(Job { work, ..job }),
            }
        }
        rest
    }
}
