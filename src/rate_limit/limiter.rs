//! The rates of users: the one place where requests and commands are counted before a service is called. Budgets of failures are
//! counted by the services, which know the outcome.

use std::sync::Arc;

use super::{Address, Cost, NameLookups, Rate, RateClass, Throttle};
use crate::domain::{Refusal, SessionId, UserId};

#[derive(Clone, Copy, Debug)]
pub(crate) struct UserRates {
    pub requests: Rate,
    /// Of messages, and as much again of changes.
    pub messages: Rate,
    /// Of messages and changes of one user in the lobby.
    pub lobby: Rate,
    /// Of messages and changes of all users in the lobby.
    pub lobby_total: Rate,
    pub invites: Rate,
    pub searches: Rate,
    pub new_sessions: Rate,
}

/// Counts what users do; what exceeds a rate is refused with `rate_limited`. Cheap to clone; all clones share the counts, which a restart forgets.
#[derive(Clone, Debug)]
pub(crate) struct Limiter(Arc<UserBuckets>);

#[derive(Debug)]
struct UserBuckets {
    lobby_id: Option<SessionId>,
    requests: Throttle<UserId>,
    messages: Throttle<UserId>,
    changes: Throttle<UserId>,
    lobby: Throttle<UserId>,
    lobby_total: Throttle<()>,
    invites: Throttle<UserId>,
    searches: Throttle<UserId>,
    new_sessions: Throttle<UserId>,
    names: Arc<NameLookups>,
}

impl Limiter {
    /// `lobby_id` is the session whose messages and changes have rates of their own.
    pub(crate) fn new(rates: &UserRates, lobby_id: Option<SessionId>, names: Arc<NameLookups>) -> Self {
        Self(Arc::new(UserBuckets {
            lobby_id,
            requests: Throttle::new(rates.requests),
            messages: Throttle::new(rates.messages),
            changes: Throttle::new(rates.messages),
            lobby: Throttle::new(rates.lobby),
            lobby_total: Throttle::new(rates.lobby_total),
            invites: Throttle::new(rates.invites),
            searches: Throttle::new(rates.searches),
            new_sessions: Throttle::new(rates.new_sessions),
            names,
        }))
    }

    /// Counts a request by HTTP, before its body is read.
    pub(crate) fn request(&self, user: UserId) -> Result<(), Refusal> {
        self.0.requests.take(user).map_err(Refusal::RateLimited)
    }

    /// Counts a well-formed request or command of `user` by what it costs.
    ///
    /// # Errors
    /// For an invite also `too_many_attempts`, after too many lookups of unknown names.
    pub(crate) fn admit(&self, user: UserId, from: Address, cost: Cost) -> Result<(), Refusal> {
        match cost.class {
            RateClass::Anonymous | RateClass::Basic | RateClass::Message | RateClass::NewSession => Ok(()),
            RateClass::Change => self.change(user, None),
            RateClass::Amendment => self.change(user, cost.session),
            RateClass::Invite => {
                // First, so that a refused invite is not counted.
                self.0.names.check(from)?;
                self.0.invites.take(user).map_err(Refusal::RateLimited)
            }
            RateClass::Search => self.0.searches.take(user).map_err(Refusal::RateLimited),
        }
    }

    /// Counts a message; see [`RateClass::Message`].
    pub(crate) fn message(&self, user: UserId, session: Option<SessionId>) -> Result<(), Refusal> {
        self.0.messages.take(user).map_err(Refusal::RateLimited)?;
        self.lobby(user, session)
    }

    /// Counts a session that is being made; see [`RateClass::NewSession`].
    pub(crate) fn new_session(&self, user: UserId) -> Result<(), Refusal> {
        self.0.new_sessions.take(user).map_err(Refusal::RateLimited)
    }

    fn change(&self, user: UserId, session: Option<SessionId>) -> Result<(), Refusal> {
        self.0.changes.take(user).map_err(Refusal::RateLimited)?;
        self.lobby(user, session)
    }

    fn lobby(&self, user: UserId, session: Option<SessionId>) -> Result<(), Refusal> {
        if session.is_none() || session != self.0.lobby_id {
            return Ok(());
        }
        self.0.lobby.take(user).and_then(|()| self.0.lobby_total.take(())).map_err(Refusal::RateLimited)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const USER: UserId = UserId(1);
    const LOBBY: SessionId = SessionId(7);

    fn limiter(per_minute: impl Fn(&mut UserRates)) -> (Limiter, Arc<NameLookups>) {
        let none = Rate::per_minute(0, 0);
        let mut rates = UserRates {
            requests: none,
            messages: none,
            lobby: none,
            lobby_total: none,
            invites: none,
            searches: none,
            new_sessions: none,
        };
        per_minute(&mut rates);
        let names = Arc::new(NameLookups::new(1));
        (Limiter::new(&rates, Some(LOBBY), Arc::clone(&names)), names)
    }

    fn admit(limiter: &Limiter, class: RateClass, session: Option<SessionId>) -> Result<(), Refusal> {
        limiter.admit(USER, Address::from(IpAddr::from([10, 0, 0, 1])), Cost { class, session })
    }

    #[test]
    fn messages_and_changes_are_counted_apart_and_together_in_the_lobby() {
        let (limiter, _) = limiter(|rates| {
            rates.messages = Rate::per_minute(2, 2);
            rates.lobby = Rate::per_minute(1, 1);
        });
        assert!(limiter.message(USER, Some(LOBBY)).is_ok());
        assert!(admit(&limiter, RateClass::Amendment, Some(LOBBY)).is_err(), "in the lobby");
        assert!(admit(&limiter, RateClass::Amendment, Some(SessionId(8))).is_ok());
        assert!(admit(&limiter, RateClass::Change, None).is_err(), "the third change");
        assert!(limiter.message(USER, None).is_ok());
        assert!(limiter.message(USER, None).is_err());
    }

    #[test]
    fn an_invite_that_is_refused_for_unknown_names_is_not_counted() {
        let (limiter, names) = limiter(|rates| rates.invites = Rate::per_minute(1, 1));
        let from = Address::from(IpAddr::from([10, 0, 0, 1]));
        assert_eq!(names.resolve(from, None::<()>), Err(Refusal::UnknownUser));
        assert!(matches!(admit(&limiter, RateClass::Invite, None), Err(Refusal::TooManyAttempts(_))));
        let elsewhere = Address::from(IpAddr::from([10, 0, 0, 2]));
        let cost = Cost { class: RateClass::Invite, session: None };
        assert!(limiter.admit(USER, elsewhere, cost).is_ok());
        assert!(matches!(limiter.admit(USER, elsewhere, cost), Err(Refusal::RateLimited(_))));
    }

    #[test]
    fn a_malformed_command_is_not_counted() {
        use crate::domain::Command;
        let search = |session, cursor: Option<&str>| Command::Search {
            query: "tea".to_owned(),
            session,
            cursor: cursor.map(str::to_owned),
        };
        assert_eq!(Cost::of(&search(None, None)).class, RateClass::Search);
        assert_eq!(Cost::of(&search(Some(None), None)).class, RateClass::Basic);
        assert_eq!(Cost::of(&search(None, Some("?"))).class, RateClass::Basic);
        assert_eq!(Cost::of(&Command::Leave(None)).class, RateClass::Basic);
        assert_eq!(Cost::of(&Command::Leave(Some(LOBBY))).class, RateClass::Change);
    }
}
