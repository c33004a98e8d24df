//! Bounds lookups of unknown names, so that names cannot be enumerated.

use std::time::Duration;

use super::{Address, Rate, Saved, Throttle};
use crate::domain::Refusal;
use crate::security_log;

/// Lookups of unknown names, by address. Each is counted in the step that decides its answer, so that however many are in
/// flight, no more than the budget learn that a name is free.
#[derive(Debug)]
pub(crate) struct NameLookups(Throttle<Address>);

impl NameLookups {
    /// `count` in ten minutes; 0 is no limit.
    pub(crate) fn new(count: u32) -> Self {
        Self(Throttle::saved("unknown_names", Rate::within(Duration::from_secs(600), count, count)))
    }

    pub(crate) fn changes(&self, out: &mut Vec<Saved>) {
        self.0.changes(out);
    }

    pub(crate) fn restore(&self, saved: &Saved) {
        self.0.restore(saved);
    }

    /// To be called before the database, to save that work.
    ///
    /// # Errors
    /// `too_many_attempts` when the budget is used up.
    pub(crate) fn check(&self, from: Address) -> Result<(), Refusal> {
        self.0.look(&from).map_err(|wait| refuse(from, wait))
    }

    /// Decides how to answer a lookup. To be called before anything follows from it, inside the transaction where there is one.
    ///
    /// # Errors
    /// `unknown_user` for `None`, which is counted; `too_many_attempts` for either once the budget is used up.
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
    fn only_unknown_names_are_counted() {
        let (names, from) = (NameLookups::new(2), Address::from(IpAddr::from([10, 0, 0, 1])));
        for _ in 0..10 {
            assert_eq!(names.resolve(from, Some("lisa")), Ok("lisa"));
        }
        for _ in 0..2 {
            assert_eq!(names.resolve(from, None::<&str>), Err(Refusal::UnknownUser));
        }
        assert!(matches!(names.resolve(from, None::<&str>), Err(Refusal::TooManyAttempts(_))));
        assert!(
            matches!(names.resolve(from, Some("lisa")), Err(Refusal::TooManyAttempts(_))),
            "must not reveal who exists"
        );
        assert!(names.check(from).is_err());
    }
}
