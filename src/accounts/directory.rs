//! Finding people, and wanting nothing from some of them.

use super::Accounts;
use crate::config::Directory;
use crate::limits::Address;
use crate::model::{Audience, Delivery, Event, Identity, Refusal, User, UserId};
use crate::store::{Db, Error, Page, blocks, members, sessions, users};

/// A user, and whether the asker may see presence.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The user; `last_seen` is left out where presence may not be seen.
    pub user: User,
    /// The asker may see presence: the directory is open or they share a session, and neither has blocked the other.
    pub visible: bool,
}

/// What decides whom somebody sees.
struct Sight {
    me: UserId,
    /// `None`: everybody.
    circle: Option<Vec<i64>>,
    blocked: Vec<i64>,
}

impl Sight {
    fn of(db: &mut Db, me: UserId, directory: Directory) -> Result<Self, Error> {
        let circle = match directory {
            Directory::Open => None,
            Directory::Closed => {
                let mut circle: Vec<i64> = members::companions(db, me)?.into_iter().map(|user| user.0).collect();
                circle.push(me.0);
                Some(circle)
            }
        };
        Ok(Self { me, circle, blocked: blocks::around(db, me)? })
    }

    fn knows(&self, user: UserId) -> bool {
        self.circle.as_ref().is_none_or(|circle| circle.contains(&user.0))
    }

    fn see(&self, user: User) -> Seen {
        let visible = user.id == self.me || (self.knows(user.id) && !self.blocked.contains(&user.id.0));
        let last_seen = user.last_seen.filter(|_| visible);
        Seen { user: User { last_seen, ..user }, visible }
    }
}

impl Accounts {
    /// Users whose name begins like `query`, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn users(
        &self,
        who: &Identity,
        query: String,
        after: Option<String>,
        limit: i64,
    ) -> Result<(Vec<Seen>, Option<String>), Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store
            .read(move |db| {
                let sight = Sight::of(db, me, directory)?;
                let (found, next) = users::list(db, &query, after.as_deref(), sight.circle.as_deref(), limit)?;
                Ok((found.into_iter().map(|user| sight.see(user)).collect(), next))
            })
            .await
    }

    /// The user of this name.
    ///
    /// # Errors
    /// `unknown_user` where there is none whom the asker may find; `too_many_attempts` after asking for too many such.
    pub async fn user(&self, who: &Identity, name: String, from: Address) -> Result<Seen, Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        let find = self.store.read(move |db| {
            let sight = Sight::of(db, me, directory)?;
            let user = users::named(db, &name)?;
            if sight.knows(user.id) { Ok(sight.see(user)) } else { Err(Refusal::UnknownUser.into()) }
        });
        self.names.asking(from, find).await
    }

    /// The named users whose presence the asker may see; without names those whose presence is pushed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn visible(&self, who: &Identity, names: Option<Vec<String>>) -> Result<Vec<User>, Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store
            .read(move |db| {
                let Some(names) = names else {
                    return members::acquaintances(db, me)?.into_iter().map(|id| users::find(db, id)).collect();
                };
                let sight = Sight::of(db, me, directory)?;
                let mut found = Vec::with_capacity(names.len());
                for name in names {
                    let seen = users::by_name(db, &name)?.map(|user| sight.see(user));
                    found.extend(seen.filter(|seen| seen.visible).map(|seen| seen.user));
                }
                Ok(found)
            })
            .await
    }

    /// Whom this user has blocked, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn blocks(&self, who: &Identity, page: Page) -> Result<(Vec<User>, Option<String>), Refusal> {
        let me = who.user.id;
        self.store.read(move |db| users::blocked_by(db, me, page)).await
    }

    /// Blocks or unblocks. Doing it again changes nothing.
    ///
    /// # Errors
    /// `unknown_user`, `invalid_request` for oneself.
    pub async fn block(&self, who: &Identity, name: String, on: bool, from: Address) -> Result<(), Refusal> {
        let me = who.user.id;
        let set = self.store.writer().run(move |db, now| {
            let other = users::named(db, &name)?.id;
            if other == me {
                return Err(Refusal::invalid("`username` must be somebody else's").into());
            }
            let changed = if on { blocks::insert(db, me, other, now)? } else { blocks::delete(db, me, other)? };
            let visible = !blocks::between(db, me, other)? && sessions::direct(db, me, other)?.is_some();
            let told = Delivery::new(Audience::House, Event::Acquainted { a: me, b: other, visible });
            Ok(((), if changed { vec![told] } else { Vec::new() }))
        });
        self.names.asking(from, set).await
    }
}
