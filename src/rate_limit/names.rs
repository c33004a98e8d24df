//! Bounds how many names that nobody has can be looked up, so that names cannot be enumerated.

use std::time::Duration;

use super::{Address, Rate, Saved, Throttle};
use crate::domain::Refusal;
use crate::security_log;

/// Lookups of names that nobody has, by address.
///
/// Only such a lookup uses up the budget, and it does so in the same step in which its answer is decided. So any number may
/// be in flight, and still no more than the budget learn that a name is free.
#[derive(Debug)]
pub(crate) struct Names(Throttle<Address>);

impl Names {
    /// `count` in ten minutes; 0 is no limit.
    pub(crate) fn new(count: u32) -> Self {
        Self(Throttle::saved(Rate::within(Duration::from_secs(600), count, count)))
    }

    /// Appends what has changed since the last call.
    pub(crate) fn changes(&self, out: &mut Vec<Saved>) {
        self.0.changes("unknown_names", out);
    }

    /// Takes back what was saved, if it is of this budget.
    pub(crate) fn restore(&self, saved: &Saved) {
        if saved.budget == "unknown_names" {
            self.0.restore(saved);
        }
    }

    /// Passes while the budget is not used up: asked before the database is, to save that work.
    ///
    /// # Errors
    /// `too_many_attempts`.
    pub(crate) fn check(&self, from: Address) -> Result<(), Refusal> {
        self.0.look(&from).map_err(|wait| refuse(from, wait))
    }

    /// What a lookup may answer that `found` the user, or nobody. Called before anything follows from it, inside the
    /// transaction where there is one.
    ///
    /// # Errors
    /// `unknown_user` where nobody was found, which is counted; `too_many_attempts` whatever was found.
    pub(crate) fn resolve<T>(&self, from: Address, found: Option<T>) -> Result<T, Refusal> {
        let Some(found) = found else {
            self.0.take(from).map_err(|wait| refuse(from, wait))?;
            return Err(Refusal::UnknownUser);
        };
        self.check(from)?;
        Ok(found)
    }
}

fn refuse(from: Address, wait: u64) -> Refusal {
    security_log::throttled("unknown_names", &from);
    Refusal::TooManyAttempts(wait)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn only_names_that_nobody_has_are_counted() {
        let (names, from) = (Names::new(2), Address::from(IpAddr::from([10, 0, 0, 1])));
        for _ in 0..10 {
            assert_eq!(names.resolve(from, Some("lisa")), Ok("lisa"));
        }
        for _ in 0..2 {
            assert_eq!(names.resolve(from, None::<&str>), Err(Refusal::UnknownUser));
        }
        assert!(matches!(names.resolve(from, None::<&str>), Err(Refusal::TooManyAttempts(_))));
        assert!(
            matches!(names.resolve(from, Some("lisa")), Err(Refusal::TooManyAttempts(_))),
            "must not tell who exists"
        );
        assert!(names.check(from).is_err());
    }
}
