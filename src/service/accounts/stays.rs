//! Coming in for one room, with a name and perhaps its code: the room-code form.
//!
//! Such a guest is called as they like, since nobody looks them up by it, and has a username that is made up. They enter
//! the room at their first connection (`sessions`), and end when they leave it (`store/stays`).

use super::login::{LoggedIn, token};
use super::{Accounts, Secret};
use crate::domain::{
    Audience, Code, Delivery, Door, Event, GuestName, Identity, Refusal, SessionId, SessionKind, Time, UserId, Username,
};
use crate::rate_limit::Address;
use crate::store::rooms::{self, UNTITLED};
use crate::store::sessions::{self, Founding};
use crate::store::{Db, Error, stays, users};

/// Which room somebody wants.
pub(crate) enum Wanted {
    /// The one that has this code, as they write it.
    Join(String),
    /// A new one.
    Create,
}

impl Accounts {
    /// Makes a guest for one room, and the room if it is to be a new one; nobody is in that until its maker enters.
    ///
    /// # Errors
    /// `forbidden` where there are no guests; `invalid_request`; `rate_limited`; `unknown_room`, `too_many_attempts` after too
    /// many codes that no room has; `username_taken` by somebody in the room; `limit_reached` in a full one; `busy`.
    pub(crate) async fn stay(&self, name: &str, wanted: Wanted, from: Address) -> Result<LoggedIn, Refusal> {
        self.check_guests()?;
        let name = GuestName::parse(name)?;
        self.check_rate(from)?;
        let secret = Secret::random()?;
        let (hash, days, limit, misses) =
            (secret.hash(), self.rules.token_days, self.rules.members, self.misses.clone());
        let come = self.store.writer().run(move |db, now| {
            let found = match &wanted {
                Wanted::Join(code) => {
                    let found = rooms::by_code(db, Code::parse(code).as_ref())?.map(|(room, _)| room);
                    let room = misses.asked(from, None, found)?;
                    check(db, room, &name, limit)?;
                    Some(room)
                }
                Wanted::Create => None,
            };
            let guest = users::insert_guest(db, &Username::made_up(), now)?.id;
            users::update(db, guest, Some(name.as_str()), None)?;
            let room = match found {
                Some(room) => room,
                None => found_room(db, guest, now)?,
            };
            let door = Door::Rooms(room);
            let (token, expires_at) = token(db, guest, &hash, (door, None), now, days)?;
            let identity = Identity { user: users::find(db, guest)?, token, door };
            Ok(((identity, expires_at), awaited(db, room, guest)?))
        });
        let (identity, expires_at) = come.await?;
        Ok(LoggedIn { secret, expires_at, identity })
    }
}

/// Passes a name that nobody in the room has, as long as there is a place for one more.
fn check(db: &mut Db, room: SessionId, name: &GuestName, limit: u32) -> Result<(), Error> {
    if limit > 0 && stays::count(db, room)? >= usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(Refusal::LimitReached("The room is full.").into());
    }
    if stays::is_taken(db, room, name.as_str())? {
        return Err(Refusal::UsernameTaken.into());
    }
    Ok(())
}

fn found_room(db: &mut Db, maker: UserId, now: Time) -> Result<SessionId, Error> {
    let code = Code::random(false);
    let founding = Founding { kind: SessionKind::Room, title: UNTITLED, code: Some(&code), keep: false, key: None };
    sessions::found(db, maker, &founding, now)
}

/// The room waits for the guest, and the guest is missed if they do not come.
fn awaited(db: &mut Db, room: SessionId, guest: UserId) -> Result<Vec<Delivery>, Error> {
    let mut out = vec![Delivery::new(Audience::House, Event::Expected { guest, door: Door::Rooms(room) })];
    if !sessions::is_kept(db, room)? {
        out.push(rooms::watched(db, room)?);
    }
    Ok(out)
}
