//! After a failed transaction: what became of it, and making the next one possible.

use std::time::{Duration, Instant};

use super::super::job::{CommitOutcome, Unanswered};
use super::Committer;
use crate::domain::{CommitOutput, Effect};
use crate::store::background::scrub;
use crate::store::tables::server;
use crate::store::{Db, db, is_conflict, is_disconnected};

/// The server is asked this often what became of a commit, …
const RESOLVE: Duration = Duration::from_millis(50);
/// … and for so long.
const PATIENCE: Duration = Duration::from_secs(4);

impl Committer {
    /// After a failed transaction: discards what was read in it, makes the next one possible, and gives the outcome.
    pub(super) fn rolled_back(
        &mut self,
        error: &diesel::result::Error,
        is_complete: bool,
        shows_outage: bool,
    ) -> CommitOutcome {
        self.ledger.clear();
        self.version = None;
        let mut outcome = self.outcomes.of_failed(error, is_complete);
        let is_reopened = (self.db.is_broken() || is_disconnected(error)) && self.reopen();
        if is_reopened && self.db.is_postgres() && outcome == CommitOutcome::Unknown {
            outcome = self.resolve();
        }
        // After reading the log, which this may truncate.
        if let Db::Sqlite(_) = self.db {
            scrub::make_room(&mut self.db, error);
        }
        // With a new connection to PostgreSQL, or without the other transaction, the next one may succeed.
        let is_over = self.db.is_postgres() && (is_reopened || is_conflict(error));
        if shows_outage && !is_over {
            self.health.failed(error);
            self.tasks.schedule();
        }
        outcome
    }

    fn reopen(&mut self) -> bool {
        match db::reopen(&self.location) {
            Ok(db) => {
                self.db = db;
                self.tasks.reopened(&mut self.db);
                if let Err(error) = self.attach_node() {
                    log::debug!("the connection is lost again: {error}");
                    return false;
                }
                self.compare_epoch()
            }
            Err(error) => {
                log::debug!("the database cannot be opened again: {error}");
                false
            }
        }
    }

    /// After a failover commits may be missing, and the database has a new epoch: all clients are to load everything again.
    fn compare_epoch(&mut self) -> bool {
        if !self.db.is_postgres() {
            return true;
        }
        match server::epoch(&mut self.db) {
            Ok(epoch) => {
                if self.epoch.replace(&epoch) {
                    self.outcomes.history_replaced();
                    log::warn!("the database has another history than before: clients load everything again");
                    self.release(vec![CommitOutput::Effect(Effect::HistoryReplaced)], Unanswered::new());
                    // What was committed and is not released may be missing in the new history.
                    self.rejoin(CommitOutcome::Unknown);
                }
                true
            }
            Err(error) => {
                log::debug!("the epoch cannot be read: {error}");
                false
            }
        }
    }

    /// Finds out what became of a commit whose answer was lost.
    fn resolve(&mut self) -> CommitOutcome {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.outcomes.resolve(&mut self.db) {
                Ok(Some(outcome)) => return outcome,
                Ok(None) if Instant::now() < end => std::thread::sleep(RESOLVE),
                Ok(None) => return CommitOutcome::Unknown,
                Err(error) => {
                    log::debug!("the outcome of a commit cannot be read: {error}");
                    return CommitOutcome::Unknown;
                }
            }
        }
    }
}
