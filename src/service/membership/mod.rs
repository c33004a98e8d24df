//! Membership and roles: who may be in a session, and what each role may do there.

mod joining;
mod leaving;

pub(crate) use joining::{created, join, promote};
pub(crate) use leaving::{delete, end_user, expire_guests, expire_room, leave};

use crate::domain::{Refusal, Role, SessionKind};
use crate::store::members::Membership;

/// Requires at least this role.
///
/// # Errors
/// `forbidden`, in any case for direct sessions and the lobby, which have no roles.
pub(crate) fn require(member: &Membership, role: Role) -> Result<(), Refusal> {
    let has_roles = matches!(member.kind, SessionKind::Group | SessionKind::Room);
    match role {
        _ if !has_roles => Err(Refusal::Forbidden("This is only possible in groups and rooms.")),
        role if member.role >= role => Ok(()),
        Role::Owner => Err(Refusal::Forbidden("Only the owner can do this.")),
        Role::Admin | Role::Member => Err(Refusal::Forbidden("Only the owner and admins can do this.")),
    }
}

/// Whether one more user fits in beside `members`; `limit` 0 is no limit.
fn has_place(kind: SessionKind, members: usize, limit: u32) -> Result<(), Refusal> {
    if limit == 0 || members < usize::try_from(limit).unwrap_or(usize::MAX) {
        return Ok(());
    }
    let full = if kind == SessionKind::Room { "The room is full." } else { "The group is full." };
    Err(Refusal::LimitReached(full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::members::Marks;

    const fn member(kind: SessionKind, role: Role) -> Membership {
        Membership { kind, role, marks: Marks { read: 0, received: 0 } }
    }

    #[test]
    fn a_role_includes_the_lesser_ones() {
        let roles = [Role::Member, Role::Admin, Role::Owner];
        for kind in [SessionKind::Group, SessionKind::Room] {
            for (own, role) in roles.iter().flat_map(|own| roles.map(|role| (*own, role))) {
                assert_eq!(require(&member(kind, own), role).is_ok(), own >= role, "{own:?} {role:?}");
            }
        }
    }

    #[test]
    fn direct_sessions_and_the_lobby_have_no_roles() {
        for kind in [SessionKind::Direct, SessionKind::Lobby] {
            assert_eq!(require(&member(kind, Role::Owner), Role::Member).unwrap_err().code(), "forbidden");
        }
    }

    #[test]
    fn a_session_is_full_at_its_limit() {
        assert!(has_place(SessionKind::Group, 2, 3).is_ok() && has_place(SessionKind::Group, 9, 0).is_ok());
        let refusal = |kind| has_place(kind, 3, 3).unwrap_err().to_string();
        assert_ne!(refusal(SessionKind::Group), refusal(SessionKind::Room));
    }
}
