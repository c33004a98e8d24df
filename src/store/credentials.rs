//! The column `users.password`: what login and whoever changes an account is compared with.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::columns::UserState;
use super::schema::users;
use super::users::{UserRow, active};
use super::{Db, Error};
use crate::domain::{User, UserId, UserKind, Username};

/// An account as login needs it.
pub(crate) struct Credentials {
    /// Whose.
    pub user: User,
    /// The PHC string; `None`: this user has no password and cannot log in with one.
    pub password: Option<String>,
}

/// What a login with this name, in any case, is compared with. Nobody logs in as a guest, so there is none of that name
/// here; nothing fits where the account is disabled.
pub(crate) fn named(db: &mut Db, name: &str) -> Result<Option<Credentials>, Error> {
    let row: Option<(UserRow, Option<String>)> = users::table
        .filter(users::username_key.eq(Username::fold(name)))
        .filter(users::state.lt(UserState::Gone))
        .filter(users::kind.ne(UserKind::Guest))
        .select((UserRow::as_select(), users::password))
        .one(db)
        .optional()?;
    Ok(row.map(|(row, password)| {
        let password = password.filter(|_| row.state == UserState::Active);
        Credentials { user: row.into(), password }
    }))
}

/// The PHC string of somebody who is logged in.
pub(crate) fn of(db: &mut Db, id: UserId) -> Result<Option<String>, Error> {
    let password: Option<Option<String>> = active(id).select(users::password).one(db).optional()?;
    Ok(password.flatten())
}

/// True as long as this user may be logged in and `password` is theirs: comparing takes a while, and it may have been
/// changed since.
pub(crate) fn hold(db: &mut Db, id: UserId, password: &str) -> Result<bool, Error> {
    let same = active(id).filter(users::password.eq(password)).select(users::id);
    Ok(same.one::<i64>(db).optional()?.is_some())
}

/// Gives a user another password. Whoever does this ends the logins that the old one gave.
pub(crate) fn replace(db: &mut Db, id: UserId, password: &str) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(users::password.eq(password)).execute(db)?;
    Ok(())
}
