//! Everybody in the table `users`, for an operator to read.

use diesel::prelude::*;

use super::schema::users;
use super::{Db, Error};
use crate::model::Time;

/// What an operator sees of a user.
pub struct Person {
    /// The name.
    pub username: String,
    /// `account`, `guest` or `bot`.
    pub kind: &'static str,
    /// An administrator.
    pub admin: bool,
    /// May not log in.
    pub disabled: bool,
    /// Since when.
    pub created_at: Time,
    /// When last connected.
    pub last_seen: Option<Time>,
}

type Row = (String, i16, bool, i16, i64, Option<i64>);

/// Gives everybody who is not gone to `take`, by name, until that says false.
///
/// # Errors
/// Those of the database.
pub fn each(db: &mut Db, mut take: impl FnMut(Person) -> bool) -> Result<(), Error> {
    let rows = users::table
        .filter(users::state.lt(2_i16))
        .order(users::username_key)
        .select((users::username, users::kind, users::admin, users::state, users::created_at, users::last_seen))
        .load_iter::<Row, diesel::connection::DefaultLoadingMode>(db)?;
    for row in rows {
        let (username, kind, admin, state, created, seen) = row?;
        let kind = match kind {
            1 => "guest",
            2 => "bot",
            _ => "account",
        };
        let (created_at, last_seen) = (Time(created), seen.map(Time));
        if !take(Person { username, kind, admin, disabled: state == 1, created_at, last_seen }) {
            break;
        }
    }
    Ok(())
}
