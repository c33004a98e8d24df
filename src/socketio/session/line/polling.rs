//! Polls and posts. One of each at a time: with two it could not be said which comes first.

use std::time::Instant;

use bytes::Bytes;

use super::super::action::Ended;
use super::{Carrier, Line, Stage};
use crate::domain::Disconnect;
use crate::socketio::codec::Malformed;
use crate::socketio::codec::payload;
use crate::socketio::codec::request::Refused;

impl Line {
    /// The client comes for what there is. `Ok`: the answer will be told, at once or later.
    ///
    /// # Errors
    /// Why this request is refused; a second poll beside a waiting one also ends the session.
    pub(crate) fn on_poll(&mut self, now: Instant) -> Result<(), Refused> {
        self.tick(now);
        self.polls()?;
        if self.poll {
            self.end(Ended::By(Disconnect::NotTheProtocol));
            return Err(Refused::BadRequest);
        }
        self.poll = true;
        Ok(())
    }

    /// The poll's connection went away, before it was answered or while it was: what it would have said may be lost, and the
    /// session with it.
    pub(crate) fn on_poll_lost(&mut self, now: Instant) {
        self.tick(now);
        if !self.is_on_socket() {
            self.poll = false;
            self.end(Ended::Lost);
        }
    }

    /// The client begins to say something; [`on_post`](Self::on_post) or [`on_post_lost`](Self::on_post_lost) follows.
    ///
    /// # Errors
    /// Why this request is refused; a second post beside one that is not whole also ends the session.
    pub(crate) fn on_post_begin(&mut self, now: Instant) -> Result<(), Refused> {
        self.tick(now);
        self.polls()?;
        if self.post {
            self.end(Ended::By(Disconnect::NotTheProtocol));
            return Err(Refused::BadRequest);
        }
        self.post = true;
        Ok(())
    }

    /// The client has said it all. `octets`: the body's content type is `application/octet-stream`. `Ok`: the answer is `ok`,
    /// at the latest when all that the client said has been told.
    ///
    /// # Errors
    /// Why this request is refused; what is too large or no packets ends the session, and nothing of it is told.
    pub(crate) fn on_post(&mut self, octets: bool, body: &Bytes, now: Instant) -> Result<(), Refused> {
        self.tick(now);
        self.post = false;
        self.polls()?;
        if !self.is_open() {
            return Ok(());
        }
        match payload::decode(self.revision, octets, body, self.terms.post) {
            Ok(packets) => {
                for packet in packets {
                    self.take(packet);
                }
                Ok(())
            }
            Err(Malformed::TooLarge) => {
                self.end(Ended::By(Disconnect::TooLarge));
                Err(Refused::TooLarge)
            }
            Err(_) => {
                self.end(Ended::By(Disconnect::NotTheProtocol));
                Err(Refused::BadRequest)
            }
        }
    }

    /// The body of a post is larger than may be read: nothing of it is taken.
    pub(crate) fn on_post_too_large(&mut self, now: Instant) -> Refused {
        self.tick(now);
        self.end(Ended::By(Disconnect::TooLarge));
        Refused::TooLarge
    }

    /// The post's connection went away before it was whole: what it would have said is lost, and the session with it.
    pub(crate) fn on_post_lost(&mut self, now: Instant) {
        self.tick(now);
        if std::mem::take(&mut self.post) && !self.is_on_socket() {
            self.end(Ended::Lost);
        }
    }

    fn polls(&self) -> Result<(), Refused> {
        match (self.stage, self.carrier) {
            (Stage::Over, _) => Err(Refused::UnknownSid),
            (_, Carrier::Socket(_)) => Err(Refused::BadRequest),
            _ => Ok(()),
        }
    }
}
