//! The consistency check.

use std::io::{self, Write};

use super::Failure;
use crate::store::Location;
use crate::store::verify::{self, VerifyReport};

/// Prints the faults of the database at `location`, a line each; with `new_epoch` a database without faults gets a new epoch.
pub(super) fn verify(location: &Location, new_epoch: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut print = |line: &str| {
        // A reader that closes the pipe has the exit status.
        let _ = writeln!(out, "{line}");
    };
    let VerifyReport { faults, users, sessions, messages } = verify::verify(location, new_epoch, &mut print)?;
    if faults > 0 {
        let plural = if faults == 1 { "" } else { "s" };
        return Err(Failure::Faults(location.to_string(), format!("{faults} fault{plural}")));
    }
    let epoch = if new_epoch { " and has a new epoch" } else { "" };
    let _ = writeln!(out, "{location} is in order (users {users}, sessions {sessions}, messages {messages}){epoch}");
    Ok(())
}
