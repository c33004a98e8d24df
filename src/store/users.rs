//! The table `users`: accounts and their names.

use diesel::prelude::*;

use super::page::{Cursor, Page};
use super::schema::{blocks, users};
use super::{Db, Error};
use crate::model::{Accepts, Refusal, Time, User, UserId, UserKind, Username};

pub(super) type Row = (i64, String, String, i16, Option<i64>);

/// The columns of a [`User`].
pub(super) const COLUMNS: (users::id, users::username, users::display_name, users::kind, users::last_seen) =
    (users::id, users::username, users::display_name, users::kind, users::last_seen);

/// An account as login needs it.
pub struct Credentials {
    /// Whose.
    pub user: User,
    /// The PHC string; `None`: this user has no password and cannot log in with one.
    pub password: Option<String>,
}

/// The user of a row, with presence left out and `last_seen` as kept.
pub(super) fn user((id, username, display_name, kind, last_seen): Row) -> User {
    let kind = match kind {
        1 => UserKind::Guest,
        2 => UserKind::Bot,
        _ => UserKind::Account,
    };
    User { id: UserId(id), username, display_name, kind, status: None, last_seen: last_seen.map(Time), deleted: false }
}

/// The same without what only some may see.
pub(super) fn stranger(row: Row) -> User {
    User { last_seen: None, ..user(row) }
}

/// Makes an account.
///
/// # Errors
/// `username_taken` where somebody has the name in any case.
pub fn insert(db: &mut Db, name: &Username, password: &str, now: Time) -> Result<User, Error> {
    let id = UserId::random();
    let inserted = diesel::insert_into(users::table)
        .values((
            users::id.eq(id.0),
            users::username.eq(name.as_str()),
            users::username_key.eq(Username::fold(name.as_str())),
            users::display_name.eq(name.as_str()),
            users::kind.eq(0_i16),
            users::password.eq(password),
            users::accepts.eq(0_i16),
            users::created_at.eq(now.0),
        ))
        .execute(db);
    match inserted {
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)) => {
            Err(Refusal::UsernameTaken.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => find(db, id),
    }
}

/// True where somebody has the name in any case.
pub fn is_taken(db: &mut Db, name: &Username) -> Result<bool, Error> {
    Ok(by_name(db, name.as_str())?.is_some())
}

/// The user with this id.
///
/// # Errors
/// `not_found` where there is none.
pub fn find(db: &mut Db, id: UserId) -> Result<User, Error> {
    let row = users::table.find(id.0).select(COLUMNS).first(db).optional()?;
    row.map(user).ok_or_else(|| Refusal::NotFound.into())
}

/// The user with this name, in any case.
pub fn by_name(db: &mut Db, name: &str) -> Result<Option<User>, Error> {
    let row = users::table.filter(users::username_key.eq(Username::fold(name))).select(COLUMNS).first(db).optional()?;
    Ok(row.map(user))
}

/// The user with this name, for somebody else.
///
/// # Errors
/// `unknown_user` where there is none.
pub fn named(db: &mut Db, name: &str) -> Result<User, Error> {
    by_name(db, name)?.ok_or_else(|| Refusal::UnknownUser.into())
}

/// What login compares.
pub fn credentials(db: &mut Db, name: &str) -> Result<Option<Credentials>, Error> {
    let row: Option<(Row, Option<String>)> = users::table
        .filter(users::username_key.eq(Username::fold(name)))
        .select((COLUMNS, users::password))
        .first(db)
        .optional()?;
    Ok(row.map(|(row, password)| Credentials { user: user(row), password }))
}

/// Who may open a direct session with this user unasked.
pub fn accepts(db: &mut Db, id: UserId) -> Result<Accepts, Error> {
    let accepts: i16 = users::table.find(id.0).select(users::accepts).first(db)?;
    Ok(if accepts == 1 { Accepts::Invited } else { Accepts::Anyone })
}

/// Changes what is given.
pub fn update(db: &mut Db, id: UserId, display_name: Option<&str>, accepts: Option<Accepts>) -> Result<(), Error> {
    if let Some(display_name) = display_name {
        diesel::update(users::table.find(id.0)).set(users::display_name.eq(display_name)).execute(db)?;
    }
    if let Some(accepts) = accepts {
        let accepts: i16 = if accepts == Accepts::Invited { 1 } else { 0 };
        diesel::update(users::table.find(id.0)).set(users::accepts.eq(accepts)).execute(db)?;
    }
    Ok(())
}

/// Notes when these users were last connected.
pub fn seen(db: &mut Db, ids: &[UserId], at: Time) -> Result<(), Error> {
    for some in ids.chunks(500) {
        let some = some.iter().map(|id| id.0);
        diesel::update(users::table.filter(users::id.eq_any(some))).set(users::last_seen.eq(at.0)).execute(db)?;
    }
    Ok(())
}

/// Users whose name begins like `query`, by name; `within` narrows to these ids. The cursor is the last name.
pub fn list(
    db: &mut Db,
    query: &str,
    after: Option<&str>,
    within: Option<&[i64]>,
    limit: i64,
) -> Result<(Vec<User>, Option<String>), Error> {
    let from = Username::fold(query);
    let mut rows = users::table
        .select((COLUMNS, users::username_key))
        .filter(users::username_key.ge(from.clone()))
        .order(users::username_key.asc())
        .limit(limit + 1)
        .into_boxed();
    if !from.is_empty() {
        // Every name that begins like `query` sorts before `query` followed by the last character.
        rows = rows.filter(users::username_key.lt(format!("{from}\u{10FFFF}")));
    }
    if let Some(after) = after {
        rows = rows.filter(users::username_key.gt(after.to_owned()));
    }
    if let Some(within) = within {
        rows = rows.filter(users::id.eq_any(within));
    }
    let mut rows: Vec<(Row, String)> = rows.load(db)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|(_, key)| key.clone()) } else { None };
    Ok((rows.into_iter().map(|(row, _)| user(row)).collect(), next))
}

/// Whom `blocker` has blocked, newest first.
pub fn blocked_by(db: &mut Db, blocker: UserId, page: Page) -> Result<(Vec<User>, Option<String>), Error> {
    let Page { after: Cursor { at, id }, limit } = page;
    let mut rows: Vec<(i64, Row)> = blocks::table
        .inner_join(users::table.on(users::id.eq(blocks::blocked_id)))
        .filter(blocks::blocker_id.eq(blocker.0))
        .filter(blocks::at.lt(at).or(blocks::at.eq(at).and(blocks::blocked_id.lt(id))))
        .order((blocks::at.desc(), blocks::blocked_id.desc()))
        .select((blocks::at, COLUMNS))
        .limit(limit + 1)
        .load(db)?;
    let next = page.close(&mut rows, |(at, row)| Cursor { at: *at, id: row.0 });
    Ok((rows.into_iter().map(|(_, row)| stranger(row)).collect(), next))
}
