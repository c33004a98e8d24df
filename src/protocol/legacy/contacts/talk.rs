//! A connection that speaks it, from nobody's to somebody's and back.

use std::time::{Duration, Instant};

use super::said::{ASKED, EVENTS, Request, Wish, acknowledged, is_message, tag};
use super::seat::Seat;
use super::told::{agree, message, refuse, sighting, tell_refusal};
use crate::config::Config;
use crate::domain::{Answer, Claim, Event, Identity, Message, MessageKind, Refusal, SessionId, Tongue};
use crate::protocol::legacy::named_events::{EventProtocol, NamedEvent};
use crate::protocol::{Arrival, Step, Tag};

/// One connection.
pub(crate) struct Contacts {
    /// Whose messages have no room here.
    lobby: Option<SessionId>,
    text_bytes: usize,
    settle: Duration,
    keep_alive: Option<Duration>,
    seat: Option<Seat>,
    /// What was said with a token that is being looked at, or by whom the connection is about to be.
    asked: Option<Request>,
}

impl Contacts {
    /// Nobody's connection.
    pub(crate) fn new(config: &Config, lobby: Option<SessionId>) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let (settle, keep_alive) = (config.pace.contacts_settle_seconds, config.pace.contacts_keep_alive_seconds);
        Self {
            lobby,
            text_bytes: config.limits.text_bytes,
            settle: seconds(settle),
            keep_alive: (keep_alive > 0).then(|| seconds(keep_alive)),
            seat: None,
            asked: None,
        }
    }

    /// Does what is wanted by whoever the connection is.
    fn fulfil(&mut self, request: &Request, now: Instant) -> Vec<Step> {
        let Some(seat) = &mut self.seat else { return refuse(request, Refusal::Unauthenticated) };
        match (request.command(&seat.username, self.text_bytes), &request.wish) {
            (Err(refusal), _) => refuse(request, refusal),
            (Ok(Some(command)), _) => vec![Step::Do(Some(request.tag().into()), command)],
            (Ok(None), Wish::Leave { .. }) => {
                seat.again = None;
                seat.farewells.extend(request.ack);
                vec![Step::EndToken]
            }
            (Ok(None), Wish::StayAlive { .. }) => {
                seat.stay_alive(now);
                agree(request.ack)
            }
            (Ok(None), _) => agree(request.ack),
        }
    }

    /// The same with a token that is not the one by which they came.
    fn fulfil_for(&mut self, request: Request, who: Identity, now: Instant) -> Vec<Step> {
        let is_seated = self.seat.as_ref().is_some_and(|seat| seat.user == who.user.id);
        match (request.command(&who.user.username, self.text_bytes), &request.wish) {
            (Ok(None), Wish::Leave { .. }) => {
                self.seat.iter_mut().filter(|_| is_seated).for_each(|seat| seat.again = None);
                let mut steps = vec![Step::EndLogin(request.tag(), Box::new(who))];
                steps.extend(is_seated.then_some(Step::EndToken));
                steps
            }
            (Ok(_), _) if !is_seated => {
                self.seat = None;
                self.asked = Some(request);
                vec![Step::Arrive(ASKED, Box::new(who))]
            }
            (Err(refusal), _) => refuse(&request, refusal),
            (Ok(_), wish) => {
                let is_join = matches!(wish, Wish::Join { .. });
                let steps = self.fulfil(&request, now);
                if let Some(seat) = self.seat.as_mut().filter(|_| is_join) {
                    seat.again = Some(Request { ack: None, ..request });
                }
                steps
            }
        }
    }

    /// What waited is told once its time has come.
    fn settle(&mut self, now: Instant) -> Vec<Step> {
        let Some(gathered) = self.seat.as_mut().and_then(|seat| seat.settle(now)) else { return Vec::new() };
        let seen = gathered.iter().map(sighting);
        seen.chain([Step::StartReplay]).collect()
    }
}

impl EventProtocol for Contacts {
    fn dialect(&self) -> Tongue {
        Tongue::Contacts
    }

    fn begin(&mut self, arrival: Arrival<'_>, now: Instant) -> Vec<Step> {
        let Some(request) = self.asked.take() else { return Vec::new() };
        self.seat = Some(Seat::new(arrival.me, request.jwt.clone(), self.settle, self.keep_alive, now));
        let mut steps = self.fulfil(&request, now);
        steps.extend(self.settle(now));
        steps
    }

    fn knows(&self, name: &str) -> bool {
        EVENTS.contains(&name)
    }

    fn receive_event(&mut self, said: NamedEvent<'_>, now: Instant) -> Vec<Step> {
        let request = match Request::read(said) {
            Ok(request) => request,
            Err(refusal) => return vec![Step::Wrong(Some(tag(is_message(said), said.ack).into()), refusal)],
        };
        let is_known = self.seat.as_ref().is_some_and(|seat| seat.jwt == request.jwt);
        if is_known || matches!(request.wish, Wish::StayAlive { .. }) {
            return self.fulfil(&request, now);
        }
        let jwt = request.jwt.clone();
        self.asked = Some(request);
        vec![Step::Recognise(ASKED, Claim(jwt))]
    }

    fn message(&self, posted: &Message) -> Option<Vec<u8>> {
        let has_words = posted.kind == MessageKind::Text && !posted.deleted && Some(posted.session) != self.lobby;
        has_words.then(|| message(&posted.username, &posted.text))
    }

    fn happened(&mut self, event: &Event, _: Instant) -> Vec<Step> {
        match (event, &mut self.seat) {
            (Event::Sighted(sighted), Some(seat)) => seat.sight(sighted).iter().map(sighting).collect(),
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, tag: Option<Tag>, outcome: &Result<Answer, Refusal>) -> Vec<Step> {
        match (tag, outcome, self.asked.take_if(|_| tag == Some(ASKED))) {
            (_, Err(refusal), Some(request)) => refuse(&request, refusal.clone()),
            (None, ..) => Vec::new(),
            (Some(tag), Ok(_), _) => agree(acknowledged(tag)),
            (Some(tag), Err(refusal), _) => tell_refusal(tag, refusal),
        }
    }

    fn recognised(&mut self, _: Tag, who: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        match (self.asked.take(), who) {
            (Some(request), Ok(who)) => self.fulfil_for(request, who, now),
            (Some(request), Err(refusal)) => refuse(&request, refusal),
            (None, _) => Vec::new(),
        }
    }

    fn ended(&mut self) -> Vec<Step> {
        let Some(seat) = self.seat.take() else { return Vec::new() };
        let mut steps: Vec<Step> = seat.farewells.into_iter().flat_map(|ack| agree(Some(ack))).collect();
        if let (None, Some(again)) = (&self.asked, seat.again) {
            steps.push(Step::Recognise(ASKED, Claim(again.jwt.clone())));
            self.asked = Some(again);
        }
        steps
    }

    fn outlives_its_token(&self) -> bool {
        true
    }

    fn due(&self) -> Option<Instant> {
        self.seat.as_ref().and_then(Seat::due)
    }

    fn tick(&mut self, now: Instant) -> Vec<Step> {
        let mut steps = self.settle(now);
        let is_missed = self.seat.as_mut().is_some_and(|seat| seat.is_missed(now));
        steps.extend(is_missed.then_some(Step::EndToken));
        steps
    }
}
