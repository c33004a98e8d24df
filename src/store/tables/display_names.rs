//! The table `user_names`: the words of display names, by which users are found.

use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};

use crate::domain::UserId;
use crate::store::db::DbBackend;
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::{user_names, users};
use crate::store::search::{prefixes, words};

/// Words stored of one display name.
const WORDS: usize = 20;
/// Words of one query that are used.
const QUERY_WORDS: usize = 5;

/// Replaces the words of this user's display name; an empty name deletes them.
pub(super) fn set(db: &mut Db, user: UserId, display_name: &str) -> Result<(), Error> {
    diesel::delete(user_names::table.filter(user_names::user_id.eq(user))).execute(db)?;
    insert(db, user, display_name)?;
    Ok(())
}

/// Fills the table in a database from before it existed. To be run in a transaction.
pub(crate) fn fill(db: &mut Db) -> QueryResult<()> {
    let filled = diesel::select(diesel::dsl::exists(user_names::table.select(user_names::user_id))).get_result(db)?;
    if filled {
        return Ok(());
    }
    let all: Vec<(UserId, String)> =
        users::table.filter(users::state.lt(UserState::Deleted)).select((users::id, users::display_name)).load(db)?;
    all.iter().try_for_each(|(user, name)| insert(db, *user, name))
}

fn insert(db: &mut Db, user: UserId, display_name: &str) -> QueryResult<()> {
    for word in words::of_text(display_name).into_iter().take(WORDS) {
        let row = (user_names::word.eq(word.word), user_names::user_id.eq(user));
        let insert = diesel::insert_into(user_names::table).values(row).on_conflict_do_nothing();
        on_inner!(db, db => insert.execute(db))?;
    }
    Ok(())
}

pub(crate) type Condition = Box<dyn BoxableExpression<users::table, DbBackend, SqlType = Bool>>;

/// True for users whose display name has, for each word of `query`, a word with that prefix. `None` for a query without
/// words.
pub(super) fn matching(query: &str) -> Option<Condition> {
    let has_prefix = |word: String| -> Condition {
        let end = format!("{word}\u{10FFFF}");
        let begins = sql::<Bool>("users.id IN (SELECT user_id FROM user_names WHERE word >= ");
        Box::new(begins.bind::<Text, _>(word).sql(" AND word < ").bind::<Text, _>(end).sql(")"))
    };
    let words = prefixes(query).into_iter().take(QUERY_WORDS).map(has_prefix);
    words.reduce(|before, next| Box::new(before.and(next)))
}
