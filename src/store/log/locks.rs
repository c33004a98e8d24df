//! PostgreSQL: locking what the tasks of a batch touch (see [`touches`](super::touches)).

use std::collections::{BTreeSet, HashSet, VecDeque};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::bulk::locking::{lock_area, lock_sessions, lock_users, sessions_of};
use super::job::Job;
use super::touches::{Area, Locks};
use crate::domain::{SessionId, Time, UserId};
use crate::store::db::postgres::advisory;
use crate::store::{Db, is_lock_timeout};

/// Long enough for transactions that do not stand still.
const SHORTLY: &str = "SET LOCAL lock_timeout = '50ms'";

impl Area {
    /// The key of its advisory lock, and whether tasks share it.
    const fn key(self) -> (i64, bool) {
        match self {
            Self::People => (advisory::PEOPLE, false),
            Self::Budgets => (advisory::BUDGETS, false),
            Self::Index => (advisory::INDEX, true),
        }
    }
}

/// What other transactions have locked.
#[derive(Default)]
struct Unavailable {
    tasks: bool,
    wide: bool,
    areas: Vec<Area>,
    users: HashSet<UserId>,
    sessions: HashSet<SessionId>,
}

impl Unavailable {
    fn concerns(&self, job: &Job) -> bool {
        let Some(touches) = job.touches().filter(|touches| !touches.is_nothing()) else {
            return job.session().is_some_and(|session| self.sessions.contains(&session));
        };
        let is_missing = |locks: &Locks| {
            locks.is_wide && self.wide
                || locks.areas.iter().any(|area| self.areas.contains(area))
                || locks.users.iter().any(|user| self.users.contains(user))
                || locks.sessions.iter().any(|session| self.sessions.contains(session))
        };
        self.tasks || touches.locks().any(is_missing)
    }
}

/// Locks what the tasks among `jobs` touch, and the sessions of messages and marks. With `skip` it waits for no other
/// transaction, but takes the jobs out whose locks are not available, and gives those.
pub(super) fn acquire(db: &mut Db, jobs: &mut VecDeque<Job>, now: Time, skip: bool) -> QueryResult<VecDeque<Job>> {
    resolve(db, jobs, now)?;
    let is_wide = locks(jobs).any(|locks| locks.is_wide);
    let areas: BTreeSet<Area> = locks(jobs).flat_map(|locks| &locks.areas).copied().collect();
    let mut unavailable = Unavailable::default();
    {
        let Db::Postgres(db) = db else { return Ok(VecDeque::new()) };
        unavailable.wide = is_wide && !lock_tasks(db, skip)?;
        unavailable.tasks = (unavailable.wide || !is_wide) && !lock_area(db, (advisory::TASKS, true), skip)?;
        for area in areas {
            if !lock_area(db, area.key(), skip)? {
                unavailable.areas.push(area);
            }
        }
    }
    if is_wide && !unavailable.wide {
        // What was found before may have changed; from here on only this server changes it.
        resolve(db, jobs, now)?;
    }
    let Db::Postgres(db) = db else { return Ok(VecDeque::new()) };
    let mut sessions = BTreeSet::new();
    if is_wide && !unavailable.wide {
        sessions.extend(sessions_of_ended(db, jobs)?);
    }
    let ended = sessions.clone();
    sessions.extend(jobs.iter().flat_map(Job::sessions));
    let users: BTreeSet<UserId> = locks(jobs).flat_map(|locks| &locks.users).copied().collect();
    unavailable.users = lock_users(db, users, skip)?;
    unavailable.sessions = lock_sessions(db, sessions, skip)?;
    unavailable.wide |= !unavailable.sessions.is_disjoint(&ended.into_iter().collect());
    if !skip {
        return Ok(VecDeque::new());
    }
    let (held, others): (VecDeque<Job>, VecDeque<Job>) = jobs.drain(..).partition(|job| unavailable.concerns(job));
    *jobs = others;
    Ok(held)
}

/// Has this transaction alone run tasks; false where others run some.
fn lock_tasks(db: &mut PgConnection, skip: bool) -> QueryResult<bool> {
    let tasks = (advisory::TASKS, false);
    if !skip {
        return lock_area(db, tasks, false);
    }
    // While others run tasks all the time, it is had only by one that waits for it.
    let taken = db.transaction(|db| {
        db.batch_execute(SHORTLY)?;
        lock_area(db, tasks, false)
    });
    match taken {
        Err(error) if is_lock_timeout(&error) => Ok(false),
        taken => taken,
    }
}

fn resolve(db: &mut Db, jobs: &mut VecDeque<Job>, now: Time) -> QueryResult<()> {
    jobs.iter_mut().filter_map(Job::touches_mut).try_for_each(|touches| touches.resolve(db, now))
}

fn locks(jobs: &VecDeque<Job>) -> impl Iterator<Item = &Locks> {
    jobs.iter().filter_map(Job::touches).flat_map(|touches| touches.locks())
}

/// Every session of the users who are ended, the guests of deleted rooms among them.
fn sessions_of_ended(db: &mut PgConnection, jobs: &VecDeque<Job>) -> QueryResult<Vec<SessionId>> {
    let users: Vec<UserId> = locks(jobs).flat_map(|locks| &locks.ended).copied().collect();
    let rooms: Vec<SessionId> = locks(jobs).flat_map(|locks| &locks.dissolved).copied().collect();
    if users.is_empty() && rooms.is_empty() { Ok(Vec::new()) } else { sessions_of(db, &users, &rooms) }
}
