//! Bounds how many names that nobody has can be asked for, so that names cannot be found out by trying.

use std::time::Duration;

use super::{Address, Rate, Throttle};
use crate::model::Refusal;

/// Questions for names that nobody has, by address.
#[derive(Debug)]
pub struct Names(Throttle<Address>);

impl Names {
    /// So many in ten minutes; 0 is no limit.
    pub fn new(count: u32) -> Self {
        Self(Throttle::new(Rate::within(Duration::from_secs(600), count, count)))
    }

    /// Lets `asking` happen, and counts it if there is nobody of that name. It is counted before and given back after, so
    /// that many at once have no more tries than one after the other.
    ///
    /// # Errors
    /// Those of `asking`; `too_many_attempts` instead of asking.
    pub async fn asking<T>(
        &self,
        from: Address,
        asking: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let counted = self.count(from)?;
        let answer = asking.await;
        if matches!(answer, Err(Refusal::UnknownUser | Refusal::UnknownName(_))) {
            counted.keep();
        }
        answer
    }

    /// The same where the answer is there already.
    ///
    /// # Errors
    /// `unknown_user` where nothing was found; `too_many_attempts` whatever was found.
    pub fn asked<T>(&self, from: Address, found: Option<T>) -> Result<T, Refusal> {
        let counted = self.count(from)?;
        found.ok_or_else(|| {
            counted.keep();
            Refusal::UnknownUser
        })
    }

    fn count(&self, from: Address) -> Result<Try<'_>, Refusal> {
        self.0.take(from).map_err(Refusal::TooManyAttempts)?;
        Ok(Try { names: self, from, kept: false })
    }
}

/// A question that is counted; given back when dropped, also where whoever asked has gone without an answer.
struct Try<'a> {
    names: &'a Names,
    from: Address,
    kept: bool,
}

impl Try<'_> {
    /// It found nobody: it stays counted.
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.names.0.give_back(&self.from);
        }
    }
}
