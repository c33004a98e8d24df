//! Jobs whose session, or whatever else they touch, is locked by a transaction that stands still: they are tried again and again, so that the jobs of other
//! sessions are not held up, and refused when they have waited for too long.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::job::Job;
use crate::domain::SessionId;

/// Jobs are tried again so often, …
const RETRY: Duration = Duration::from_millis(50);
/// … and refused after so long.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Default)]
pub(super) struct HeldJobs {
    /// In the order in which they came.
    jobs: VecDeque<Job>,
    /// The sessions of messages and marks among them: later jobs of these must not overtake them. What tasks touch is not
    /// held up: one locked user would hold up whole rooms.
    sessions: HashSet<SessionId>,
    tried_at: Option<Instant>,
}

impl HeldJobs {
    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Adds jobs that could not be run.
    pub(super) fn add(&mut self, jobs: impl IntoIterator<Item = Job>) {
        let now = Instant::now();
        self.tried_at = Some(now);
        for mut job in jobs {
            job.held_since.get_or_insert(now);
            self.sessions.extend(job.session());
            self.jobs.push_back(job);
        }
    }

    /// Takes the jobs of locked sessions out of new ones; gives the others.
    pub(super) fn hold_back(&mut self, jobs: VecDeque<Job>) -> VecDeque<Job> {
        if self.jobs.is_empty() {
            return jobs;
        }
        let is_held = |job: &Job| job.sessions().any(|session| self.sessions.contains(&session));
        let (held, others): (VecDeque<Job>, VecDeque<Job>) = jobs.into_iter().partition(is_held);
        let now = Instant::now();
        self.jobs.extend(held.into_iter().map(|mut job| {
            job.held_since.get_or_insert(now);
            job
        }));
        others
    }

    /// All jobs, where it is time to try them again, and separately those that have waited for too long.
    pub(super) fn due(&mut self) -> (VecDeque<Job>, VecDeque<Job>) {
        if self.tried_at.is_some_and(|at| at.elapsed() < RETRY) {
            return Default::default();
        }
        self.take()
    }

    /// The same, whenever they were tried.
    pub(super) fn take(&mut self) -> (VecDeque<Job>, VecDeque<Job>) {
        self.sessions.clear();
        let is_young = |job: &Job| job.held_since.is_none_or(|since| since.elapsed() < PATIENCE);
        std::mem::take(&mut self.jobs).into_iter().partition(is_young)
    }
}
