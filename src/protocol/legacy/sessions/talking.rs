//! One connection of the sessions dialect.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use super::super::named_events::{EventProtocol, NamedEvent, worded};
use super::asking::{Asking, TYPES};
use super::{Said, has_words, message_id};
use crate::config::Limits;
use crate::domain::{
    Answer, Claim, Command, Disconnect, Event, Identity, Invite, Message, Refusal, Session, SessionId, Target, Tongue,
    User, UserId,
};
use crate::protocol::{Arrival, Step, Tag};

/// Refusals do not say what they answer, so what is asked needs no name of its own but for its fields.
const ANY: Tag = 0;
/// A search.
const SEARCH: Tag = 1;

/// What a client is told, messages apart.
#[derive(Serialize)]
#[serde(tag = "type")]
enum Told<'a> {
    /// Somebody asks for a session.
    Search {
        #[serde(rename = "UserName")]
        from: &'a str,
    },
    /// There is a session now.
    Session {
        #[serde(rename = "SessionID")]
        id: SessionId,
        /// The others, as far as they are named.
        #[serde(rename = "Users")]
        others: BTreeMap<UserId, &'a str>,
    },
    /// No.
    Error { code: &'a str, message: String },
}

/// One connection.
pub(crate) struct Sessions {
    /// Whose; `None` until it takes part.
    me: Option<UserId>,
    /// It has said `Auth`, which is said once.
    authenticated: bool,
    lobby: Option<SessionId>,
    text_bytes: usize,
}

impl Sessions {
    /// The connection of somebody who may have to say who they are.
    pub(crate) const fn new(lobby: Option<SessionId>, limits: &Limits) -> Self {
        Self { me: None, authenticated: false, lobby, text_bytes: limits.text_bytes }
    }

    fn authenticate(&mut self, token: Claim) -> Step {
        if std::mem::replace(&mut self.authenticated, true) {
            return Step::Wrong(Some(ANY.into()), Refusal::invalid("`Auth` was said already"));
        }
        // Clients say it also where the handshake carried their cookie; it must be the same user's then.
        if self.me.is_some() { Step::Recognise(ANY, token) } else { Step::ArriveWith(ANY, Some(token)) }
    }

    fn is_lobby(&self, target: &Target) -> bool {
        matches!(target, Target::Session(Some(session)) if Some(*session) == self.lobby)
    }

    fn session(&self, session: &Session) -> Step {
        let others = session.members.iter().map(|member| &member.user).filter(|user| Some(user.id) != self.me);
        let others = others.map(|user: &User| (user.id, user.username.as_str())).collect();
        tell(&Told::Session { id: session.id, others })
    }
}

impl EventProtocol for Sessions {
    fn dialect(&self) -> Tongue {
        Tongue::Sessions
    }

    fn has_all_sessions(&self) -> bool {
        true
    }

    fn arrives_by_handshake(&self) -> bool {
        true
    }

    fn begin(&mut self, arrival: Arrival<'_>, _: Instant) -> Vec<Step> {
        self.me = Some(arrival.me.id);
        vec![Step::StartReplay]
    }

    fn knows(&self, name: &str) -> bool {
        // Whatever a stranger says instead of a token turns them away.
        self.me.is_none() || TYPES.contains(&name)
    }

    fn receive_event(&mut self, said: NamedEvent<'_>, _: Instant) -> Vec<Step> {
        if self.me.is_none() && said.name != "Auth" {
            return turn_away(&Refusal::Unauthenticated);
        }
        vec![match Asking::read(said, self.text_bytes) {
            Ok(Asking::Auth(token)) => self.authenticate(token),
            // The lobby is no session of this dialect.
            Ok(Asking::Of(Command::Send(draft))) if self.is_lobby(&draft.target) => {
                Step::Wrong(Some(ANY.into()), Refusal::NotFound)
            }
            Ok(Asking::Of(command @ Command::Invite { .. })) => Step::Do(Some(SEARCH.into()), command),
            Ok(Asking::Of(command)) => Step::Do(Some(ANY.into()), command),
            Err(refusal) => Step::Wrong(Some(ANY.into()), refusal),
        }]
    }

    fn message(&self, message: &Message) -> Option<Vec<u8>> {
        if !has_words(message) || Some(message.session) == self.lobby {
            return None;
        }
        let said = BTreeMap::from([(message_id(message), Said::of(message))]);
        Some(json(&BTreeMap::from([(message.session, said)])))
    }

    fn happened(&mut self, event: &Event, _: Instant) -> Vec<Step> {
        match event {
            Event::Invited(invite) => search(invite).into_iter().collect(),
            Event::SessionAdded(session) => vec![self.session(session)],
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, tag: Option<Tag>, outcome: &Result<Answer, Refusal>) -> Vec<Step> {
        match outcome {
            Ok(Answer::Session(session)) => vec![self.session(session)],
            Ok(_) => Vec::new(),
            Err(refusal) if tag == Some(SEARCH) => vec![error(refusal, &[("username", "Username")])],
            Err(refusal) => vec![error(refusal, &[("text", "Message.data")])],
        }
    }

    fn recognised(&mut self, _: Tag, who: Result<Identity, Refusal>, _: Instant) -> Vec<Step> {
        match who {
            Ok(who) if Some(who.user.id) == self.me => Vec::new(),
            Ok(_) => turn_away(&Refusal::Unauthenticated),
            Err(refusal) => turn_away(&refusal),
        }
    }
}

/// A question for a direct session; there are no words for the others.
fn search(invite: &Invite) -> Option<Step> {
    invite.session.is_none().then(|| tell(&Told::Search { from: &invite.from.username }))
}

fn error(refusal: &Refusal, names: &[(&str, &str)]) -> Step {
    tell(&Told::Error { code: refusal.code(), message: worded(refusal, names) })
}

fn turn_away(refusal: &Refusal) -> Vec<Step> {
    let why = match refusal {
        Refusal::Unauthenticated => Disconnect::Unauthenticated,
        _ => Disconnect::TryLater,
    };
    vec![error(refusal, &[]), Step::Close(why)]
}

fn tell(told: &Told<'_>) -> Step {
    Step::Send(json(told))
}

/// Nothing that is written here can fail to be.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use clap::Parser;

    use super::*;
    use crate::config::Config;
    use crate::domain::sample;
    use crate::domain::{Asked, Door, InviteId, InviteSession, InviteState, Member, Role, SessionKind, Time, TokenId};

    const LOBBY: SessionId = SessionId(1);
    const ME: UserId = UserId(2);
    const OTHER: UserId = UserId(3);

    fn stranger() -> Sessions {
        Sessions::new(Some(LOBBY), &Config::parse_from(["parlor"]).limits)
    }

    fn winston() -> Sessions {
        let mut words = stranger();
        let me = sample::user(ME, "Winston");
        let steps = words.begin(Arrival { me: &me, conversations: &[], sessions: &HashSet::new() }, Instant::now());
        assert!(matches!(steps.as_slice(), [Step::StartReplay]));
        words
    }

    fn hear(words: &mut Sessions, name: &str, json: &str) -> Vec<Step> {
        words.receive_event(NamedEvent { name, json, ack: None }, Instant::now())
    }

    fn texts(steps: &[Step]) -> Vec<String> {
        let told = steps.iter().filter_map(|step| if let Step::Send(text) = step { Some(text.clone()) } else { None });
        told.map(|text| String::from_utf8(text).unwrap()).collect()
    }

    fn message(session: SessionId, sender: UserId) -> Message {
        Message { seq: 4, rev: 5, ..sample::message(session, sender, "Nanda") }
    }

    fn session() -> Session {
        let member = |id, name| Member { user: sample::user(id, name), role: Role::Member, joined_at: Time(0) };
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
            from: sample::user(OTHER, "Nanda"),
            to: sample::user(ME, "Winston"),
            session,
            state: InviteState::Pending,
            at: Time(0),
            expires_at: Time(1),
        }))
    }

    fn identity(id: UserId) -> Identity {
        Identity { user: sample::user(id, "Winston"), token: TokenId(1), door: Door::Login }
    }

    #[test]
    fn a_stranger_says_a_token_or_is_turned_away() {
        let steps = hear(&mut stranger(), "Auth", r#"{"type":"Auth","Authentication_Token":"prl_x"}"#);
        assert!(matches!(&steps[..], [Step::ArriveWith(_, Some(token))] if token.0 == "prl_x"), "{steps:?}");
        for name in ["Message", "Search", "Dance"] {
            let steps = hear(&mut stranger(), name, r#"{"type":"?"}"#);
            assert!(texts(&steps)[0].starts_with(r#"{"type":"Error","code":"unauthenticated","message":""#));
            assert!(matches!(&steps[..], [_, Step::Close(Disconnect::Unauthenticated)]), "{steps:?}");
        }
        assert!(matches!(&hear(&mut stranger(), "Auth", "{}")[..], [Step::Wrong(_, Refusal::Invalid(_))]));
    }

    #[test]
    fn who_is_known_by_the_handshake_may_say_so_once_more() {
        let auth = |words: &mut Sessions| hear(words, "Auth", r#"{"Authentication_Token":"prl_x"}"#);
        let mut words = winston();
        assert!(matches!(&auth(&mut words)[..], [Step::Recognise(_, token)] if token.0 == "prl_x"));
        assert!(words.recognised(ANY, Ok(identity(ME)), Instant::now()).is_empty());
        assert!(matches!(&auth(&mut words)[..], [Step::Wrong(_, Refusal::Invalid(_))]), "once is enough");
        for (who, end) in [
            (Ok(identity(OTHER)), Disconnect::Unauthenticated),
            (Err(Refusal::Unauthenticated), Disconnect::Unauthenticated),
            (Err(Refusal::Unavailable), Disconnect::TryLater),
        ] {
            let steps = winston().recognised(ANY, who, Instant::now());
            assert!(matches!(&steps[..], [Step::Send(_), Step::Close(why)] if *why == end), "{steps:?}");
        }
    }

    #[test]
    fn what_is_asked_is_a_command() {
        let steps = hear(&mut winston(), "request", r#"{"username":"Nanda","Accepted":1}"#);
        let answer = Command::Answer { invite: Asked::By("Nanda".to_owned()), accept: true };
        assert!(matches!(&steps[..], [Step::Do(_, command)] if *command == answer), "{steps:?}");
    }

    #[test]
    fn a_message_is_called_by_its_session_and_place() {
        let told = winston().message(&message(SessionId(7), OTHER)).unwrap();
        let wire = concat!(
            r#"{"0000000000007":{"0000000000007:4":{"data":"a \"b\"","#,
            r#""TimeStamp":"1970-01-01T00:00:00.000Z","Sender":"0000000000003"}}}"#
        );
        assert_eq!(String::from_utf8(told).unwrap(), wire);
        assert_eq!(winston().message(&Message { deleted: true, ..message(SessionId(7), OTHER) }), None);
        assert_eq!(winston().message(&message(LOBBY, OTHER)), None);
        assert_eq!(winston().message(&message(LOBBY, ME)), None);
    }

    #[test]
    fn who_asks_for_a_session_is_named_and_groups_are_not_asked_for() {
        let group = InviteSession { id: SessionId(8), title: "Two".to_owned(), direct: false };
        assert!(winston().happened(&invite(Some(group)), Instant::now()).is_empty());
        let steps = winston().happened(&invite(None), Instant::now());
        assert_eq!(texts(&steps), [r#"{"type":"Search","UserName":"Nanda"}"#]);
    }

    #[test]
    fn a_session_is_told_with_the_others_in_it() {
        let wire = r#"{"type":"Session","SessionID":"0000000000007","Users":{"0000000000003":"Nanda"}}"#;
        let added = Event::SessionAdded(Box::new(session()));
        assert_eq!(texts(&winston().happened(&added, Instant::now())), [wire]);
        let answer = Ok(Answer::Session(Box::new(session())));
        assert_eq!(texts(&winston().answered(Some(ANY), &answer)), [wire]);
        assert!(winston().answered(Some(ANY), &Ok(Answer::Done)).is_empty());
    }

    #[test]
    fn every_no_says_why() {
        let steps = winston().answered(None, &Err(Refusal::UnknownUser));
        let wire = r#"{"type":"Error","code":"unknown_user","message":"There is no user with this name."}"#;
        assert_eq!(texts(&steps), [wire]);
    }
}
