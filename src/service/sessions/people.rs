//! Who is in a session: leaving, removing, roles.

use super::Sessions;
use crate::domain::{Acting, Answer, Delivery, Identity, Refusal, Role, SessionId, User};
use crate::service::membership::{self, Departure};
use crate::store::members::Seat;
use crate::store::{Db, Error, members, users};

impl Sessions {
    /// Leaves, or takes somebody else out; says the `rev` of it. `None`: oneself.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `unknown_user` for somebody who is not in it, `rate_limited`.
    pub(crate) async fn remove(
        &self,
        who: &Identity,
        id: SessionId,
        username: Option<String>,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        self.sends.change(who.user.id, false)?;
        let me = who.user.clone();
        let remove = move |db: &mut Db, now| {
            let seat = members::check(db, id, me.id)?;
            membership::require(&seat, Role::Member)?;
            let whom = username.map(|name| member(db, id, &name)).transpose()?;
            let other = whom.filter(|(user, _)| user.id != me.id);
            let connection = acting.as_ref().map(|acting| acting.0);
            let departure = match &other {
                None => Departure { user: &me, by: None, acting: connection },
                Some((user, theirs)) => {
                    membership::require(&seat, Role::Admin)?;
                    membership::may_be_removed(theirs)?;
                    Departure { user, by: Some(&me), acting: connection }
                }
            };
            let (rev, mut out) = membership::leave(db, id, departure, now)?;
            out.splice(0..0, Delivery::answer(acting, Answer::Changed(rev)));
            Ok((rev, out))
        };
        self.store.writer().run(remove).await
    }

    /// Gives a member a role, `owner` hands over; says the `rev` of it.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner, `unknown_user` for somebody who is not in it, `rate_limited`.
    pub(crate) async fn set_role(
        &self,
        who: &Identity,
        id: SessionId,
        username: String,
        role: Role,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        self.sends.change(who.user.id, false)?;
        let me = who.user.id;
        let set = move |db: &mut Db, now| {
            membership::require(&members::check(db, id, me)?, Role::Owner)?;
            let (user, theirs) = member(db, id, &username)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            let (rev, mut out) = if theirs.role == role {
                (crate::store::sessions::head(db, id)?.1, Vec::new())
            } else {
                membership::may_change_role(user.id == me)?;
                membership::promote(db, id, (me, user.id), role, connection, now)?
            };
            out.splice(0..0, Delivery::answer(acting, Answer::Changed(rev)));
            Ok((rev, out))
        };
        self.store.writer().run(set).await
    }
}

/// Somebody in a group or room, by name.
fn member(db: &mut Db, id: SessionId, name: &str) -> Result<(User, Seat), Error> {
    let user = users::named(db, name)?;
    // Who is no member is told like a name that nobody has: it is not for a session to say who exists.
    let seat = members::seat(db, id, user.id)?.ok_or(Refusal::UnknownUser)?;
    Ok((user, seat))
}
