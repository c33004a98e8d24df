//! Settings of the tests themselves, from the environment.

/// The number under this name in the environment, or the default.
pub fn knob(name: &str, default: u64) -> u64 {
    // The wall is there for the server; these settings are the tests' own.
    #[allow(clippy::disallowed_methods)]
    match std::env::var(name) {
        Ok(value) => value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")),
        Err(_) => default,
    }
}

/// A test is skipped for this reason, which is a failure with `CI=true`.
#[track_caller]
pub fn skipped(why: &str) {
    #[allow(clippy::disallowed_methods)]
    let is_ci = std::env::var("CI").as_deref() == Ok("true");
    assert!(!is_ci, "{why}, and with CI=true nothing is skipped");
    eprintln!("skipped: {why}");
}

/// The seed of a random test: printed, and set by `PARLOR_TEST_SEED` to repeat a run.
pub fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = knob("PARLOR_TEST_SEED", now.as_micros() as u64 % 1_000_000_007);
    println!("PARLOR_TEST_SEED={seed}");
    seed
}
