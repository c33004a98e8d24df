//! The outputs of a commit as they stand in the outbox: JSON, so that releases which know more or fewer fields can read it.
//!
//! What clients receive is serialized as it is for them, with the few fields beside it that only the server uses. Replies, and
//! what is made for the connections of one node, are left out.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{
    Acquaintance, Attendance, Audience, CommitOutput, ConnId, Delivery, Effect, Event, Invite, LoginMethod,
    MemberChange, Message, MessageId, NodeId, Receipt, Removal, Session, SessionId, Time, TokenId, UserId,
};

/// One output.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record<'a> {
    ToSession(SessionId, Option<ConnId>, EventRecord<'a>),
    ToUser(UserId, Option<ConnId>, EventRecord<'a>),
    Effect(EffectRecord<'a>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventRecord<'a> {
    Posted(MessageRecord<'a>),
    Changed(MessageRecord<'a>),
    Member { session: SessionId, change: Cow<'a, MemberChange> },
    SessionChanged { session: SessionId, rev: i64, title: Cow<'a, str>, code: Option<Cow<'a, str>> },
    SessionRemoved { session: SessionId, rev: i64, reason: Removal },
    SessionAdded { session: Cow<'a, Session>, last: Option<Hidden<'a>> },
    Marked { session: SessionId, receipt: Cow<'a, Receipt> },
    Typing { session: SessionId, username: Cow<'a, str> },
    Invited(InviteRecord<'a>),
    InviteAnswered(InviteRecord<'a>),
}

/// A message with what clients do not receive.
#[derive(Serialize, Deserialize)]
struct MessageRecord<'a> {
    message: Cow<'a, Message>,
    #[serde(flatten)]
    hidden: Hidden<'a>,
}

/// The fields of a message that clients do not receive.
#[derive(Serialize, Deserialize)]
struct Hidden<'a> {
    id: i64,
    shown: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct InviteRecord<'a> {
    invite: Cow<'a, Invite>,
    /// Into a direct session.
    direct: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EffectRecord<'a> {
    RoomGraceStarted { room: SessionId, shared: bool },
    GuestExpected { guest: UserId, login: LoginRecord },
    InviteDeferred(i64),
    AcquaintanceChanged { a: UserId, b: UserId, presence: AcquaintanceRecord },
    BlockChanged { a: UserId, b: UserId, direct: Option<SessionId> },
    SessionDissolved(Cow<'a, [UserId]>),
    TokenEnded(TokenId),
    Attended { node: NodeId, users: Vec<AttendanceRecord<'a>> },
    RoomsOccupied { node: NodeId, rooms: Cow<'a, [(SessionId, bool)]> },
    NodeEnded(NodeId),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LoginRecord {
    Password,
    Guest,
    LobbyGuest,
    RoomGuest(SessionId),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AcquaintanceRecord {
    Pushed,
    Apart,
    Hidden,
}

#[derive(Serialize, Deserialize)]
struct AttendanceRecord<'a> {
    user: UserId,
    username: Cow<'a, str>,
    online: bool,
    #[serde(default)]
    goodbye: bool,
    lobby: bool,
    transient: bool,
    at: i64,
}

/// The outputs for other nodes; `None` where there is none.
pub(crate) fn encode(outputs: &[CommitOutput]) -> Option<String> {
    let records: Vec<Record<'_>> = outputs.iter().filter_map(Record::of).collect();
    if records.is_empty() {
        return None;
    }
    // Fails for nothing that a record can hold.
    serde_json::to_string(&records).inspect_err(|error| log::error!("a commit cannot be serialized: {error}")).ok()
}

/// The outputs of another node's commit, without those of a later release that this one cannot read.
pub(crate) fn decode(body: &str) -> Vec<CommitOutput> {
    let records = serde_json::from_str::<Vec<&RawValue>>(body).unwrap_or_else(|error| {
        log::error!("a commit of another node cannot be read: {error}");
        Vec::new()
    });
    let read = |record: &RawValue| {
        let read = serde_json::from_str::<Record<'_>>(record.get());
        read.inspect_err(|error| log::warn!("an output of another node cannot be read: {error}")).ok()
    };
    records.into_iter().filter_map(read).map(Record::into_output).collect()
}

impl<'a> Record<'a> {
    fn of(output: &'a CommitOutput) -> Option<Self> {
        match output {
            CommitOutput::Event(Delivery { to, except, event }) => {
                let event = EventRecord::of(event)?;
                match to {
                    Audience::Session(session) => Some(Self::ToSession(*session, *except, event)),
                    Audience::User(user) => Some(Self::ToUser(*user, *except, event)),
                    Audience::Connection(_) | Audience::Dialect(_) => None,
                }
            }
            CommitOutput::Effect(effect) => EffectRecord::of(effect).map(Self::Effect),
        }
    }

    fn into_output(self) -> CommitOutput {
        match self {
            Self::ToSession(session, except, event) => {
                CommitOutput::event(Audience::Session(session), event.into_event()).except(except)
            }
            Self::ToUser(user, except, event) => {
                CommitOutput::event(Audience::User(user), event.into_event()).except(except)
            }
            Self::Effect(effect) => CommitOutput::Effect(effect.into_effect()),
        }
    }
}

impl<'a> EventRecord<'a> {
    fn of(event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::Posted(message) => Self::Posted(MessageRecord::of(message)),
            Event::Changed(message) => Self::Changed(MessageRecord::of(message)),
            Event::Member { session, change } => Self::Member { session: *session, change: Cow::Borrowed(change) },
            Event::SessionChanged { session, rev, title, code } => Self::SessionChanged {
                session: *session,
                rev: *rev,
                title: title.into(),
                code: code.as_deref().map(Cow::Borrowed),
            },
            Event::SessionRemoved { session, rev, reason } => {
                Self::SessionRemoved { session: *session, rev: *rev, reason: *reason }
            }
            Event::SessionAdded(session) => {
                let last = session.last_message.as_ref().map(Hidden::of);
                Self::SessionAdded { session: Cow::Borrowed(session), last }
            }
            Event::Marked { session, receipt } => Self::Marked { session: *session, receipt: Cow::Borrowed(receipt) },
            Event::Typing { session, username } => {
                Self::Typing { session: *session, username: Cow::Borrowed(username) }
            }
            Event::Invited(invite) => Self::Invited(InviteRecord::of(invite)),
            Event::InviteAnswered(invite) => Self::InviteAnswered(InviteRecord::of(invite)),
            Event::Presence { .. } | Event::PresenceFeed(_) | Event::LobbyRoster(_) | Event::Reply(_) => return None,
        })
    }

    fn into_event(self) -> Event {
        match self {
            Self::Posted(message) => Event::Posted(Arc::new(message.into_message())),
            Self::Changed(message) => Event::Changed(Arc::new(message.into_message())),
            Self::Member { session, change } => Event::Member { session, change: Box::new(change.into_owned()) },
            Self::SessionChanged { session, rev, title, code } => {
                Event::SessionChanged { session, rev, title: title.into_owned(), code: code.map(Cow::into_owned) }
            }
            Self::SessionRemoved { session, rev, reason } => Event::SessionRemoved { session, rev, reason },
            Self::SessionAdded { session, last } => {
                let mut session = session.into_owned();
                session.last_message = session.last_message.zip(last).map(|(message, last)| last.restore(message));
                Event::SessionAdded(Box::new(session))
            }
            Self::Marked { session, receipt } => Event::Marked { session, receipt: receipt.into_owned() },
            Self::Typing { session, username } => Event::Typing { session, username: username.into() },
            Self::Invited(invite) => Event::Invited(Box::new(invite.into_invite())),
            Self::InviteAnswered(invite) => Event::InviteAnswered(Box::new(invite.into_invite())),
        }
    }
}

impl<'a> MessageRecord<'a> {
    fn of(message: &'a Message) -> Self {
        Self { message: Cow::Borrowed(message), hidden: Hidden::of(message) }
    }

    fn into_message(self) -> Message {
        self.hidden.restore(self.message.into_owned())
    }
}

impl<'a> Hidden<'a> {
    fn of(message: &'a Message) -> Self {
        Self { id: message.id.0, shown: Cow::Borrowed(&message.shown) }
    }

    fn restore(self, message: Message) -> Message {
        Message { id: MessageId(self.id), shown: self.shown.into(), ..message }
    }
}

impl<'a> InviteRecord<'a> {
    fn of(invite: &'a Invite) -> Self {
        let direct = invite.session.as_ref().is_some_and(|session| session.direct);
        Self { invite: Cow::Borrowed(invite), direct }
    }

    fn into_invite(self) -> Invite {
        let mut invite = self.invite.into_owned();
        if let Some(session) = &mut invite.session {
            session.direct = self.direct;
        }
        invite
    }
}

impl<'a> EffectRecord<'a> {
    fn of(effect: &'a Effect) -> Option<Self> {
        Some(match effect {
            Effect::RoomGraceStarted { room, shared } => Self::RoomGraceStarted { room: *room, shared: *shared },
            Effect::GuestExpected { guest, login_method } => {
                Self::GuestExpected { guest: *guest, login: (*login_method).into() }
            }
            Effect::InviteDeferred(at) => Self::InviteDeferred(at.0),
            Effect::AcquaintanceChanged { a, b, presence } => {
                Self::AcquaintanceChanged { a: *a, b: *b, presence: (*presence).into() }
            }
            Effect::BlockChanged { a, b, direct } => Self::BlockChanged { a: *a, b: *b, direct: *direct },
            Effect::SessionDissolved(members) => Self::SessionDissolved(Cow::Borrowed(members)),
            Effect::TokenEnded(token) => Self::TokenEnded(*token),
            Effect::Attended { node, users } => {
                Self::Attended { node: *node, users: users.iter().map(AttendanceRecord::of).collect() }
            }
            Effect::RoomsOccupied { node, rooms } => Self::RoomsOccupied { node: *node, rooms: Cow::Borrowed(rooms) },
            Effect::NodeEnded(node) => Self::NodeEnded(*node),
            Effect::RoomOverdue { .. }
            | Effect::GuestOverdue(_)
            | Effect::NodeRejoined
            | Effect::NodeIsolated
            | Effect::HistoryReplaced
            | Effect::CaughtUp(_) => return None,
        })
    }

    fn into_effect(self) -> Effect {
        match self {
            Self::RoomGraceStarted { room, shared } => Effect::RoomGraceStarted { room, shared },
            Self::GuestExpected { guest, login } => Effect::GuestExpected { guest, login_method: login.into() },
            Self::InviteDeferred(at) => Effect::InviteDeferred(Time(at)),
            Self::AcquaintanceChanged { a, b, presence } => {
                Effect::AcquaintanceChanged { a, b, presence: presence.into() }
            }
            Self::BlockChanged { a, b, direct } => Effect::BlockChanged { a, b, direct },
            Self::SessionDissolved(members) => Effect::SessionDissolved(members.into_owned()),
            Self::TokenEnded(token) => Effect::TokenEnded(token),
            Self::Attended { node, users } => {
                Effect::Attended { node, users: users.into_iter().map(AttendanceRecord::into_attendance).collect() }
            }
            Self::RoomsOccupied { node, rooms } => Effect::RoomsOccupied { node, rooms: rooms.into_owned() },
            Self::NodeEnded(node) => Effect::NodeEnded(node),
        }
    }
}

impl<'a> AttendanceRecord<'a> {
    fn of(attendance: &'a Attendance) -> Self {
        let Attendance { user, username, is_online, is_goodbye, in_lobby, is_transient, at } = attendance;
        Self {
            user: *user,
            username: Cow::Borrowed(&**username),
            online: *is_online,
            goodbye: *is_goodbye,
            lobby: *in_lobby,
            transient: *is_transient,
            at: at.0,
        }
    }

    fn into_attendance(self) -> Attendance {
        Attendance {
            user: self.user,
            username: self.username.into(),
            is_online: self.online,
            is_goodbye: self.goodbye,
            in_lobby: self.lobby,
            is_transient: self.transient,
            at: Time(self.at),
        }
    }
}

/// Conversions between two enums with the same variants.
macro_rules! same {
    ($a:ident, $b:ident: $($variant:ident $(($field:ident))?),+) => {
        impl From<$a> for $b {
            fn from(value: $a) -> Self {
                match value { $($a::$variant $(($field))? => Self::$variant $(($field))?,)+ }
            }
        }

        impl From<$b> for $a {
            fn from(value: $b) -> Self {
                match value { $($b::$variant $(($field))? => Self::$variant $(($field))?,)+ }
            }
        }
    };
}

same!(LoginMethod, LoginRecord: Password, Guest, LobbyGuest, RoomGuest(room));
same!(Acquaintance, AcquaintanceRecord: Pushed, Apart, Hidden);

#[cfg(test)]
mod tests;
