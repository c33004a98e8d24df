//! The check of a database.

use std::io::{self, Write};

use super::{Failure, place};
use crate::store::Location;
use crate::store::verify::{Found, verify as look, verify_and_renew};

/// Says what is wrong with the database at `location`, a line each; with `new_epoch` it is made another history if
/// nothing is.
pub(super) fn verify(location: &Location, new_epoch: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut say = |line: &str| {
        // Whoever stops reading is told by the status.
        let _ = writeln!(out, "{line}");
    };
    let found = if new_epoch { verify_and_renew(location, &mut say)? } else { look(location, &mut say)? };
    let path = place(location);
    match found {
        Found { faults: 0, users, sessions, messages } => {
            let epoch = if new_epoch { " and has a new epoch" } else { "" };
            let _ = writeln!(
                out,
                "{} is in order (users {users}, sessions {sessions}, messages {messages}){epoch}",
                path.display()
            );
            Ok(())
        }
        Found { faults: 1, .. } => Err(Failure::Faults(path, "1 fault".to_owned())),
        Found { faults, .. } => Err(Failure::Faults(path, format!("{faults} faults"))),
    }
}
