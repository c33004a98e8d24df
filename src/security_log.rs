//! The security log: one line for each failed login, throttle, logout, password change, revoked token, block and operator act, at
//! `info`, with the target `parlor::security`.
//!
//! A line is `event=<name>` and further `key=value` pairs: `user` is who it is about, `by` who did it, `address` where it came from. It
//! never holds a password, a token, a room code, or a name that nobody has, which might be a password in the wrong field.

use std::collections::HashMap;
use std::fmt::{Arguments, Display};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) const TARGET: &str = "parlor::security";

/// Lines of one event per minute, from one address and in total. Strangers can cause them: they must not fill the disk.
const PER_ADDRESS: u32 = 20;
const PER_EVENT: u32 = 2_000;
const MINUTE: Duration = Duration::from_secs(60);

static WINDOW: LazyLock<Mutex<Window>> = LazyLock::new(|| Mutex::new(Window::new(Instant::now())));

/// Writes a line about something that came from `address`.
pub(crate) fn note(event: &'static str, address: &dyn Display, fields: Arguments<'_>) {
    let address = address.to_string();
    if allow(event, &address) {
        log::info!(target: TARGET, "event={event} address={address} {fields}");
    }
}

/// Writes a line about something that comes from no address: an operator, or the passing of time.
pub(crate) fn note_internal(event: &'static str, fields: Arguments<'_>) {
    if allow(event, "") {
        log::info!(target: TARGET, "event={event} {fields}");
    }
}

/// Writes that a budget of failures or a rate refused something.
pub(crate) fn throttled(limit: &'static str, address: &dyn Display) {
    note("throttled", address, format_args!("limit={limit}"));
}

fn allow(event: &'static str, address: &str) -> bool {
    if !log::log_enabled!(target: TARGET, log::Level::Info) {
        return false;
    }
    let (allowed, left_out) = {
        let mut window = WINDOW.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = window.roll(Instant::now());
        (window.take(event, address), left_out)
    };
    if left_out > 0 {
        log::info!(target: TARGET, "event=lines_left_out count={left_out}");
    }
    allowed
}

struct Window {
    began: Instant,
    events: HashMap<&'static str, u32>,
    addresses: HashMap<(&'static str, String), u32>,
    left_out: u64,
}

impl Window {
    fn new(now: Instant) -> Self {
        Self { began: now, events: HashMap::new(), addresses: HashMap::new(), left_out: 0 }
    }

    /// Begins another minute when this one is over; gives back how many lines this one left out.
    fn roll(&mut self, now: Instant) -> u64 {
        if now.saturating_duration_since(self.began) < MINUTE {
            return 0;
        }
        let left_out = self.left_out;
        *self = Self::new(now);
        left_out
    }

    /// Counts a line if there is room for it. What comes from no address has only the total.
    fn take(&mut self, event: &'static str, address: &str) -> bool {
        let total = self.events.entry(event).or_default();
        if *total >= PER_EVENT {
            self.left_out += 1;
            return false;
        }
        if !address.is_empty() {
            let own = self.addresses.entry((event, address.to_owned())).or_default();
            if *own >= PER_ADDRESS {
                self.left_out += 1;
                return false;
            }
            *own += 1;
        }
        *total += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_an_event_have_so_many_lines_a_minute() {
        let start = Instant::now();
        let mut window = Window::new(start);
        let passed = (0..100).filter(|_| window.take("login_failed", "10.0.0.1")).count();
        assert_eq!(passed, usize::try_from(PER_ADDRESS).unwrap());
        assert!(window.take("logout", "10.0.0.1") && window.take("login_failed", "10.0.0.2"));
        let passed = (0..5_000).filter(|number| window.take("login_failed", &number.to_string())).count();
        assert_eq!(passed + 21, usize::try_from(PER_EVENT).unwrap());
        assert_eq!(window.roll(start + MINUTE / 2), 0);
        assert_eq!(window.roll(start + MINUTE), 80 + 5_000 - u64::try_from(passed).unwrap());
        assert!(window.take("login_failed", "10.0.0.1"));
    }
}
