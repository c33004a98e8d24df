//! Transient guests of the room-code form. Their name is only a display name; the username is generated. They become members of the
//! room at their first connection (`SessionService::enter`) and end when they leave it.

use super::login::{NewLogin, token};
use super::{AccountService, Secret};
use crate::domain::{
    Code, CommitOutput, Effect, GuestName, Identity, LoginMethod, Refusal, SessionId, SessionKind, Time, UserId,
    Username,
};
use crate::rate_limit::Address;
use crate::store::rooms::{self, UNTITLED};
use crate::store::sessions::{self, NewSharedSession};
use crate::store::{Db, Error, Touches, transient_guests, users};

pub(crate) enum RoomChoice {
    /// By its code, as it was typed.
    Join(String),
    Create,
}

impl AccountService {
    /// Creates a guest for one room, and the room itself if it is to be new. A new room is empty until the guest enters.
    ///
    /// # Errors
    /// `forbidden` where there are no guests; `invalid_request`; `rate_limited`; `unknown_room`, and `too_many_attempts` after
    /// too many unknown codes; `username_taken` by a user in the room; `limit_reached` in a full one; `busy`.
    pub(crate) async fn room_guest(&self, name: &str, choice: RoomChoice, from: Address) -> Result<NewLogin, Refusal> {
        self.check_guests()?;
        let name = GuestName::parse(name)?;
        self.check_rate(from)?;
        let secret = Secret::random()?;
        let (hash, days, limit, guesses) = (
            secret.hash(),
            self.config.limits.token_days,
            self.config.limits.group_members,
            self.failures.room_codes.clone(),
        );
        let code = match &choice {
            RoomChoice::Join(code) => Code::parse(code),
            RoomChoice::Create => None,
        };
        let room =
            Touches::found(move |db| Ok(Touches::sessions(rooms::by_code(db, code.as_ref())?.map(|(room, _)| room))));
        let guest = self.store.writer().run(Touches::new_user().and(room), move |db, now| {
            let found = match &choice {
                RoomChoice::Join(code) => {
                    let found = rooms::by_code(db, Code::parse(code).as_ref())?.map(|(room, _)| room);
                    let room = guesses.resolve(from, None, found)?;
                    check_room(db, room, &name, limit)?;
                    Some(room)
                }
                RoomChoice::Create => None,
            };
            let guest = users::insert_guest(db, &Username::generated(), now)?.id;
            users::update(db, guest, Some(name.as_str()), None)?;
            let room = match found {
                Some(room) => room,
                None => create_room(db, guest, now)?,
            };
            let login_method = LoginMethod::RoomGuest(room);
            let (token, expires_at) = token(db, guest, &hash, (login_method, None), now, days)?;
            let identity = Identity { user: users::find(db, guest)?, token, login_method };
            Ok(((identity, expires_at), expiries(db, room, guest)?))
        });
        let (identity, expires_at) = guest.await?;
        Ok(NewLogin { secret, expires_at, identity })
    }
}

/// Requires a name that is not taken in the room, and a free place.
fn check_room(db: &mut Db, room: SessionId, name: &GuestName, limit: u32) -> Result<(), Error> {
    if limit > 0 && transient_guests::count(db, room)? >= usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(Refusal::LimitReached("The room is full.").into());
    }
    if transient_guests::is_taken(db, room, name.as_str())? {
        return Err(Refusal::UsernameTaken.into());
    }
    Ok(())
}

fn create_room(db: &mut Db, creator: UserId, now: Time) -> Result<SessionId, Error> {
    let code = Code::random(false);
    let shared =
        NewSharedSession { kind: SessionKind::Room, title: UNTITLED, code: Some(&code), keep: false, key: None };
    sessions::insert_shared(db, creator, &shared, now)
}

/// The guest, and an ephemeral room, expire unless the guest connects.
fn expiries(db: &mut Db, room: SessionId, guest: UserId) -> Result<Vec<CommitOutput>, Error> {
    let mut out =
        vec![CommitOutput::Effect(Effect::GuestExpected { guest, login_method: LoginMethod::RoomGuest(room) })];
    if !sessions::is_permanent(db, room)? {
        out.push(rooms::restart_grace_period(db, room)?);
    }
    Ok(out)
}
