//! The list of users for operators.

use diesel::dsl::Eq;

use crate::domain::{Time, UserKind};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::users;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct ListedUser {
    pub username: String,
    pub kind: UserKind,
    pub admin: bool,
    #[diesel(select_expression = users::state.eq(UserState::Disabled))]
    #[diesel(select_expression_type = Eq<users::state, UserState>)]
    pub disabled: bool,
    pub created_at: Time,
    pub last_seen: Option<Time>,
}

/// Calls `take` with every user who is not deleted, by name, until it returns false.
pub(crate) fn each(db: &mut Db, mut take: impl FnMut(ListedUser) -> bool) -> Result<(), Error> {
    let rows = users::table
        .filter(users::state.lt(UserState::Deleted))
        .order(users::username_key)
        .select(ListedUser::as_select())
        .load_iter::<ListedUser, diesel::connection::DefaultLoadingMode>(db)?;
    for user in rows {
        if !take(user?) {
            break;
        }
    }
    Ok(())
}
