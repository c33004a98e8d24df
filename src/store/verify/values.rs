//! Users, tokens and invites: columns with a fixed set of values hold one of them. Those of sessions, members and messages are
//! checked where their rows are read.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::Faults;
use crate::domain::{Accepts, InviteId, InviteState, TokenId, UserId, UserKind};
use crate::store::Db;
use crate::store::columns::{DoorKind, Stored, UserState};
use crate::store::schema::{invites, tokens, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserValues {
    id: UserId,
    kind: Stored,
    state: Stored,
    accepts: Stored,
}

/// Adds every unknown value.
pub(super) fn check(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    let rows = users::table.select(UserValues::as_select());
    for row in rows.load_iter::<UserValues, DefaultLoadingMode>(db)? {
        let UserValues { id, kind, state, accepts } = row?;
        let name = || format!("user {id}");
        faults.unless_known::<UserKind>(kind, "kind", name);
        faults.unless_known::<UserState>(state, "state", name);
        faults.unless_known::<Accepts>(accepts, "accepts", name);
    }
    faults.pause();
    let rows = tokens::table.select((tokens::id, tokens::door));
    for row in rows.load_iter::<(TokenId, Stored), DefaultLoadingMode>(db)? {
        let (id, door) = row?;
        faults.unless_known::<DoorKind>(door, "door", || format!("token {id}"));
    }
    faults.pause();
    let rows = invites::table.select((invites::id, invites::state));
    for row in rows.load_iter::<(InviteId, Stored), DefaultLoadingMode>(db)? {
        let (id, state) = row?;
        faults.unless_known::<InviteState>(state, "state", || format!("invite {id}"));
    }
    Ok(())
}
