//! The steps and frames of a connection, without a server.

use std::collections::HashSet;
use std::time::Instant;

use clap::Parser;

use super::connection::{ANY, SessionsProtocol};
use crate::config::Config;
use crate::domain::{
    Answer, Command, Disconnect, Event, Identity, Invite, InviteId, InviteSelector, InviteSession, InviteState,
    LoginMethod, Member, Message, Refusal, Role, Session, SessionId, SessionKind, Time, TokenId, UserId, fixtures,
};
use crate::protocol::legacy::named_event::NamedEvent;
use crate::protocol::{InitialState, Protocol, ReplayContext, Response, Step};

const LOBBY: SessionId = SessionId(1);
const ME: UserId = UserId(2);
const OTHER: UserId = UserId(3);

fn unauthenticated() -> SessionsProtocol {
    SessionsProtocol::new(Some(LOBBY), &Config::parse_from(["parlor"]).limits)
}

fn authenticated() -> SessionsProtocol {
    let mut protocol = unauthenticated();
    let me = fixtures::user(ME, "Winston");
    let sessions = HashSet::new();
    let context = ReplayContext { me: &me, backlogs: &[], sessions: &sessions };
    let steps = protocol.start(None, InitialState::Replay(context), Instant::now());
    assert!(matches!(steps.as_slice(), [Step::StartReplay]));
    protocol
}

fn receive(protocol: &mut SessionsProtocol, name: &str, json: &str) -> Vec<Step> {
    protocol.receive_event(NamedEvent { name, json, ack: None })
}

fn texts(steps: &[Step]) -> Vec<String> {
    let texts = steps.iter().filter_map(|step| if let Step::Send(text) = step { Some(text.clone()) } else { None });
    texts.map(|text| String::from_utf8(text).unwrap()).collect()
}

fn message(session: SessionId, sender: UserId) -> Message {
    Message { seq: 4, rev: 5, ..fixtures::message(session, sender, "Nanda") }
}

fn session() -> Session {
    let member = |id, name| Member { user: fixtures::user(id, name), role: Role::Member, joined_at: Time(0) };
    Session {
        id: SessionId(7),
        kind: SessionKind::Direct,
        title: "Nanda".to_owned(),
        code: None,
        role: Role::Member,
        members: vec![member(OTHER, "Nanda"), member(ME, "Winston")],
        member_count: 2,
        last_message: None,
        seq: 0,
        rev: 0,
        read: 0,
        unread: 0,
        created_at: Time(0),
    }
}

fn invite(session: Option<InviteSession>) -> Event {
    Event::Invited(Box::new(Invite {
        id: InviteId(1),
        from: fixtures::user(OTHER, "Nanda"),
        to: fixtures::user(ME, "Winston"),
        session,
        state: InviteState::Pending,
        at: Time(0),
        expires_at: Time(1),
    }))
}

fn identity(id: UserId) -> Identity {
    Identity { user: fixtures::user(id, "Winston"), token: TokenId(1), login_method: LoginMethod::Password }
}

#[test]
fn the_first_frame_authenticates_or_closes_the_connection() {
    let steps = receive(&mut unauthenticated(), "Auth", r#"{"type":"Auth","Authentication_Token":"prl_x"}"#);
    assert!(matches!(&steps[..], [Step::Authenticate(_, Some(token))] if token.0 == "prl_x"), "{steps:?}");
    for name in ["Message", "Search", "Dance"] {
        let steps = receive(&mut unauthenticated(), name, r#"{"type":"?"}"#);
        assert!(texts(&steps)[0].starts_with(r#"{"type":"Error","code":"unauthenticated","message":""#));
        assert!(matches!(&steps[..], [_, Step::Close(Disconnect::Unauthenticated)]), "{steps:?}");
    }
    assert!(matches!(
        &receive(&mut unauthenticated(), "Auth", "{}")[..],
        [Step::RejectMalformed(_, Refusal::Invalid(_))]
    ));
}

#[test]
fn a_client_that_the_handshake_authenticated_may_send_its_token_once() {
    let auth = |protocol: &mut SessionsProtocol| receive(protocol, "Auth", r#"{"Authentication_Token":"prl_x"}"#);
    let mut protocol = authenticated();
    assert!(matches!(&auth(&mut protocol)[..], [Step::LookUpToken(_, token)] if token.0 == "prl_x"));
    assert!(protocol.token_resolved(ANY, Ok(identity(ME)), Instant::now()).is_empty());
    assert!(matches!(&auth(&mut protocol)[..], [Step::RejectMalformed(_, Refusal::Invalid(_))]), "only once");
    for (who, end) in [
        (Ok(identity(OTHER)), Disconnect::Unauthenticated),
        (Err(Refusal::Unauthenticated), Disconnect::Unauthenticated),
        (Err(Refusal::Unavailable), Disconnect::TryLater),
    ] {
        let steps = authenticated().token_resolved(ANY, who, Instant::now());
        assert!(matches!(&steps[..], [Step::Send(_), Step::Close(why)] if *why == end), "{steps:?}");
    }
}

#[test]
fn requests_become_commands() {
    let steps = receive(&mut authenticated(), "request", r#"{"username":"Nanda","Accepted":1}"#);
    let answer = Command::Answer { invite: InviteSelector::By("Nanda".to_owned()), accept: true };
    assert!(matches!(&steps[..], [Step::Execute(_, command)] if *command == answer), "{steps:?}");
}

#[test]
fn a_message_is_sent_under_its_session_and_id() {
    let frame = authenticated().encode_message(&message(SessionId(7), OTHER)).unwrap();
    let wire = concat!(
        r#"{"0000000000007":{"0000000000007:4":{"data":"a \"b\"","#,
        r#""TimeStamp":"1970-01-01T00:00:00.000Z","Sender":"0000000000003"}}}"#
    );
    assert_eq!(String::from_utf8(frame).unwrap(), wire);
    assert_eq!(authenticated().encode_message(&Message { deleted: true, ..message(SessionId(7), OTHER) }), None);
    assert_eq!(authenticated().encode_message(&message(LOBBY, OTHER)), None);
    assert_eq!(authenticated().encode_message(&message(LOBBY, ME)), None);
}

#[test]
fn only_invites_to_direct_sessions_are_sent() {
    let group = InviteSession { id: SessionId(8), title: "Two".to_owned(), direct: false };
    assert!(authenticated().handle_event(&invite(Some(group)), Instant::now()).is_empty());
    let steps = authenticated().handle_event(&invite(None), Instant::now());
    assert_eq!(texts(&steps), [r#"{"type":"Search","UserName":"Nanda"}"#]);
}

#[test]
fn a_session_is_sent_with_its_other_members() {
    let wire = r#"{"type":"Session","SessionID":"0000000000007","Users":{"0000000000003":"Nanda"}}"#;
    let added = Event::SessionAdded(Box::new(session()));
    assert_eq!(texts(&authenticated().handle_event(&added, Instant::now())), [wire]);
    let answer = Ok(Answer::Session(Box::new(session())));
    assert_eq!(texts(&authenticated().respond(Some(&ANY.into()), Response::Outcome(&answer))), [wire]);
    assert!(authenticated().respond(Some(&ANY.into()), Response::Outcome(&Ok(Answer::Done))).is_empty());
}

#[test]
fn every_refusal_has_a_code_and_a_message() {
    let steps = authenticated().respond(None, Response::Outcome(&Err(Refusal::UnknownUser)));
    let wire = r#"{"type":"Error","code":"unknown_user","message":"There is no user with this name."}"#;
    assert_eq!(texts(&steps), [wire]);
}
