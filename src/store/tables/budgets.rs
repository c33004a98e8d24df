//! The tables `failure_budgets` and `login_addresses`: the rate limits of failed logins over a restart, and the addresses of
//! successful ones.

use std::time::Duration;

use crate::domain::{Time, UserId, Username};
use crate::rate_limit::Saved;
use crate::store::db::prelude::*;
use crate::store::db::schema::{failure_budgets, login_addresses, users};

/// Rows of budgets; beyond it those that are replenished first are deleted.
const MOST: i64 = 20_000;
/// Addresses stored for one user, …
const ADDRESSES: i64 = 50;
/// … and for how many days.
const DAYS: i64 = 30;

pub(crate) fn save(db: &mut Db, changes: &[Saved], now: Time) -> Result<(), Error> {
    for Saved { budget, key, ahead } in changes {
        let full_at = now.plus(i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX));
        let row =
            (failure_budgets::budget.eq(budget), failure_budgets::key.eq(key), failure_budgets::full_at.eq(full_at));
        let insert = diesel::insert_into(failure_budgets::table).values(row);
        let upsert = insert
            .on_conflict((failure_budgets::budget, failure_budgets::key))
            .do_update()
            .set(failure_budgets::full_at.eq(full_at));
        on_inner!(db, db => upsert.execute(db))?;
    }
    diesel::delete(failure_budgets::table.filter(failure_budgets::full_at.le(now))).execute(db)?;
    let surplus = failure_budgets::table.count().get_result::<i64>(db)? - MOST;
    if surplus > 0 {
        let ends = failure_budgets::table.order(failure_budgets::full_at).select(failure_budgets::full_at);
        let end: Time = ends.offset(surplus - 1).first(db)?;
        diesel::delete(failure_budgets::table.filter(failure_budgets::full_at.le(end))).execute(db)?;
    }
    Ok(())
}

/// How much of each budget is used.
pub(crate) fn load(db: &mut Db, now: Time) -> Result<Vec<Saved>, Error> {
    let rows: Vec<(String, String, Time)> = failure_budgets::table.filter(failure_budgets::full_at.gt(now)).load(db)?;
    let saved = |(budget, key, full_at): (String, String, Time)| {
        let ahead = Duration::from_millis(u64::try_from(full_at.0 - now.0).unwrap_or_default());
        Saved { budget, key, ahead }
    };
    Ok(rows.into_iter().map(saved).collect())
}

pub(crate) fn note_address(db: &mut Db, user: UserId, address: &str, now: Time) -> Result<(), Error> {
    let row = (login_addresses::user_id.eq(user), login_addresses::address.eq(address), login_addresses::at.eq(now));
    let insert = diesel::insert_into(login_addresses::table).values(row);
    let key = (login_addresses::user_id, login_addresses::address);
    let upsert = insert.on_conflict(key).do_update().set(login_addresses::at.eq(now));
    on_inner!(db, db => upsert.execute(db))?;
    let own = login_addresses::table.filter(login_addresses::user_id.eq(user));
    let times: Vec<Time> = own.order(login_addresses::at.desc()).select(login_addresses::at).load(db)?;
    let nth = usize::try_from(ADDRESSES).ok().and_then(|most| times.get(most));
    let oldest = nth.copied().unwrap_or(Time(i64::MIN)).max(now.plus_days(-DAYS));
    diesel::delete(own.filter(login_addresses::at.le(oldest))).run(db)
}

/// True where the user of this name has logged in from this address within 30 days.
pub(crate) fn is_known_address(db: &mut Db, name: &str, address: &str, now: Time) -> Result<bool, Error> {
    let user = users::table.filter(users::username_key.eq(Username::fold(name))).select(users::id);
    let Some(user) = user.first::<UserId>(db).optional()? else { return Ok(false) };
    let known = login_addresses::table.find((user, address)).filter(login_addresses::at.gt(now.plus_days(-DAYS)));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(db)?)
}

pub(crate) fn forget_addresses(db: &mut Db, user: UserId) -> Result<(), Error> {
    diesel::delete(login_addresses::table.filter(login_addresses::user_id.eq(user))).run(db)
}
