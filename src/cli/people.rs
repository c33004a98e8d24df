//! The list of users, streamed row by row.

use std::io::{self, BufWriter, Write};

use super::Failure;
use crate::domain::UserKind;
use crate::store::db::open_read_only;
use crate::store::{Location, user_list};

pub(super) fn list(location: &Location) -> Result<(), Failure> {
    let mut db = open_read_only(location)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = line(&mut out, ["NAME", "KIND", "ADMIN", "STATE", "CREATED", "LAST SEEN"]);
    user_list::each(&mut db, |user| {
        let seen = user.last_seen.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let admin = if user.admin { "admin" } else { "-" };
        let kind = match user.kind {
            UserKind::Account => "account",
            UserKind::Guest => "guest",
            UserKind::Bot => "bot",
        };
        let state = if user.disabled { "disabled" } else { "active" };
        let created = user.created_at.to_string();
        written = line(&mut out, [&user.username, kind, admin, state, &created, &seen]);
        written.is_ok()
    })?;
    match written.and_then(|()| out.flush()) {
        // The reader has closed the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn line(out: &mut impl Write, [name, kind, admin, state, created, seen]: [&str; 6]) -> io::Result<()> {
    writeln!(out, "{name:<32}  {kind:<7}  {admin:<5}  {state:<8}  {created:<24}  {seen}")
}
