//! The list of people, read row by row: a hundred thousand of them need no more memory than one.

use std::io::{self, BufWriter, Write};

use super::Failure;
use crate::domain::UserKind;
use crate::store::{Location, people, reading};

/// Lists everybody who is not gone, by name.
pub(super) fn list(location: &Location) -> Result<(), Failure> {
    let mut db = reading(location)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = line(&mut out, ["NAME", "KIND", "ADMIN", "STATE", "CREATED", "LAST SEEN"]);
    people::each(&mut db, |person| {
        let seen = person.last_seen.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let admin = if person.admin { "admin" } else { "-" };
        let kind = match person.kind {
            UserKind::Account => "account",
            UserKind::Guest => "guest",
            UserKind::Bot => "bot",
        };
        let state = if person.disabled { "disabled" } else { "active" };
        let created = person.created_at.to_string();
        written = line(&mut out, [&person.username, kind, admin, state, &created, &seen]);
        written.is_ok()
    })?;
    match written.and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn line(out: &mut impl Write, [name, kind, admin, state, created, seen]: [&str; 6]) -> io::Result<()> {
    writeln!(out, "{name:<32}  {kind:<7}  {admin:<5}  {state:<8}  {created:<24}  {seen}")
}
