//! The table `tokens`: logins. Only a hash of the secret is stored.

use super::users::UserRow;
use crate::domain::{Cursor, LoginMethod, Page, Refusal, Time, Token, TokenId, TokenUse, User, UserId};
use crate::store::db::columns::{LoginMethodKind, UserState};
use crate::store::db::prelude::*;
use crate::store::db::schema::{tokens, users};

/// A use is recorded at most once in this time (milliseconds).
const NOTE_EVERY: i64 = 60_000;

pub(crate) enum TokenState {
    Valid(ValidToken),
    /// Expired, but not deleted yet.
    Expired(TokenId),
}

pub(crate) struct ValidToken {
    pub token: TokenId,
    pub user: User,
    pub login_method: LoginMethod,
    /// The last recorded use is long enough ago to be recorded again.
    pub stale: bool,
    /// The address and client of the last use are unknown.
    pub is_unplaced: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct ValidRow {
    id: TokenId,
    last_used_at: Time,
    expires_at: Time,
    #[diesel(embed)]
    login_method: LoginMethod,
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
pub(crate) struct EndedToken {
    #[diesel(column_name = id)]
    pub token: TokenId,
    #[diesel(column_name = user_id)]
    pub user: UserId,
    #[diesel(embed)]
    pub login_method: LoginMethod,
}

pub(crate) fn insert(
    db: &mut Db,
    user: UserId,
    hash: &[u8],
    (by, device): (LoginMethod, Option<&str>),
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
            tokens::door.eq(LoginMethodKind::from(by)),
            tokens::room_id.eq(by.room()),
            tokens::created_at.eq(now),
            tokens::last_used_at.eq(now),
            tokens::expires_at.eq(expires),
        ))
        .execute(db)?;
    Ok(id)
}

/// The token with this hash. Fails with `unauthenticated` where there is none, or its user is disabled or deleted.
pub(crate) fn find(db: &mut Db, hash: &[u8], now: Time) -> Result<TokenState, Error> {
    let row = tokens::table
        .inner_join(users::table)
        .filter(tokens::hash.eq(hash))
        .filter(users::state.eq(UserState::Active))
        .select(ValidRow::as_select())
        .maybe::<ValidRow>(db)?
        .ok_or(Refusal::Unauthenticated)?;
    if row.expires_at <= now {
        return Ok(TokenState::Expired(row.id));
    }
    let stale = now.0 - row.last_used_at.0 > NOTE_EVERY;
    let ValidRow { id, login_method, is_unplaced, user, .. } = row;
    Ok(TokenState::Valid(ValidToken { token: id, user: user.into(), login_method, stale, is_unplaced }))
}

/// When the next token expires; `None` where there is none.
pub(crate) fn next_expiry(db: &mut Db) -> Result<Option<Time>, Error> {
    Ok(tokens::table.select(diesel::dsl::min(tokens::expires_at)).one(db)?)
}

/// Deletes this token if it had expired at `seen` and was not used since. The caller ends what depends on it.
pub(crate) fn delete_expired(db: &mut Db, id: TokenId, seen: Time) -> Result<Vec<EndedToken>, Error> {
    let expired = tokens::table.find(id).filter(tokens::expires_at.le(seen));
    Ok(on_inner!(db, db => diesel::delete(expired).returning(EndedToken::as_returning()).get_results(db))?)
}

/// Checks again that a token is valid. Fails with `unauthenticated` where it is deleted or expired, or its user is disabled
/// or deleted.
pub(crate) fn check(db: &mut Db, id: TokenId, now: Time) -> Result<(), Error> {
    let found = tokens::table
        .inner_join(users::table)
        .filter(tokens::id.eq(id))
        .filter(tokens::expires_at.gt(now))
        .filter(users::state.eq(UserState::Active))
        .select(tokens::id);
    found.maybe::<i64>(db)?.map(drop).ok_or_else(|| Refusal::Unauthenticated.into())
}

pub(crate) fn has_any(db: &mut Db, user: UserId, now: Time) -> Result<bool, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::expires_at.gt(now));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(db)?)
}

/// Records a use, which extends the expiry; expired tokens remain expired.
pub(crate) fn touch(db: &mut Db, ids: &[TokenId], now: Time, expires: Time) -> Result<(), Error> {
    diesel::update(tokens::table.filter(tokens::id.eq_any(ids)).filter(tokens::expires_at.gt(now)))
        .set((tokens::last_used_at.eq(now), tokens::expires_at.eq(expires)))
        .run(db)
}

pub(crate) fn record_client(db: &mut Db, id: TokenId, used: &TokenUse) -> Result<(), Error> {
    diesel::update(tokens::table.find(id))
        .set((tokens::last_address.eq(&used.address), tokens::last_client.eq(&used.client)))
        .run(db)
}

/// A user's valid tokens, newest first.
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

/// Deletes a token of this user. The caller ends what depends on it. Fails with `not_found` where the user has no such token.
pub(crate) fn delete(db: &mut Db, user: UserId, id: TokenId) -> Result<EndedToken, Error> {
    let own = tokens::table.find(id).filter(tokens::user_id.eq(user));
    let ended =
        on_inner!(db, db => diesel::delete(own).returning(EndedToken::as_returning()).get_result(db).optional())?;
    ended.ok_or_else(|| Refusal::NotFound.into())
}

/// Deletes every token of this user but `except`. The caller ends what depends on them.
pub(crate) fn delete_all(db: &mut Db, user: UserId, except: Option<TokenId>) -> Result<Vec<EndedToken>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::id.ne_all(except));
    Ok(on_inner!(db, db => diesel::delete(own).returning(EndedToken::as_returning()).get_results(db))?)
}

/// Deletes tokens of this user until `most` are left, those unused for longest first, and never `except`. The caller ends what
/// depends on them.
pub(crate) fn delete_surplus(db: &mut Db, user: UserId, except: TokenId, most: u32) -> Result<Vec<EndedToken>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user));
    let count: i64 = own.count().get_result(db)?;
    let surplus = count - i64::from(most.max(1));
    if surplus <= 0 {
        return Ok(Vec::new());
    }
    let unused = own.filter(tokens::id.ne(except)).order((tokens::last_used_at, tokens::created_at));
    let ids: Vec<TokenId> = unused.select(tokens::id).limit(surplus).load(db)?;
    delete_several(db, &ids)
}

/// Deletes expired tokens, at most `limit` of them, and gives those that it has deleted. The caller ends what depends on them.
pub(crate) fn sweep(db: &mut Db, limit: i64, now: Time) -> Result<Vec<EndedToken>, Error> {
    let ids: Vec<TokenId> = expired(now).select(tokens::id).rows(limit).load(db)?;
    delete_several(db, &ids)
}

/// The guests among the users whose tokens [`sweep`] deletes.
pub(crate) fn expired_guests(db: &mut Db, limit: i64, now: Time) -> Result<Vec<UserId>, Error> {
    let rows: Vec<(UserId, LoginMethodKind)> =
        expired(now).select((tokens::user_id, tokens::door)).rows(limit).load(db)?;
    Ok(rows.into_iter().filter(|(_, method)| *method != LoginMethodKind::Password).map(|(user, _)| user).collect())
}

/// The expired tokens, those that expired first before the others.
#[diesel::dsl::auto_type]
fn expired(now: Time) -> _ {
    tokens::table.filter(tokens::expires_at.le(now)).order((tokens::expires_at, tokens::id))
}

/// The users of these tokens.
pub(crate) fn users_of(db: &mut Db, ids: &[TokenId]) -> Result<Vec<UserId>, Error> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        all.extend(tokens::table.filter(tokens::id.eq_any(some)).select(tokens::user_id).load::<UserId>(db)?);
    }
    Ok(all)
}

/// The user of this token; `None` where there is none.
pub(crate) fn owner(db: &mut Db, id: TokenId) -> Result<Option<User>, Error> {
    let owner = tokens::table.inner_join(users::table).filter(tokens::id.eq(id)).select(UserRow::as_select());
    Ok(owner.maybe::<UserRow>(db)?.map(User::from))
}

fn delete_several(db: &mut Db, ids: &[TokenId]) -> Result<Vec<EndedToken>, Error> {
    let some = tokens::table.filter(tokens::id.eq_any(ids));
    Ok(on_inner!(db, db => diesel::delete(some).returning(EndedToken::as_returning()).get_results(db))?)
}
