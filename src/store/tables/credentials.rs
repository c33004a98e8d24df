//! The column `users.password`.

use super::users::{UserRow, active};
use crate::domain::{User, UserId, UserKind, Username};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::users;

pub(crate) struct Credentials {
    pub user: User,
    /// The PHC string; `None` where no password is accepted.
    pub password: Option<String>,
}

/// The credentials of the account with this name, in any case; guests have none. The password of a disabled account is
/// `None`.
pub(crate) fn by_name(db: &mut Db, name: &str) -> Result<Option<Credentials>, Error> {
    let row: Option<(UserRow, Option<String>)> = users::table
        .filter(users::username_key.eq(Username::fold(name)))
        .filter(users::state.lt(UserState::Deleted))
        .filter(users::kind.ne(UserKind::Guest))
        .select((UserRow::as_select(), users::password))
        .maybe(db)?;
    Ok(row.map(|(row, password)| {
        let password = password.filter(|_| row.state == UserState::Active);
        Credentials { user: row.into(), password }
    }))
}

pub(crate) fn password_of(db: &mut Db, id: UserId) -> Result<Option<String>, Error> {
    let password: Option<Option<String>> = active(id).select(users::password).maybe(db)?;
    Ok(password.flatten())
}

/// True while the user is active and has this PHC string: verifying a password takes a while, in which it may have been
/// changed.
pub(crate) fn still_match(db: &mut Db, id: UserId, password: &str) -> Result<bool, Error> {
    let same = active(id).filter(users::password.eq(password)).select(users::id);
    Ok(same.maybe::<i64>(db)?.is_some())
}

/// Replaces the password. The caller ends the logins made with the old one.
pub(crate) fn replace(db: &mut Db, id: UserId, password: &str) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(users::password.eq(password)).run(db)
}
