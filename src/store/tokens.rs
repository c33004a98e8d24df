//! The table `tokens`: logins, of which only a hash is kept.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::columns::{DoorKind, UserState};
use super::schema::{tokens, users};
use super::users::UserRow;
use super::{Db, Error};
use crate::domain::{Cursor, Door, Page, Refusal, Time, Token, TokenId, TokenUse, User, UserId};

/// Uses within so many milliseconds of the last noted one are not noted.
const NOTE_EVERY: i64 = 60_000;

/// What is known of a token that exists.
pub(crate) enum Found {
    /// It counts.
    Valid(Login),
    /// It has expired, and is yet to be ended.
    Expired(TokenId),
}

/// Who a token speaks for.
pub(crate) struct Login {
    /// The token.
    pub token: TokenId,
    /// Its user.
    pub user: User,
    /// By which its user came in.
    pub door: Door,
    /// The last use is long enough ago to be noted again.
    pub stale: bool,
    /// It is not known from where it was used last.
    pub is_unplaced: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct LoginRow {
    id: TokenId,
    last_used_at: Time,
    expires_at: Time,
    #[diesel(embed)]
    door: Door,
    #[diesel(select_expression = tokens::last_address.is_null())]
    is_unplaced: bool,
    #[diesel(embed)]
    user: UserRow,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct TokenRow {
    id: TokenId,
    device: Option<String>,
    created_at: Time,
    last_used_at: Time,
    last_address: Option<String>,
    last_client: Option<String>,
    expires_at: Time,
}

/// A token that was deleted.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
pub(crate) struct Ended {
    /// Its id.
    #[diesel(column_name = id)]
    pub token: TokenId,
    /// Its user.
    #[diesel(column_name = user_id)]
    pub user: UserId,
    /// How it was issued.
    #[diesel(embed)]
    pub door: Door,
}

/// Keeps a login.
pub(crate) fn insert(
    db: &mut Db,
    user: UserId,
    hash: &[u8],
    (by, device): (Door, Option<&str>),
    now: Time,
    expires: Time,
) -> Result<TokenId, Error> {
    let id = TokenId::random();
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(id),
            tokens::user_id.eq(user),
            tokens::hash.eq(hash),
            tokens::device.eq(device),
            tokens::door.eq(DoorKind::from(by)),
            tokens::room_id.eq(by.room()),
            tokens::created_at.eq(now),
            tokens::last_used_at.eq(now),
            tokens::expires_at.eq(expires),
        ))
        .execute(db)?;
    Ok(id)
}

/// The login with this hash.
///
/// # Errors
/// `unauthenticated` where there is none, or its user is disabled or gone.
pub(crate) fn find(db: &mut Db, hash: &[u8], now: Time) -> Result<Found, Error> {
    let row = tokens::table
        .inner_join(users::table)
        .filter(tokens::hash.eq(hash))
        .filter(users::state.eq(UserState::Active))
        .select(LoginRow::as_select())
        .one::<LoginRow>(db)
        .optional()?
        .ok_or(Refusal::Unauthenticated)?;
    if row.expires_at <= now {
        return Ok(Found::Expired(row.id));
    }
    let stale = now.0 - row.last_used_at.0 > NOTE_EVERY;
    let LoginRow { id, door, is_unplaced, user, .. } = row;
    Ok(Found::Valid(Login { token: id, user: user.into(), door, stale, is_unplaced }))
}

/// When the next token expires; `None` where there is none.
pub(crate) fn next_expiry(db: &mut Db) -> Result<Option<Time>, Error> {
    Ok(tokens::table.select(diesel::dsl::min(tokens::expires_at)).one(db)?)
}

/// Ends this login if it had expired at `seen`; one that was used meanwhile stays. Its caller sees to what ends with it.
pub(crate) fn delete_expired(db: &mut Db, id: TokenId, seen: Time) -> Result<Vec<Ended>, Error> {
    let expired = tokens::table.find(id).filter(tokens::expires_at.le(seen));
    Ok(diesel::delete(expired).returning(Ended::as_returning()).get_results(db)?)
}

/// Looks once more whether a token counts.
///
/// # Errors
/// `unauthenticated` where it has ended or expired, or its user is disabled or gone.
pub(crate) fn check(db: &mut Db, id: TokenId, now: Time) -> Result<(), Error> {
    let found = tokens::table
        .inner_join(users::table)
        .filter(tokens::id.eq(id))
        .filter(tokens::expires_at.gt(now))
        .filter(users::state.eq(UserState::Active))
        .select(tokens::id);
    found.one::<i64>(db).optional()?.map(drop).ok_or_else(|| Refusal::Unauthenticated.into())
}

/// True where a user has a login that still counts.
pub(crate) fn has_any(db: &mut Db, user: UserId, now: Time) -> Result<bool, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::expires_at.gt(now));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(db)?)
}

/// Notes a use, which moves the end; what has expired stays so.
pub(crate) fn touch(db: &mut Db, ids: &[TokenId], now: Time, expires: Time) -> Result<(), Error> {
    diesel::update(tokens::table.filter(tokens::id.eq_any(ids)).filter(tokens::expires_at.gt(now)))
        .set((tokens::last_used_at.eq(now), tokens::expires_at.eq(expires)))
        .execute(db)?;
    Ok(())
}

/// Notes from where and by what a login is used.
pub(crate) fn place(db: &mut Db, id: TokenId, used: &TokenUse) -> Result<(), Error> {
    diesel::update(tokens::table.find(id))
        .set((tokens::last_address.eq(&used.address), tokens::last_client.eq(&used.client)))
        .execute(db)?;
    Ok(())
}

/// A user's logins that still count, newest first.
pub(crate) fn list(
    db: &mut Db,
    user: UserId,
    current: TokenId,
    now: Time,
    page: Page,
) -> Result<(Vec<Token>, Option<String>), Error> {
    let Page { after: Cursor { at, id }, limit } = page;
    let mut rows: Vec<TokenRow> = tokens::table
        .filter(tokens::user_id.eq(user))
        .filter(tokens::expires_at.gt(now))
        .filter(tokens::created_at.lt(at).or(tokens::created_at.eq(at).and(tokens::id.lt(id))))
        .order((tokens::created_at.desc(), tokens::id.desc()))
        .select(TokenRow::as_select())
        .page(limit + 1)
        .load(db)?;
    let next = page.close(&mut rows, |row| Cursor { at: row.created_at.0, id: row.id.0 });
    let token = |row: TokenRow| Token {
        id: row.id,
        device: row.device,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        last_address: row.last_address,
        last_client: row.last_client,
        expires_at: row.expires_at,
        current: row.id == current,
    };
    Ok((rows.into_iter().map(token).collect(), next))
}

/// Ends a login of this user. Its caller sees to what ends with it.
///
/// # Errors
/// `not_found` where the user has no such login.
pub(crate) fn delete(db: &mut Db, user: UserId, id: TokenId) -> Result<Ended, Error> {
    let own = tokens::table.find(id).filter(tokens::user_id.eq(user));
    let ended = diesel::delete(own).returning(Ended::as_returning()).get_result(db).optional()?;
    ended.ok_or_else(|| Refusal::NotFound.into())
}

/// Ends every login of this user but `kept`. Its caller sees to what ends with them.
pub(crate) fn delete_all(db: &mut Db, user: UserId, kept: Option<TokenId>) -> Result<Vec<Ended>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user));
    Ok(match kept {
        Some(kept) => {
            diesel::delete(own.filter(tokens::id.ne(kept))).returning(Ended::as_returning()).get_results(db)?
        }
        None => diesel::delete(own).returning(Ended::as_returning()).get_results(db)?,
    })
}

/// Ends logins of this user until `most` are left, those unused for longest first, and never `kept`. Its caller sees to what
/// ends with them.
pub(crate) fn delete_surplus(db: &mut Db, user: UserId, kept: TokenId, most: u32) -> Result<Vec<Ended>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user));
    let count: i64 = own.count().get_result(db)?;
    let surplus = count - i64::from(most.max(1));
    if surplus <= 0 {
        return Ok(Vec::new());
    }
    let unused = own.filter(tokens::id.ne(kept)).order((tokens::last_used_at, tokens::created_at));
    let ids: Vec<TokenId> = unused.select(tokens::id).limit(surplus).load(db)?;
    delete_several(db, &ids)
}

/// Ends logins that have expired, at most `limit` of them. Its caller sees to what ends with them.
pub(crate) fn sweep(db: &mut Db, limit: i64, now: Time) -> Result<Vec<Ended>, Error> {
    let expired = tokens::table.filter(tokens::expires_at.le(now)).select(tokens::id).rows(limit);
    let ids: Vec<TokenId> = expired.load(db)?;
    delete_several(db, &ids)
}

fn delete_several(db: &mut Db, ids: &[TokenId]) -> Result<Vec<Ended>, Error> {
    let some = tokens::table.filter(tokens::id.eq_any(ids));
    Ok(diesel::delete(some).returning(Ended::as_returning()).get_results(db)?)
}
