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

    /// Lets `asking` happen, and counts it if there is nobody of that name.
    ///
    /// # Errors
    /// Those of `asking`; `too_many_attempts` instead of asking.
    pub async fn asking<T>(
        &self,
        from: Address,
        asking: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        self.0.look(&from).map_err(Refusal::TooManyAttempts)?;
        let answer = asking.await;
        if matches!(answer, Err(Refusal::UnknownUser | Refusal::UnknownName(_))) {
            self.0.count(from);
        }
        answer
    }

    /// The same where the answer is there already.
    ///
    /// # Errors
    /// `unknown_user` where nothing was found; `too_many_attempts` whatever was found.
    pub fn asked<T>(&self, from: Address, found: Option<T>) -> Result<T, Refusal> {
        self.0.look(&from).map_err(Refusal::TooManyAttempts)?;
        found.ok_or_else(|| {
            self.0.count(from);
            Refusal::UnknownUser
        })
    }
}
