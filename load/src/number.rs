//! Numbers on their way to a reader: exact conversion without `as`, rates, thousands set apart.

use std::time::Duration;

pub fn real(number: u64) -> f64 {
    let high = u32::try_from(number >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

pub fn count(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// Nanoseconds of a duration; the largest number for one of centuries.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How many a second, rounded down; 0 for no time.
pub fn per_second(count: u64, time: Duration) -> u64 {
    let nanoseconds = time.as_nanos();
    let scaled = u128::from(count) * 1_000_000_000;
    scaled.checked_div(nanoseconds).map_or(0, |rate| u64::try_from(rate).unwrap_or(u64::MAX))
}

/// The number with its thousands set apart: 1234567 is `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
