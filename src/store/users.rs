//! The table `users`: accounts and their names.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::columns::UserState;
use super::schema::{blocks, users};
use super::{Db, Error, names, visibility};
use crate::domain::{Accepts, Cursor, Page, Refusal, Time, User, UserId, UserKind, Username};

/// What a deleted account is called.
const DELETED: &str = "deleted-user";

/// The columns of a [`User`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    pub(super) id: UserId,
    username: String,
    display_name: String,
    kind: UserKind,
    last_seen: Option<Time>,
    pub(super) state: UserState,
}

impl From<UserRow> for User {
    /// Without `status`, which is not stored.
    fn from(UserRow { id, username, display_name, kind, last_seen, state }: UserRow) -> Self {
        Self { id, username, display_name, kind, status: None, last_seen, deleted: state == UserState::Gone }
    }
}

impl UserRow {
    /// The user without `last_seen`, which not everybody may see.
    pub(super) fn without_presence(self) -> User {
        User { last_seen: None, ..self.into() }
    }
}

/// Makes an account.
///
/// # Errors
/// `username_taken` where somebody has, or had, the name in any case.
pub(crate) fn insert(db: &mut Db, name: &Username, password: &str, now: Time) -> Result<User, Error> {
    create(db, name, UserKind::Account, Some(password), now)
}

/// Makes a guest, who has no password.
///
/// # Errors
/// `username_taken` where somebody has the name, or an account had it, in any case.
pub(crate) fn insert_guest(db: &mut Db, name: &Username, now: Time) -> Result<User, Error> {
    create(db, name, UserKind::Guest, None, now)
}

fn create(db: &mut Db, name: &Username, kind: UserKind, password: Option<&str>, now: Time) -> Result<User, Error> {
    let id = UserId::random();
    let inserted = diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::username.eq(name.as_str()),
            users::username_key.eq(Username::fold(name.as_str())),
            users::display_name.eq(name.as_str()),
            users::kind.eq(kind),
            users::password.eq(password),
            users::accepts.eq(Accepts::Anyone),
            users::created_at.eq(now),
        ))
        .execute(db);
    match inserted {
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)) => {
            Err(Refusal::UsernameTaken.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => {
            names::set(db, id, name.as_str())?;
            find(db, id)
        }
    }
}

/// True where nobody can be given the name: somebody has it in any case, or a deleted account had it.
pub(crate) fn is_taken(db: &mut Db, name: &Username) -> Result<bool, Error> {
    let known = users::table.filter(users::username_key.eq(Username::fold(name.as_str())));
    Ok(known.select(users::id).one::<i64>(db).optional()?.is_some())
}

/// The user with this id, also one who is gone.
///
/// # Errors
/// `not_found` where there is none.
pub(crate) fn find(db: &mut Db, id: UserId) -> Result<User, Error> {
    let row: Option<UserRow> = users::table.find(id).select(UserRow::as_select()).one(db).optional()?;
    row.map(User::from).ok_or_else(|| Refusal::NotFound.into())
}

/// The users with these ids, by name.
pub(crate) fn several(db: &mut Db, ids: &[UserId]) -> Result<Vec<User>, Error> {
    let mut found: Vec<User> = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let some = users::table.filter(users::id.eq_any(some));
        found.extend(some.select(UserRow::as_select()).load(db)?.into_iter().map(User::from));
    }
    found.sort_unstable_by(|a, b| a.username.cmp(&b.username));
    Ok(found)
}

/// The user with this name, in any case.
pub(crate) fn by_name(db: &mut Db, name: &str) -> Result<Option<User>, Error> {
    let named =
        users::table.filter(users::username_key.eq(Username::fold(name))).filter(users::state.lt(UserState::Gone));
    let row: Option<UserRow> = named.select(UserRow::as_select()).one(db).optional()?;
    Ok(row.map(User::from))
}

/// The users with these names, at most some hundred, in any case; nobody for a name that nobody has.
pub(crate) fn by_names(db: &mut Db, names: &[String]) -> Result<Vec<User>, Error> {
    let keys = names.iter().map(|name| Username::fold(name));
    let named = users::table.filter(users::username_key.eq_any(keys)).filter(users::state.lt(UserState::Gone));
    let rows = named.order(users::username_key).select(UserRow::as_select()).load(db)?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Users with these names, each with the folded name and whom they accept; names that nobody has are left out.
pub(crate) fn with_accepts(db: &mut Db, folded: &[String]) -> Result<Vec<(String, User, Accepts)>, Error> {
    let rows: Vec<(String, Accepts, UserRow)> = users::table
        .filter(users::username_key.eq_any(folded))
        .filter(users::state.lt(UserState::Gone))
        .select((users::username_key, users::accepts, UserRow::as_select()))
        .load(db)?;
    Ok(rows.into_iter().map(|(key, accepts, row)| (key, row.into(), accepts)).collect())
}

/// The user with this name, for somebody else.
///
/// # Errors
/// `unknown_user` where there is none.
pub(crate) fn named(db: &mut Db, name: &str) -> Result<User, Error> {
    by_name(db, name)?.ok_or_else(|| Refusal::UnknownUser.into())
}

/// Passes whoever may do something now: a command that was under way may come behind the end of whoever gave it.
///
/// # Errors
/// `unauthenticated` for whoever is disabled or gone.
pub(crate) fn check(db: &mut Db, id: UserId) -> Result<(), Error> {
    active(id).select(users::id).one::<i64>(db).optional()?.map(drop).ok_or_else(|| Refusal::Unauthenticated.into())
}

/// True for an administrator.
pub(crate) fn is_admin(db: &mut Db, id: UserId) -> Result<bool, Error> {
    Ok(active(id).select(users::admin).one(db).optional()?.unwrap_or_default())
}

/// True where there is an administrator who may be logged in.
pub(crate) fn has_admin(db: &mut Db) -> Result<bool, Error> {
    let admins = users::table.filter(users::admin).filter(users::state.eq(UserState::Active));
    Ok(diesel::select(diesel::dsl::exists(admins)).get_result(db)?)
}

/// Whoever may be logged in.
#[diesel::dsl::auto_type]
pub(super) fn active(id: UserId) -> _ {
    let active: UserState = UserState::Active;
    users::table.find(id).filter(users::state.eq(active))
}

/// Makes a user an administrator, or no longer one.
pub(crate) fn set_admin(db: &mut Db, id: UserId, admin: bool) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(users::admin.eq(admin)).execute(db)?;
    Ok(())
}

/// Disables a user, or enables them again.
pub(crate) fn set_disabled(db: &mut Db, id: UserId, disabled: bool) -> Result<(), Error> {
    let state = if disabled { UserState::Disabled } else { UserState::Active };
    diesel::update(users::table.find(id)).set(users::state.eq(state)).execute(db)?;
    Ok(())
}

/// Who may open a direct session with this user unasked.
pub(crate) fn accepts(db: &mut Db, id: UserId) -> Result<Accepts, Error> {
    Ok(users::table.find(id).select(users::accepts).one(db)?)
}

/// Changes what is given.
pub(crate) fn update(
    db: &mut Db,
    id: UserId,
    display_name: Option<&str>,
    accepts: Option<Accepts>,
) -> Result<(), Error> {
    if let Some(display_name) = display_name {
        diesel::update(users::table.find(id)).set(users::display_name.eq(display_name)).execute(db)?;
        names::set(db, id, display_name)?;
    }
    if let Some(accepts) = accepts {
        diesel::update(users::table.find(id)).set(users::accepts.eq(accepts)).execute(db)?;
    }
    Ok(())
}

/// Takes a user away for good. The name of an account stays taken, so that nobody is ever mistaken for them; that of a
/// guest is free, while what they said keeps it.
pub(crate) fn end(db: &mut Db, id: UserId) -> Result<(), Error> {
    names::set(db, id, "")?;
    let there = users::table.find(id).filter(users::state.lt(UserState::Gone));
    let gone = (users::state.eq(UserState::Gone), users::last_seen.eq(None::<Time>), users::admin.eq(false));
    diesel::update(there.filter(users::kind.eq(UserKind::Guest)))
        .set((gone, users::username_key.eq(format!("~{id}"))))
        .execute(db)?;
    diesel::update(there.filter(users::kind.ne(UserKind::Guest)))
        .set((gone, users::username.eq(DELETED), users::display_name.eq(DELETED), users::password.eq(None::<String>)))
        .execute(db)?;
    Ok(())
}

/// Notes when these users were last connected; of those who are gone nothing more is noted.
pub(crate) fn seen(db: &mut Db, ids: &[UserId], at: Time) -> Result<(), Error> {
    for some in ids.chunks(500) {
        let some = users::table.filter(users::id.eq_any(some)).filter(users::state.lt(UserState::Gone));
        diesel::update(some).set(users::last_seen.eq(at)).execute(db)?;
    }
    Ok(())
}

/// Users whose username begins like `query`, or words of whose display name begin like its words, by username. `visible_to`
/// narrows to those whose profile this user may see in a closed directory. The cursor is the last name.
pub(crate) fn list(
    db: &mut Db,
    query: &str,
    after: Option<&str>,
    visible_to: Option<UserId>,
    limit: i64,
) -> Result<(Vec<User>, Option<String>), Error> {
    let from = Username::fold(query);
    let mut rows = users::table
        .select((UserRow::as_select(), users::username_key))
        .filter(users::state.lt(UserState::Gone))
        .order(users::username_key.asc())
        .into_boxed();
    if !from.is_empty() {
        // Every name that begins like `query` sorts before `query` followed by the last character.
        let to = format!("{from}\u{10FFFF}");
        let by_username = users::username_key.ge(from).and(users::username_key.lt(to));
        rows = match names::matching(query) {
            Some(by_display_name) => rows.filter(by_username.or(by_display_name)),
            None => rows.filter(by_username),
        };
    }
    if let Some(after) = after {
        rows = rows.filter(users::username_key.gt(after.to_owned()));
    }
    if let Some(me) = visible_to {
        rows = rows.filter(visibility::is_listed_for(me));
    }
    let mut rows: Vec<(UserRow, String)> = rows.page(limit + 1).load(db)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|(_, key)| key.clone()) } else { None };
    Ok((rows.into_iter().map(|(row, _)| row.into()).collect(), next))
}

/// Whom `blocker` has blocked, newest first.
pub(crate) fn blocked_by(db: &mut Db, blocker: UserId, page: Page) -> Result<(Vec<User>, Option<String>), Error> {
    let Page { after: Cursor { at, id }, limit } = page;
    let mut rows: Vec<(Time, UserRow)> = blocks::table
        .inner_join(users::table.on(users::id.eq(blocks::blocked_id)))
        .filter(blocks::blocker_id.eq(blocker))
        .filter(blocks::at.lt(at).or(blocks::at.eq(at).and(blocks::blocked_id.lt(id))))
        .order((blocks::at.desc(), blocks::blocked_id.desc()))
        .select((blocks::at, UserRow::as_select()))
        .page(limit + 1)
        .load(db)?;
    let next = page.close(&mut rows, |(at, row)| Cursor { at: at.0, id: row.id.0 });
    Ok((rows.into_iter().map(|(_, row)| row.without_presence()).collect(), next))
}
