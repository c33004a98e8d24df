//! The table `users`: accounts and their names.

use super::display_names;
use crate::domain::{Accepts, Cursor, Page, Refusal, Time, User, UserId, UserKind, Username};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::{blocks, users};
use crate::store::visibility;

/// The name of every deleted account.
const DELETED: &str = "deleted-user";

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
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
        Self { id, username, display_name, kind, status: None, last_seen, deleted: state == UserState::Deleted }
    }
}

impl UserRow {
    /// The user without `last_seen`, which is not visible to everyone.
    pub(super) fn without_presence(self) -> User {
        User { last_seen: None, ..self.into() }
    }
}

/// Creates an account. Fails with `username_taken` where a user has, or an account had, the name in any case.
pub(crate) fn insert(db: &mut Db, name: &Username, password: &str, now: Time) -> Result<User, Error> {
    create(db, name, UserKind::Account, Some(password), now)
}

pub(crate) fn insert_guest(db: &mut Db, name: &Username, now: Time) -> Result<User, Error> {
    create(db, name, UserKind::Guest, None, now)
}

fn create(db: &mut Db, name: &Username, kind: UserKind, password: Option<&str>, now: Time) -> Result<User, Error> {
    let id = UserId::random();
    let insert = diesel::insert_into(users::table)
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
        .on_conflict(users::username_key)
        .do_nothing();
    if on_inner!(db, db => insert.execute(db))? == 0 {
        return Err(Refusal::UsernameTaken.into());
    }
    display_names::set(db, id, name.as_str())?;
    find(db, id)
}

/// True where the name cannot be registered: a user has, or an account had, it in any case.
pub(crate) fn is_taken(db: &mut Db, name: &Username) -> Result<bool, Error> {
    let known = users::table.filter(users::username_key.eq(Username::fold(name.as_str())));
    Ok(known.select(users::id).maybe::<i64>(db)?.is_some())
}

/// The user with this id, deleted or not. Fails with `not_found` where there is none.
pub(crate) fn find(db: &mut Db, id: UserId) -> Result<User, Error> {
    let row: Option<UserRow> = users::table.find(id).select(UserRow::as_select()).maybe(db)?;
    row.map(User::from).ok_or_else(|| Refusal::NotFound.into())
}

pub(crate) fn find_all(db: &mut Db, ids: &[UserId]) -> Result<Vec<User>, Error> {
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
        users::table.filter(users::username_key.eq(Username::fold(name))).filter(users::state.lt(UserState::Deleted));
    let row: Option<UserRow> = named.select(UserRow::as_select()).maybe(db)?;
    Ok(row.map(User::from))
}

/// The users with these names, at most some hundred, in any case; unknown names are left out.
pub(crate) fn by_names(db: &mut Db, names: &[String]) -> Result<Vec<User>, Error> {
    let keys = names.iter().map(|name| Username::fold(name));
    let named = users::table.filter(users::username_key.eq_any(keys)).filter(users::state.lt(UserState::Deleted));
    let rows = named.order(users::username_key).select(UserRow::as_select()).load(db)?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Users with these names, each with the folded name and whose direct sessions they accept; unknown names are left out.
pub(crate) fn with_accepts(db: &mut Db, folded: &[String]) -> Result<Vec<(String, User, Accepts)>, Error> {
    let rows: Vec<(String, Accepts, UserRow)> = users::table
        .filter(users::username_key.eq_any(folded))
        .filter(users::state.lt(UserState::Deleted))
        .select((users::username_key, users::accepts, UserRow::as_select()))
        .load(db)?;
    Ok(rows.into_iter().map(|(key, accepts, row)| (key, row.into(), accepts)).collect())
}

/// The user with this name. Fails with `unknown_user` where there is none.
pub(crate) fn require_named(db: &mut Db, name: &str) -> Result<User, Error> {
    by_name(db, name)?.ok_or_else(|| Refusal::UnknownUser.into())
}

/// Rejects commands that were in flight when their user was disabled or deleted. Fails with `unauthenticated`.
pub(crate) fn require_active(db: &mut Db, id: UserId) -> Result<(), Error> {
    active(id).select(users::id).maybe::<i64>(db)?.map(drop).ok_or_else(|| Refusal::Unauthenticated.into())
}

pub(crate) fn is_admin(db: &mut Db, id: UserId) -> Result<bool, Error> {
    Ok(active(id).select(users::admin).maybe(db)?.unwrap_or_default())
}

/// True where there is an administrator who may be logged in.
pub(crate) fn has_admin(db: &mut Db) -> Result<bool, Error> {
    let admins = users::table.filter(users::admin).filter(users::state.eq(UserState::Active));
    Ok(diesel::select(diesel::dsl::exists(admins)).get_result(db)?)
}

/// A user, unless disabled or deleted.
#[diesel::dsl::auto_type]
pub(super) fn active(id: UserId) -> _ {
    let active: UserState = UserState::Active;
    users::table.find(id).filter(users::state.eq(active))
}

pub(crate) fn set_admin(db: &mut Db, id: UserId, admin: bool) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(users::admin.eq(admin)).run(db)
}

pub(crate) fn set_disabled(db: &mut Db, id: UserId, disabled: bool) -> Result<(), Error> {
    let state = if disabled { UserState::Disabled } else { UserState::Active };
    diesel::update(users::table.find(id)).set(users::state.eq(state)).run(db)
}

/// Who may open a direct session with this user without an invite.
pub(crate) fn accepts(db: &mut Db, id: UserId) -> Result<Accepts, Error> {
    Ok(users::table.find(id).select(users::accepts).one(db)?)
}

/// Changes what is not `None`.
pub(crate) fn update(
    db: &mut Db,
    id: UserId,
    display_name: Option<&str>,
    accepts: Option<Accepts>,
) -> Result<(), Error> {
    if let Some(display_name) = display_name {
        diesel::update(users::table.find(id)).set(users::display_name.eq(display_name)).execute(db)?;
        display_names::set(db, id, display_name)?;
    }
    if let Some(accepts) = accepts {
        diesel::update(users::table.find(id)).set(users::accepts.eq(accepts)).execute(db)?;
    }
    Ok(())
}

/// Marks a user as deleted. The name of an account is never free again, so that no other user is mistaken for them; that of
/// a guest is, while their messages keep it.
pub(crate) fn mark_deleted(db: &mut Db, id: UserId) -> Result<(), Error> {
    display_names::set(db, id, "")?;
    let present = users::table.find(id).filter(users::state.lt(UserState::Deleted));
    let deleted = (users::state.eq(UserState::Deleted), users::last_seen.eq(None::<Time>), users::admin.eq(false));
    diesel::update(present.filter(users::kind.eq(UserKind::Guest)))
        .set((deleted, users::username_key.eq(format!("~{id}"))))
        .execute(db)?;
    diesel::update(present.filter(users::kind.ne(UserKind::Guest)))
        .set((
            deleted,
            users::username.eq(DELETED),
            users::display_name.eq(DELETED),
            users::password.eq(None::<String>),
        ))
        .run(db)
}

/// Records when these users were last connected; deleted users are left as they are.
pub(crate) fn set_last_seen(db: &mut Db, ids: &[UserId], at: Time) -> Result<(), Error> {
    for some in ids.chunks(500) {
        let some = users::table.filter(users::id.eq_any(some)).filter(users::state.lt(UserState::Deleted));
        diesel::update(some).set(users::last_seen.eq(at)).execute(db)?;
    }
    Ok(())
}

/// Users whose username begins like `query`, or whose display name has words that begin like its words, by username.
/// `visible_to` narrows to those whose profile this user may see in a closed directory. The cursor is the last name.
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
        .filter(users::state.lt(UserState::Deleted))
        .order(users::username_key.asc())
        .into_boxed();
    if !from.is_empty() {
        // Every name that begins like `query` sorts before `query` followed by the last character.
        let to = format!("{from}\u{10FFFF}");
        let by_username = users::username_key.ge(from).and(users::username_key.lt(to));
        rows = match display_names::matching(query) {
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

/// The users blocked by `blocker`, newest first.
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
