//! Users, tokens and invites: columns with a fixed set of values hold one of them. Those of sessions, members and messages are
//! checked where their rows are read.

use diesel::connection::DefaultLoadingMode;

use super::Faults;
use crate::domain::{Accepts, InviteId, InviteState, TokenId, UserId, UserKind};
use crate::store::db::columns::{LoginMethodKind, Stored, UserState};
use crate::store::db::prelude::*;
use crate::store::db::schema::{invites, tokens, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserValues {
    id: UserId,
    kind: Stored,
    state: Stored,
    accepts: Stored,
}

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
        let (id, login_method) = row?;
        faults.unless_known::<LoginMethodKind>(login_method, "door", || format!("token {id}"));
    }
    faults.pause();
    let rows = invites::table.select((invites::id, invites::state));
    for row in rows.load_iter::<(InviteId, Stored), DefaultLoadingMode>(db)? {
        let (id, state) = row?;
        faults.unless_known::<InviteState>(state, "state", || format!("invite {id}"));
    }
    Ok(())
}
