//! Sending messages: those of the replay page by page, each when the last one has left the queue, and new ones at once.

use actix::prelude::*;

use super::super::super::outbound::Phase;
use super::super::super::socketio::SocketIoSession;
use super::super::Connection;
use crate::chat::MoveMark;
use crate::domain::{Disconnect, Mark, Message, Refusal, SessionId};
use crate::store::Requester;

const PAGE: i64 = 200;

impl Connection {
    /// Marks messages that have left the queue as received, and reads the next page.
    pub(in crate::gateway) fn continue_replay(&mut self, ctx: &mut Context<Self>) {
        self.mark_delivered();
        self.load_next_page(ctx);
    }

    fn load_next_page(&mut self, ctx: &mut Context<Self>) {
        let (Some(replaying), Some(who)) = (&mut self.replaying, self.identity.clone()) else { return };
        if self.link.phase() != Phase::Live
            || self.finishing.is_some()
            || replaying.is_reading
            || !self.link.queue.has_left(replaying.page)
        {
            return;
        }
        let Some((session, after)) = replaying.replay.next() else { return };
        replaying.is_reading = true;
        self.link.memberships.reset_removed();
        let (history, generation) = (self.context.services.history.clone(), self.generation);
        let reading = async move { history.messages(&who, session, None, Some(after), PAGE).await };
        ctx.spawn(reading.into_actor(self).map(move |page, act, ctx| {
            act.notice_token_end(ctx);
            if act.generation == generation {
                act.send_page(session, page);
                act.send_events(ctx);
            }
        }));
    }

    fn send_page(&mut self, session: SessionId, page: Result<(Vec<Message>, bool), Refusal>) {
        let is_removed = self.link.memberships.was_removed(session);
        let Some(replaying) = &mut self.replaying else { return };
        replaying.is_reading = false;
        match page {
            Ok((messages, _)) if !is_removed => {
                self.send_page_messages(session, &messages);
            }
            // The user was removed from the session meanwhile.
            Ok(_) | Err(Refusal::NotFound) => replaying.replay.remove(session),
            // The client reconnects, and receives them then.
            Err(_) => self.link.close(Disconnect::TryLater),
        }
    }

    /// Sends the messages of a page for which the queue has room, but at least one; the others are read again.
    fn send_page_messages(&mut self, session: SessionId, page: &[Message]) {
        if let (true, Some(replaying)) = (page.is_empty(), &mut self.replaying) {
            replaying.replay.on_empty_page(session);
        }
        for message in page {
            self.send_message(message);
            if let Some(replaying) = &mut self.replaying {
                replaying.replay.advance(session, message.seq);
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

    /// Sends a message, if the dialect can express it.
    pub(super) fn send_message(&mut self, message: &Message) {
        if let Some(encoded) = self.protocol.encode_message(message) {
            self.send_encoded(&encoded);
        }
        let mark = self.link.queue.position();
        let is_lobby = self.context.services.store.lobby() == Some(message.session);
        if let Some(replaying) = self.replaying.as_mut().filter(|_| !is_lobby) {
            replaying.tracker.sent(message.session, message.seq, mark);
        }
    }

    /// Marks messages as received that the socket, or the response to a poll, has taken.
    fn mark_delivered(&mut self) {
        let is_ending = self.is_finishing() || self.link.queue.is_broken();
        let (Some(replaying), Some(who)) = (&mut self.replaying, &self.identity) else { return };
        // A session that has ended delivers nothing, and the response to a poll may be lost on its way.
        let is_unsure = |session: &SocketIoSession| {
            session.ended || (session.answering_poll && !session.peer.borrow().engine().is_on_socket())
        };
        let is_unsure = is_ending || self.session.as_deref().is_some_and(is_unsure);
        if self.link.phase() != Phase::Live || is_unsure {
            return;
        }
        let user = who.user.id;
        for (session, seq) in replaying.tracker.take_delivered(&self.link.queue) {
            let requester = Requester::Connection(self.link.id, None);
            self.forward(MoveMark { user, session, mark: Mark::Received(seq), requester });
        }
    }

    /// The socket is lost, and with it the messages that it has not taken.
    pub(in crate::gateway) fn drop_undelivered(&mut self) {
        self.mark_delivered();
        if let Some(replaying) = &mut self.replaying {
            replaying.tracker.clear();
        }
    }
}
