//! Everybody in the table `users`, for an operator to read.

use diesel::dsl::Eq;
use diesel::prelude::*;

use super::columns::UserState;
use super::schema::users;
use super::{Db, Error};
use crate::domain::{Time, UserKind};

/// What an operator sees of a user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct Person {
    /// The name.
    pub username: String,
    /// Account, guest or bot.
    pub kind: UserKind,
    /// An administrator.
    pub admin: bool,
    /// May not log in.
    #[diesel(select_expression = users::state.eq(UserState::Disabled))]
    #[diesel(select_expression_type = Eq<users::state, UserState>)]
    pub disabled: bool,
    /// Since when.
    pub created_at: Time,
    /// When last connected.
    pub last_seen: Option<Time>,
}

/// Gives everybody who is not gone to `take`, by name, until that says false.
///
/// # Errors
/// Those of the database.
pub(crate) fn each(db: &mut Db, mut take: impl FnMut(Person) -> bool) -> Result<(), Error> {
    let rows = users::table
        .filter(users::state.lt(UserState::Gone))
        .order(users::username_key)
        .select(Person::as_select())
        .load_iter::<Person, diesel::connection::DefaultLoadingMode>(db)?;
    for person in rows {
        if !take(person?) {
            break;
        }
    }
    Ok(())
}
