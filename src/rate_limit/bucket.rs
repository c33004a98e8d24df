//! A token bucket in eight bytes: the generic cell rate algorithm
//! (<https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>), which stores one instant instead of a count and a time.

use std::time::{Duration, Instant};

/// An average interval and a burst. `every` zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    every: Duration,
    burst: u32,
}

impl Rate {
    /// `per_second` on average, `burst` at once; 0 a second is no limit.
    pub(crate) const fn per_second(per_second: u32, burst: u32) -> Self {
        Self::within(Duration::from_secs(1), per_second, burst)
    }

    /// `per_minute` on average, `burst` at once; 0 a minute is no limit.
    pub(crate) const fn per_minute(per_minute: u32, burst: u32) -> Self {
        Self::within(Duration::from_secs(60), per_minute, burst)
    }

    /// `count` in `time` on average, `burst` at once (at least one); a `count` of 0 is no limit.
    pub(crate) const fn within(time: Duration, count: u32, burst: u32) -> Self {
        let every = match time.checked_div(count) {
            Some(every) => every,
            None => Duration::ZERO,
        };
        Self { every, burst: if burst == 0 { 1 } else { burst } }
    }

    pub(crate) const fn is_unlimited(&self) -> bool {
        self.every.is_zero()
    }

    fn tolerance(&self) -> Duration {
        self.every.saturating_mul(self.burst.saturating_sub(1))
    }
}

/// What one user, address or connection has used of a [`Rate`]: when it is full again; `None` if unused.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket(Option<Instant>);

impl Bucket {
    /// Whether one more would pass now.
    ///
    /// # Errors
    /// How long until it would.
    pub(crate) fn look(&self, rate: Rate, now: Instant) -> Result<(), Duration> {
        match self.ahead(now).checked_sub(rate.tolerance()) {
            Some(wait) if !rate.is_unlimited() && !wait.is_zero() => Err(wait),
            _ => Ok(()),
        }
    }

    /// Counts one, whether it passes or not.
    pub(crate) fn count(&mut self, rate: Rate, now: Instant) {
        if !rate.is_unlimited() {
            let from = self.0.map_or(now, |full_at| full_at.max(now));
            self.0 = Some(from + rate.every);
        }
    }

    /// Takes one if it passes.
    ///
    /// # Errors
    /// How long until it would; nothing is then taken.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        self.look(rate, now)?;
        self.count(rate, now);
        Ok(())
    }

    /// How many more would pass now; `u32::MAX` without a limit.
    pub(crate) fn left(&self, rate: Rate, now: Instant) -> u32 {
        if rate.is_unlimited() {
            return u32::MAX;
        }
        let room = rate.tolerance().checked_sub(self.ahead(now));
        let left = room.and_then(|room| room.as_nanos().checked_div(rate.every.as_nanos()));
        left.map_or(0, |more| u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Until all of it is available again.
    pub(crate) fn ahead(&self, now: Instant) -> Duration {
        self.0.map_or(Duration::ZERO, |full_at| full_at.saturating_duration_since(now))
    }

    /// A bucket of which all is available again after `ahead`, or sooner where that is more than it holds.
    pub(crate) fn used(rate: Rate, ahead: Duration, now: Instant) -> Self {
        Self(Some(now + ahead.min(rate.tolerance().saturating_add(rate.every))))
    }

    /// True where forgetting the bucket changes nothing.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        self.0.is_none_or(|full_at| full_at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let (rate, start) = (Rate::per_second(10, 3), Instant::now());
        let mut bucket = Bucket::default();
        for _ in 0..3 {
            assert_eq!(bucket.take(rate, start), Ok(()));
        }
        assert_eq!(bucket.take(rate, start), Err(Duration::from_millis(100)));
        assert_eq!(bucket.take(rate, start + Duration::from_millis(100)), Ok(()));
        assert!(bucket.take(rate, start + Duration::from_millis(100)).is_err());
        assert!(bucket.is_idle(start + Duration::from_secs(1)));
    }

    #[test]
    fn reading_takes_nothing() {
        let (rate, now) = (Rate::per_second(1, 1), Instant::now());
        let mut bucket = Bucket::default();
        for _ in 0..5 {
            assert_eq!(bucket.look(rate, now), Ok(()));
        }
        bucket.count(rate, now);
        assert!(bucket.look(rate, now).is_err());
    }

    #[test]
    fn exactly_what_is_left_passes() {
        let (rate, start) = (Rate::within(Duration::from_secs(900), 5, 5), Instant::now());
        let mut bucket = Bucket::default();
        for left in (0..=5).rev() {
            assert_eq!(bucket.left(rate, start), left);
            assert_eq!(bucket.take(rate, start).is_ok(), left > 0);
        }
        let later = start + Duration::from_secs(180);
        assert_eq!(bucket.left(rate, later), 1);
        assert_eq!(bucket.left(rate, start + Duration::from_secs(900)), 5);
        assert_eq!(bucket.left(Rate::per_second(0, 0), start), u32::MAX);
    }

    #[test]
    fn zero_is_no_limit() {
        let mut bucket = Bucket::default();
        for _ in 0..1_000 {
            assert_eq!(bucket.take(Rate::per_second(0, 0), Instant::now()), Ok(()));
        }
    }
}
