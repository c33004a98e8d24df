//! Leaving a session, removing members, and roles.

use super::SessionService;
use crate::domain::{Answer, Identity, Refusal, ReplyTo, Role, SessionId, User};
use crate::service::{connection, membership, reply};
use crate::store::members::Membership;
use crate::store::{Db, Error, Touches, members, transient_guests, users};

impl SessionService {
    /// Removes a member, or leaves where `username` is `None`; returns the `rev`.
    ///
    /// # Errors
    /// `not_found`; `forbidden`; `unknown_user` for a user who is no member.
    pub(crate) async fn remove(
        &self,
        identity: &Identity,
        id: SessionId,
        username: Option<String>,
        reply_to: ReplyTo,
    ) -> Result<i64, Refusal> {
        let me = identity.user.clone();
        let (own, named) = (me.id, username.clone());
        let touches = Touches::found(move |db| {
            let user = match &named {
                Some(name) => users::require_named(db, name)?.id,
                None => own,
            };
            let both = Touches::users([own, user]).and(Touches::sessions([id]));
            // A guest of this room ends.
            let is_guest = transient_guests::room_of(db, user)? == Some(id);
            Ok(if is_guest { both.and(Touches::ending([user])) } else { both })
        });
        let remove = move |db: &mut Db, now| {
            let own = members::check(db, id, me.id)?;
            membership::require(&own, Role::Member)?;
            let named = username.as_ref().map(|name| member(db, id, name)).transpose()?;
            let other = named.filter(|(user, _)| user.id != me.id);
            let (user, by) = match &other {
                None => (&me, None),
                Some((user, other)) => {
                    membership::require(&own, Role::Admin)?;
                    if other.role == Role::Owner {
                        return Err(Refusal::Forbidden("The owner cannot be removed.").into());
                    }
                    (user, Some(&me))
                }
            };
            let (rev, mut out) = membership::leave(db, id, user, by, connection(&reply_to), now)?;
            reply(&mut out, reply_to.clone(), Answer::Changed(rev));
            Ok((rev, out))
        };
        self.store.writer().run(touches, remove).await
    }

    /// Changes a member's role, where `owner` transfers ownership; returns the `rev`.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for all but the owner; `unknown_user` for a user who is no member.
    pub(crate) async fn set_role(
        &self,
        identity: &Identity,
        id: SessionId,
        username: String,
        role: Role,
        reply_to: ReplyTo,
    ) -> Result<i64, Refusal> {
        let me = identity.user.id;
        let named = username.clone();
        let touches = Touches::found(move |db| Ok(Touches::users([me, users::require_named(db, &named)?.id])));
        let touches = touches.and(Touches::sessions([id]));
        let set = move |db: &mut Db, now| {
            membership::require(&members::check(db, id, me)?, Role::Owner)?;
            let (user, theirs) = member(db, id, &username)?;
            let connection = connection(&reply_to);
            let (rev, mut out) = if theirs.role == role {
                (crate::store::sessions::seq_and_rev(db, id)?.1, Vec::new())
            } else {
                if user.id == me {
                    let why = "There must be an owner. Transfer ownership to someone else first.";
                    return Err(Refusal::Forbidden(why).into());
                }
                membership::promote(db, id, (me, user.id), role, connection, now)?
            };
            reply(&mut out, reply_to.clone(), Answer::Changed(rev));
            Ok((rev, out))
        };
        self.store.writer().run(touches, set).await
    }
}

fn member(db: &mut Db, id: SessionId, name: &str) -> Result<(User, Membership), Error> {
    let user = users::require_named(db, name)?;
    // Refused like an unknown name: a session does not reveal who exists.
    let member = members::find(db, id, user.id)?.ok_or(Refusal::UnknownUser)?;
    Ok((user, member))
}
