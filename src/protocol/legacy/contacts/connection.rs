//! One connection, from unauthenticated to authenticated and back.

use std::time::{Duration, Instant};

use super::super::named_event::{self, NamedEvent};
use super::login_state::LoginState;
use super::replies::{confirm, message, presence, refuse, refuse_tag};
use super::requests::{AUTHENTICATION, ContactsEvent, ContactsRequest, ack, event_tag, is_known};
use crate::config::Config;
use crate::domain::{Credential, Dialect, Event, Identity, Message, MessageKind, Refusal, RequestId, SessionId};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step, Tag};

pub(crate) struct ContactsProtocol {
    /// Its messages have no room in this dialect.
    lobby: Option<SessionId>,
    text_bytes: usize,
    settle: Duration,
    keep_alive: Option<Duration>,
    login: Option<LoginState>,
    /// The request whose token is being looked up, or that the connection is being authenticated for.
    pending: Option<ContactsRequest>,
}

impl ContactsProtocol {
    pub(crate) fn new(config: &Config, lobby: Option<SessionId>) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let (settle, keep_alive) = (config.pace.contacts_settle_seconds, config.pace.contacts_keep_alive_seconds);
        Self {
            lobby,
            text_bytes: config.limits.text_bytes,
            settle: seconds(settle),
            keep_alive: (keep_alive > 0).then(|| seconds(keep_alive)),
            login: None,
            pending: None,
        }
    }

    pub(super) fn receive_event(&mut self, event: NamedEvent<'_>, now: Instant) -> Vec<Step> {
        let request = match ContactsRequest::decode(event) {
            Ok(request) => request,
            Err(refusal) => return vec![Step::RejectMalformed(Some(event_tag(event).into()), refusal)],
        };
        let is_own_token = self.login.as_ref().is_some_and(|login| login.jwt == request.jwt);
        if is_own_token || matches!(request.event, ContactsEvent::KeepAlive(_)) {
            return self.execute(&request, now);
        }
        let jwt = request.jwt.clone();
        self.pending = Some(request);
        vec![Step::LookUpToken(AUTHENTICATION, Credential(jwt))]
    }

    fn execute(&mut self, request: &ContactsRequest, now: Instant) -> Vec<Step> {
        let Some(login) = &mut self.login else { return refuse(request, Refusal::Unauthenticated) };
        match (request.to_command(&login.username, self.text_bytes), &request.event) {
            (Err(refusal), _) => refuse(request, refusal),
            (Ok(Some(command)), _) => vec![Step::Execute(Some(request.tag().into()), command)],
            (Ok(None), ContactsEvent::Leave(_)) => {
                login.rejoin = None;
                login.pending_acks.extend(request.ack);
                vec![Step::EndOwnToken]
            }
            (Ok(None), ContactsEvent::KeepAlive(_)) => {
                login.extend_keep_alive(now);
                confirm(request.ack)
            }
            (Ok(None), _) => confirm(request.ack),
        }
    }

    /// Executes a request with another token than the connection's, whose user is `who`.
    fn execute_as(&mut self, request: ContactsRequest, who: Identity, now: Instant) -> Vec<Step> {
        let is_same_user = self.login.as_ref().is_some_and(|login| login.user == who.user.id);
        match (request.to_command(&who.user.username, self.text_bytes), &request.event) {
            (Ok(None), ContactsEvent::Leave(_)) => {
                self.login.iter_mut().filter(|_| is_same_user).for_each(|login| login.rejoin = None);
                let mut steps = vec![Step::EndOtherToken(request.tag(), Box::new(who))];
                steps.extend(is_same_user.then_some(Step::EndOwnToken));
                steps
            }
            (Ok(_), _) if !is_same_user => {
                self.login = None;
                self.pending = Some(request);
                vec![Step::SwitchUser(AUTHENTICATION, Box::new(who))]
            }
            (Err(refusal), _) => refuse(&request, refusal),
            (Ok(_), event) => {
                let is_join = matches!(event, ContactsEvent::Join(_));
                let steps = self.execute(&request, now);
                if let Some(login) = self.login.as_mut().filter(|_| is_join) {
                    login.rejoin = Some(ContactsRequest { ack: None, ..request });
                }
                steps
            }
        }
    }

    /// Sends the queued presence and messages once the client has settled.
    fn settle(&mut self, now: Instant) -> Vec<Step> {
        let Some(queued) = self.login.as_mut().and_then(|login| login.settle(now)) else { return Vec::new() };
        queued.iter().map(presence).chain([Step::StartReplay]).collect()
    }
}

impl Protocol for ContactsProtocol {
    fn dialect(&self) -> Dialect {
        Dialect::Contacts
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Replay { all_sessions: false }
    }

    fn receive(&mut self, frame: ClientFrame<'_>, context: FrameContext<'_>) -> Option<Vec<Step>> {
        named_event::receive(frame, is_known, |event| self.receive_event(event, context.now))
    }

    fn start(&mut self, _: Option<&RequestId>, state: InitialState<'_>, now: Instant) -> Vec<Step> {
        let InitialState::Replay(context) = state else { return Vec::new() };
        let Some(request) = self.pending.take() else { return Vec::new() };
        self.login = Some(LoginState::new(context.me, request.jwt.clone(), self.settle, self.keep_alive, now));
        let mut steps = self.execute(&request, now);
        steps.extend(self.settle(now));
        steps
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        let Response::Outcome(outcome) = response else { return Vec::new() };
        let tag = request.and_then(RequestId::number);
        match (tag, outcome, self.pending.take_if(|_| tag == Some(AUTHENTICATION))) {
            (_, Err(refusal), Some(request)) => refuse(&request, refusal.clone()),
            (None, ..) => Vec::new(),
            (Some(tag), Ok(_), _) => confirm(ack(tag)),
            (Some(tag), Err(refusal), _) => refuse_tag(tag, refusal),
        }
    }

    fn encode_message(&self, posted: &Message) -> Option<Vec<u8>> {
        let is_sent = posted.kind == MessageKind::Text && !posted.deleted && Some(posted.session) != self.lobby;
        is_sent.then(|| message(&posted.username, &posted.text))
    }

    fn handle_event(&mut self, event: &Event, _: Instant) -> Vec<Step> {
        match (event, &mut self.login) {
            (Event::PresenceFeed(update), Some(login)) => login.update_presence(update).iter().map(presence).collect(),
            _ => Vec::new(),
        }
    }

    fn token_resolved(&mut self, _: Tag, identity: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        match (self.pending.take(), identity) {
            (Some(request), Ok(who)) => self.execute_as(request, who, now),
            (Some(request), Err(refusal)) => refuse(&request, refusal),
            (None, _) => Vec::new(),
        }
    }

    fn token_ended(&mut self) -> Vec<Step> {
        let Some(login) = self.login.take() else { return Vec::new() };
        let mut steps: Vec<Step> = login.pending_acks.into_iter().flat_map(|ack| confirm(Some(ack))).collect();
        if let (None, Some(rejoin)) = (&self.pending, login.rejoin) {
            steps.push(Step::LookUpToken(AUTHENTICATION, Credential(rejoin.jwt.clone())));
            self.pending = Some(rejoin);
        }
        steps
    }

    fn survives_token(&self) -> bool {
        true
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.login.as_ref().and_then(LoginState::next_deadline)
    }

    fn tick(&mut self, now: Instant) -> Vec<Step> {
        let mut steps = self.settle(now);
        let has_timed_out = self.login.as_mut().is_some_and(|login| login.times_out(now));
        steps.extend(has_timed_out.then_some(Step::EndOwnToken));
        steps
    }
}
