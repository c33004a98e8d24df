//! One WebSocket connection.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use super::super::named_event::{self, NamedEvent, refusal_text};
use super::requests::{SessionsRequest, TYPES};
use super::{MessageBody, json, message_id};
use crate::config::Limits;
use crate::domain::{
    Answer, Command, Credential, Dialect, Disconnect, Event, Identity, Message, Refusal, RequestId, Session, SessionId,
    Target, User, UserId,
};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step, Tag};

/// Replies name no request, so tags only distinguish how fields are named in errors.
pub(super) const ANY: Tag = 0;
const SEARCH: Tag = 1;

/// A frame of the server; messages have none of these types.
#[derive(Serialize)]
#[serde(tag = "type")]
enum SessionsFrame<'a> {
    /// An invite to a direct session.
    Search {
        #[serde(rename = "UserName")]
        from: &'a str,
    },
    Session {
        #[serde(rename = "SessionID")]
        id: SessionId,
        /// The other members, as far as the session lists them.
        #[serde(rename = "Users")]
        others: BTreeMap<UserId, &'a str>,
    },
    Error {
        code: &'a str,
        message: String,
    },
}

pub(crate) struct SessionsProtocol {
    /// `None` until authenticated.
    me: Option<UserId>,
    /// The client has sent `Auth`, which is allowed once.
    has_sent_auth: bool,
    lobby: Option<SessionId>,
    text_bytes: usize,
}

impl SessionsProtocol {
    pub(crate) const fn new(lobby: Option<SessionId>, limits: &Limits) -> Self {
        Self { me: None, has_sent_auth: false, lobby, text_bytes: limits.text_bytes }
    }

    pub(super) fn receive_event(&mut self, frame: NamedEvent<'_>) -> Vec<Step> {
        if self.me.is_none() && frame.name != "Auth" {
            return disconnect(&Refusal::Unauthenticated);
        }
        vec![match SessionsRequest::decode(frame, self.text_bytes) {
            Ok(SessionsRequest::Auth(token)) => self.authenticate(token),
            // The dialect has no lobby.
            Ok(SessionsRequest::Command(Command::Send(draft))) if self.is_lobby(&draft.target) => {
                Step::RejectMalformed(Some(ANY.into()), Refusal::NotFound)
            }
            Ok(SessionsRequest::Command(command @ Command::Invite { .. })) => {
                Step::Execute(Some(SEARCH.into()), command)
            }
            Ok(SessionsRequest::Command(command)) => Step::Execute(Some(ANY.into()), command),
            Err(refusal) => Step::RejectMalformed(Some(ANY.into()), refusal),
        }]
    }

    fn authenticate(&mut self, token: Credential) -> Step {
        if std::mem::replace(&mut self.has_sent_auth, true) {
            return Step::RejectMalformed(Some(ANY.into()), Refusal::invalid("`Auth` was said already"));
        }
        // Clients also send it where the handshake carried their cookie; it must be of the same user then.
        if self.me.is_some() { Step::LookUpToken(ANY, token) } else { Step::Authenticate(ANY, Some(token)) }
    }

    fn is_lobby(&self, target: &Target) -> bool {
        matches!(target, Target::Session(Some(session)) if Some(*session) == self.lobby)
    }

    fn session(&self, session: &Session) -> Step {
        let others = session.members.iter().map(|member| &member.user).filter(|user| Some(user.id) != self.me);
        let others = others.map(|user: &User| (user.id, user.username.as_str())).collect();
        send(&SessionsFrame::Session { id: session.id, others })
    }
}

impl Protocol for SessionsProtocol {
    fn dialect(&self) -> Dialect {
        Dialect::Sessions
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Replay { all_sessions: true }
    }

    fn starts_after_handshake(&self) -> bool {
        true
    }

    fn receive(&mut self, frame: ClientFrame<'_>, _: FrameContext<'_>) -> Option<Vec<Step>> {
        // Before authentication any frame but `Auth` closes the connection.
        let is_authenticated = self.me.is_some();
        let is_known = |name: &str| !is_authenticated || TYPES.contains(&name);
        named_event::receive(frame, is_known, |event| self.receive_event(event))
    }

    fn start(&mut self, _: Option<&RequestId>, state: InitialState<'_>, _: Instant) -> Vec<Step> {
        let InitialState::Replay(context) = state else { return Vec::new() };
        self.me = Some(context.me.id);
        vec![Step::StartReplay]
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        let Response::Outcome(outcome) = response else { return Vec::new() };
        match outcome {
            Ok(Answer::Session(session)) => vec![self.session(session)],
            Ok(_) => Vec::new(),
            Err(refusal) if request.and_then(RequestId::number) == Some(SEARCH) => {
                vec![error(refusal, &[("username", "Username")])]
            }
            Err(refusal) => vec![error(refusal, &[("text", "Message.data")])],
        }
    }

    fn encode_message(&self, message: &Message) -> Option<Vec<u8>> {
        if message.deleted || Some(message.session) == self.lobby {
            return None;
        }
        let messages = BTreeMap::from([(message_id(message), MessageBody::of(message))]);
        Some(json(&BTreeMap::from([(message.session, messages)])).into_bytes())
    }

    fn handle_event(&mut self, event: &Event, _: Instant) -> Vec<Step> {
        match event {
            // The dialect has no frame for invites to a group.
            Event::Invited(invite) if invite.session.is_none() => {
                vec![send(&SessionsFrame::Search { from: &invite.from.username })]
            }
            Event::SessionAdded(session) => vec![self.session(session)],
            _ => Vec::new(),
        }
    }

    fn token_resolved(&mut self, _: Tag, identity: Result<Identity, Refusal>, _: Instant) -> Vec<Step> {
        match identity {
            Ok(who) if Some(who.user.id) == self.me => Vec::new(),
            Ok(_) => disconnect(&Refusal::Unauthenticated),
            Err(refusal) => disconnect(&refusal),
        }
    }
}

fn error(refusal: &Refusal, names: &[(&str, &str)]) -> Step {
    send(&SessionsFrame::Error { code: refusal.code(), message: refusal_text(refusal, names) })
}

fn disconnect(refusal: &Refusal) -> Vec<Step> {
    let why = match refusal {
        Refusal::Unauthenticated => Disconnect::Unauthenticated,
        _ => Disconnect::TryLater,
    };
    vec![error(refusal, &[]), Step::Close(why)]
}

fn send(frame: &SessionsFrame<'_>) -> Step {
    Step::Send(json(frame).into_bytes())
}
