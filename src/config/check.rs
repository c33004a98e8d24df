//! Settings that are valid by themselves but cannot work together, or are too small to work: refused at the start.

use super::{Config, DatabaseUrl};

/// The smallest frame that holds a command with its token or an error.
const FRAME_BYTES: usize = 1_024;
/// The smallest outbound buffer: an event must fit.
const QUEUE_BYTES: usize = 4_096;
/// The smallest emoji with a variation selector.
const EMOJI_BYTES: usize = 6;

impl Config {
    /// # Errors
    /// A message that names the settings and values that would work.
    pub(super) fn check(&self) -> Result<(), String> {
        let limits = &self.limits;
        at_least("PARLOR_FRAME_BYTES", limits.frame_bytes, FRAME_BYTES)?;
        at_least("PARLOR_QUEUE_BYTES", limits.queue_bytes, QUEUE_BYTES)?;
        at_least("PARLOR_EMOJI_BYTES", limits.emoji_bytes, EMOJI_BYTES)?;
        if limits.group_members == 1 {
            return Err(
                "PARLOR_GROUP_MEMBERS=1 leaves no place for anybody else: use at least 2, or 0 for no limit".to_owned()
            );
        }
        if self.redis_url.is_some() && matches!(self.database_url, DatabaseUrl::Sqlite(_)) {
            return Err(
                "REDIS_URL is for several servers on one PostgreSQL database: set DATABASE_URL to one, or leave it out"
                    .to_owned(),
            );
        }
        match self.metrics_listen {
            Some(address) if address == self.listen && address.port() != 0 => {
                Err(format!("PARLOR_METRICS_LISTEN={address} is the address of PARLOR_LISTEN: use another port"))
            }
            _ => Ok(()),
        }
    }
}

fn at_least(name: &str, value: usize, least: usize) -> Result<(), String> {
    if value == 0 || value >= least {
        return Ok(());
    }
    Err(format!("{name}={value} is too small to work: use at least {least}, or 0 for no limit"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn check(arguments: &[&str]) -> Result<(), String> {
        Config::parse_from(["parlor"].iter().chain(arguments)).check()
    }

    #[test]
    fn the_defaults_and_no_limits_at_all_work() {
        assert_eq!(check(&[]), Ok(()));
        let unlimited = ["--frame-bytes", "0", "--queue-bytes", "0", "--text-bytes", "0", "--emoji-bytes", "0"];
        assert_eq!(check(&unlimited), Ok(()));
    }

    #[test]
    fn what_cannot_work_is_refused_and_named() {
        for (arguments, named) in [
            (vec!["--frame-bytes", "10"], "PARLOR_FRAME_BYTES=10"),
            (vec!["--queue-bytes", "1000"], "PARLOR_QUEUE_BYTES=1000"),
            (vec!["--emoji-bytes", "1"], "PARLOR_EMOJI_BYTES=1"),
            (vec!["--group-members", "1"], "PARLOR_GROUP_MEMBERS=1"),
            (vec!["--metrics-listen", "127.0.0.1:5000"], "PARLOR_METRICS_LISTEN=127.0.0.1:5000"),
        ] {
            let problem = check(&arguments).unwrap_err();
            assert!(problem.contains(named), "{arguments:?}: {problem}");
        }
    }
}
