//! Telling messages: those that wait page by page, the next when the last one has left, and the live ones as they come.

use actix::prelude::*;

use super::super::connection::Connection;
use super::super::outbound::{Said, Stage};
use super::super::session::Session;
use crate::chat::Move;
use crate::model::{Disconnect, Mark, Message, Refusal, SessionId};
use crate::store::Origin;

/// Messages of one page.
const PAGE: i64 = 200;

impl Connection {
    /// What has left is received, and makes room for more of what waits.
    pub(in super::super) fn go_on_telling(&mut self, ctx: &mut Context<Self>) {
        self.mark_taken();
        self.go_on_replaying(ctx);
    }

    /// Reads the next page of what waits, unless one is on its way.
    fn go_on_replaying(&mut self, ctx: &mut Context<Self>) {
        let (Some(translating), Some(who)) = (&mut self.translating, self.identity.clone()) else { return };
        if self.link.stage() != Stage::Live
            || self.finishing.is_some()
            || translating.reads
            || !self.link.queue.has_left(translating.page)
        {
            return;
        }
        let Some((session, after)) = translating.replay.next() else { return };
        translating.reads = true;
        self.link.memberships.forget_removed();
        let (history, number) = (self.house.desks.history.clone(), translating.seat);
        let reading = async move { history.messages(&who, session, None, Some(after), PAGE).await };
        ctx.spawn(reading.into_actor(self).map(move |page, act, ctx| {
            act.leave_seat(ctx);
            if act.translating.as_ref().is_some_and(|translating| translating.seat == number) {
                act.tell_page(session, page);
                act.translate(ctx);
            }
        }));
    }

    fn tell_page(&mut self, session: SessionId, page: Result<(Vec<Message>, bool), Refusal>) {
        let parted = self.link.memberships.was_removed(session);
        let Some(translating) = &mut self.translating else { return };
        translating.reads = false;
        match page {
            Ok((messages, _)) if !parted => {
                self.tell_those(session, &messages);
            }
            // Gone from it meanwhile.
            Ok(_) | Err(Refusal::NotFound) => translating.replay.forget(session),
            // Comes back, and is told then.
            Err(_) => self.link.close(Disconnect::TryLater),
        }
    }

    /// Tells as many of a page as have room in the queue, at least one; the others are read again.
    fn tell_those(&mut self, session: SessionId, page: &[Message]) {
        if let (true, Some(translating)) = (page.is_empty(), &mut self.translating) {
            translating.replay.read_nothing(session);
        }
        for message in page {
            self.tell_message(message);
            if let Some(translating) = &mut self.translating {
                translating.replay.read(session, message.seq);
            }
            if self.link.queue.is_half_full() {
                break;
            }
        }
        let mark = self.link.queue.position();
        if let Some(translating) = &mut self.translating {
            translating.page = mark;
        }
    }

    /// Tells the client of a message, if the dialect has words for it.
    pub(super) fn tell_message(&mut self, message: &Message) {
        let Some(translating) = &self.translating else { return };
        if let Some(said) = translating.words.message(message).and_then(|words| self.in_words(&words)) {
            self.link.tell(&said);
            self.link.wake();
        }
        let mark = self.link.queue.position();
        let is_lobby = self.house.desks.store.lobby() == Some(message.session);
        if let Some(translating) = self.translating.as_mut().filter(|_| !is_lobby) {
            translating.taken.told(message.session, message.seq, mark);
        }
    }

    /// Words of the dialect as they go to this client: as a packet, or as a frame.
    pub(super) fn in_words(&self, words: &[u8]) -> Option<Said> {
        let write = |to: &mut Vec<u8>| {
            to.extend_from_slice(words);
            true
        };
        if self.session.is_some() { Said::only_packet(write) } else { Said::new(write) }
    }

    /// Marks as received what the client's side has taken.
    fn mark_taken(&mut self) {
        let goes = self.is_finishing() || self.link.queue.is_broken();
        let (Some(translating), Some(who)) = (&mut self.translating, &self.identity) else { return };
        // What is told to a session that is over is told to nobody, and an answer to a poll may be lost on its way.
        let is_unsure =
            |session: &Session| session.over || (session.answers && !session.peer.borrow().line().is_on_socket());
        let is_unsure = goes || self.session.as_deref().is_some_and(is_unsure);
        if self.link.stage() != Stage::Live || is_unsure {
            return;
        }
        let user = who.user.id;
        for (session, seq) in translating.taken.take(&self.link.queue) {
            let origin = Origin::Connection(self.link.id, None);
            self.forward(Move { user, session, mark: Mark::Received(seq), origin });
        }
    }

    /// The socket that carried the connection is lost, with what it had not taken.
    pub(in super::super) fn lose_untaken(&mut self) {
        self.mark_taken();
        if let Some(translating) = &mut self.translating {
            translating.taken.lose();
        }
    }
}
