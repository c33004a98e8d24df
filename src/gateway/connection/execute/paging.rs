//! Sending messages: those that wait page by page, the next when the last one has left, and the live ones as they come.

use actix::prelude::*;

use super::super::super::outbound::Stage;
use super::super::super::socketio::Session;
use super::super::Connection;
use crate::chat::Move;
use crate::domain::{Disconnect, Mark, Message, Refusal, SessionId};
use crate::store::Origin;

/// Messages of one page.
const PAGE: i64 = 200;

impl Connection {
    /// What has left is received, and makes room for more of what waits.
    pub(in crate::gateway) fn go_on_sending(&mut self, ctx: &mut Context<Self>) {
        self.mark_taken();
        self.go_on_replaying(ctx);
    }

    /// Reads the next page of what waits, unless one is on its way.
    fn go_on_replaying(&mut self, ctx: &mut Context<Self>) {
        let (Some(replaying), Some(who)) = (&mut self.replaying, self.identity.clone()) else { return };
        if self.link.stage() != Stage::Live
            || self.finishing.is_some()
            || replaying.reads
            || !self.link.queue.has_left(replaying.page)
        {
            return;
        }
        let Some((session, after)) = replaying.replay.next() else { return };
        replaying.reads = true;
        self.link.memberships.forget_removed();
        let (history, owner) = (self.context.services.history.clone(), self.owner);
        let reading = async move { history.messages(&who, session, None, Some(after), PAGE).await };
        ctx.spawn(reading.into_actor(self).map(move |page, act, ctx| {
            act.notice_token_end(ctx);
            if act.owner == owner {
                act.send_page(session, page);
                act.send_events(ctx);
            }
        }));
    }

    fn send_page(&mut self, session: SessionId, page: Result<(Vec<Message>, bool), Refusal>) {
        let is_removed = self.link.memberships.was_removed(session);
        let Some(replaying) = &mut self.replaying else { return };
        replaying.reads = false;
        match page {
            Ok((messages, _)) if !is_removed => {
                self.send_those(session, &messages);
            }
            // Gone from it meanwhile.
            Ok(_) | Err(Refusal::NotFound) => replaying.replay.forget(session),
            // It comes back, and is sent them then.
            Err(_) => self.link.close(Disconnect::TryLater),
        }
    }

    /// Sends as many of a page as have room in the queue, at least one; the others are read again.
    fn send_those(&mut self, session: SessionId, page: &[Message]) {
        if let (true, Some(replaying)) = (page.is_empty(), &mut self.replaying) {
            replaying.replay.read_nothing(session);
        }
        for message in page {
            self.send_message(message);
            if let Some(replaying) = &mut self.replaying {
                replaying.replay.read(session, message.seq);
            }
            if self.link.queue.is_half_full() {
                break;
            }
        }
        let mark = self.link.queue.position();
        if let Some(replaying) = &mut self.replaying {
            replaying.page = mark;
        }
    }

    /// Sends the client a message, if the dialect has words for it.
    pub(super) fn send_message(&mut self, message: &Message) {
        if let Some(words) = self.protocol.message(message) {
            self.send_words(&words);
        }
        let mark = self.link.queue.position();
        let is_lobby = self.context.services.store.lobby() == Some(message.session);
        if let Some(replaying) = self.replaying.as_mut().filter(|_| !is_lobby) {
            replaying.taken.sent(message.session, message.seq, mark);
        }
    }

    /// Marks as received what the client's side has taken.
    fn mark_taken(&mut self) {
        let goes = self.is_finishing() || self.link.queue.is_broken();
        let (Some(replaying), Some(who)) = (&mut self.replaying, &self.identity) else { return };
        // What is told to a session that is over is told to nobody, and an answer to a poll may be lost on its way.
        let is_unsure =
            |session: &Session| session.over || (session.answers && !session.peer.borrow().line().is_on_socket());
        let is_unsure = goes || self.session.as_deref().is_some_and(is_unsure);
        if self.link.stage() != Stage::Live || is_unsure {
            return;
        }
        let user = who.user.id;
        for (session, seq) in replaying.taken.take(&self.link.queue) {
            let origin = Origin::Connection(self.link.id, None);
            self.forward(Move { user, session, mark: Mark::Received(seq), origin });
        }
    }

    /// The socket that carried the connection is lost, with what it had not taken.
    pub(in crate::gateway) fn lose_untaken(&mut self) {
        self.mark_taken();
        if let Some(replaying) = &mut self.replaying {
            replaying.taken.lose();
        }
    }
}
