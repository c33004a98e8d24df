//! What the outbox holds is what was put in.

use std::time::Duration;

use super::*;
use crate::domain::fixtures::{message, user};
use crate::domain::{
    InviteId, InviteSession, InviteState, Member, MemberState, Reactions, Reply, Role, SessionKind, Status,
};

const SESSION: SessionId = SessionId(1);
const AVI: UserId = UserId(2);
const CONNECTION: ConnId = ConnId(3);

fn to_session(event: Event) -> CommitOutput {
    CommitOutput::event(Audience::Session(SESSION), event).except(Some(CONNECTION))
}

fn to_user(event: Event) -> CommitOutput {
    CommitOutput::event(Audience::User(AVI), event)
}

/// Every kind of event that other nodes get, with all that its fields can be.
fn events() -> Vec<CommitOutput> {
    let plain = message(SESSION, AVI, "avi");
    let full = Message {
        reply_to: Some(1),
        mentions: vec!["lisa".to_owned()],
        edited_at: Some(Time(1_700_000_000_123)),
        reactions: Reactions(vec![("👍".to_owned(), vec!["lisa".to_owned()]), ("a".to_owned(), Vec::new())]),
        cut: true,
        ..plain.clone()
    };
    let deleted = Message { deleted: true, text: String::new(), ..plain.clone() };
    let member = Member { user: user(AVI, "avi"), role: Role::Admin, joined_at: Time(5) };
    let session = Session {
        id: SESSION,
        kind: SessionKind::Room,
        title: "Gärten \"2\"".to_owned(),
        code: Some("ABC".to_owned()),
        role: Role::Owner,
        members: vec![member.clone()],
        member_count: 1,
        last_message: Some(full.clone()),
        seq: 1,
        rev: 2,
        read: 3,
        unread: 4,
        created_at: Time(6),
    };
    let bare = Session { code: None, members: Vec::new(), last_message: None, ..session.clone() };
    let into = InviteSession { id: SESSION, title: "x".to_owned(), direct: true };
    let invite = |session| Invite {
        id: InviteId(4),
        from: user(AVI, "avi"),
        to: user(UserId(9), "lisa"),
        session,
        state: InviteState::Accepted,
        at: Time(1),
        expires_at: Time(2),
    };
    let receipt = Receipt { username: "avi".to_owned(), read: 1, received: 2 };
    let change = MemberChange { member, state: MemberState::Left, rev: 3 };
    let changed = |code: Option<&str>| {
        let code = code.map(str::to_owned);
        to_session(Event::SessionChanged { session: SESSION, rev: 1, title: "t".to_owned(), code })
    };
    vec![
        to_session(Event::Posted(Arc::new(plain))),
        to_session(Event::Changed(Arc::new(full))),
        to_session(Event::Changed(Arc::new(deleted))),
        to_session(Event::Member { session: SESSION, change: Box::new(change) }),
        changed(Some("code")),
        changed(None),
        to_user(Event::SessionRemoved { session: SESSION, rev: i64::MAX, reason: Removal::Deleted }),
        to_user(Event::SessionAdded(Box::new(session))),
        to_user(Event::SessionAdded(Box::new(bare))),
        to_session(Event::Marked { session: SESSION, receipt }),
        to_session(Event::Typing { session: SESSION, username: "avi".into() }),
        to_user(Event::Invited(Box::new(invite(Some(into))))),
        to_user(Event::InviteAnswered(Box::new(invite(None)))),
    ]
}

/// Every kind of effect that other nodes get.
fn effects() -> Vec<CommitOutput> {
    let attendance = |is_online| Attendance {
        user: AVI,
        username: "avi".into(),
        is_online,
        is_goodbye: !is_online,
        in_lobby: !is_online,
        is_transient: is_online,
        at: Time(7),
    };
    let effects = [
        Effect::RoomGraceStarted { room: SESSION, shared: true },
        Effect::GuestExpected { guest: AVI, login_method: LoginMethod::RoomGuest(SESSION) },
        Effect::GuestExpected { guest: AVI, login_method: LoginMethod::LobbyGuest },
        Effect::InviteDeferred(Time(1)),
        Effect::AcquaintanceChanged { a: AVI, b: UserId(9), presence: Acquaintance::Apart },
        Effect::BlockChanged { a: AVI, b: UserId(9), direct: Some(SESSION) },
        Effect::SessionDissolved(vec![AVI, UserId(9)]),
        Effect::TokenEnded(TokenId(1)),
        Effect::Attended { node: NodeId(1), users: vec![attendance(true), attendance(false)] },
        Effect::RoomsOccupied { node: NodeId(1), rooms: vec![(SESSION, true), (SessionId(8), false)] },
        Effect::NodeEnded(NodeId(1)),
    ];
    effects.map(CommitOutput::Effect).into()
}

fn all() -> Vec<CommitOutput> {
    events().into_iter().chain(effects()).collect()
}

#[test]
fn outputs_survive_the_outbox() {
    let body = encode(&all()).unwrap();
    assert_eq!(format!("{:#?}", decode(&body)), format!("{:#?}", all()));
}

#[test]
fn what_is_for_one_node_is_left_out() {
    let presence = Event::Presence { username: "avi".into(), status: Status::Online, last_seen: None };
    let outputs = [
        CommitOutput::event(
            Audience::Connection(CONNECTION),
            Event::Reply(Reply { request_id: None, outcome: Err(crate::domain::Refusal::Busy) }),
        ),
        to_user(presence),
        CommitOutput::Effect(Effect::RoomOverdue { room: SESSION, grace: Duration::ZERO }),
        CommitOutput::Effect(Effect::GuestOverdue(AVI)),
        CommitOutput::Effect(Effect::NodeRejoined),
        CommitOutput::Effect(Effect::NodeIsolated),
        CommitOutput::Effect(Effect::HistoryReplaced),
        CommitOutput::Effect(Effect::CaughtUp(CONNECTION)),
    ];
    assert_eq!(encode(&outputs), None);
}

#[test]
fn outputs_of_a_later_release_are_passed_over() {
    let known = encode(&all()).unwrap();
    let known = known.strip_prefix('[').unwrap();
    let body = format!("[{{\"to_planet\":[1]}},{{\"effect\":{{\"exploded\":{{}}}}}},{known}");
    assert_eq!(decode(&body).len(), all().len());
    assert!(decode("{").is_empty());
}
