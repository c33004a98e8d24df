//! Everybody in the table `users`, for an operator to read.

use diesel::prelude::*;

use super::columns::UserState;
use super::schema::users;
use super::{Db, Error};
use crate::model::{Time, UserKind};

/// What an operator sees of a user.
pub struct Person {
    /// The name.
    pub username: String,
    /// Account, guest or bot.
    pub kind: UserKind,
    /// An administrator.
    pub admin: bool,
    /// May not log in.
    pub disabled: bool,
    /// Since when.
    pub created_at: Time,
    /// When last connected.
    pub last_seen: Option<Time>,
}

type Row = (String, UserKind, bool, UserState, Time, Option<Time>);

/// Gives everybody who is not gone to `take`, by name, until that says false.
///
/// # Errors
/// Those of the database.
pub fn each(db: &mut Db, mut take: impl FnMut(Person) -> bool) -> Result<(), Error> {
    let rows = users::table
        .filter(users::state.lt(UserState::Gone))
        .order(users::username_key)
        .select((users::username, users::kind, users::admin, users::state, users::created_at, users::last_seen))
        .load_iter::<Row, diesel::connection::DefaultLoadingMode>(db)?;
    for row in rows {
        let (username, kind, admin, state, created_at, last_seen) = row?;
        let disabled = state == UserState::Disabled;
        if !take(Person { username, kind, admin, disabled, created_at, last_seen }) {
            break;
        }
    }
    Ok(())
}
