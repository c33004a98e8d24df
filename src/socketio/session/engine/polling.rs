//! Polls and posts, at most one of each at a time: the order of two would be undefined.

use std::time::Instant;

use bytes::Bytes;

use super::super::action::SessionEnd;
use super::{Carrier, EngineSession, Stage};
use crate::domain::Disconnect;
use crate::socketio::codec::Malformed;
use crate::socketio::codec::payload;
use crate::socketio::codec::request::RequestError;

impl EngineSession {
    pub(crate) fn on_poll(&mut self, now: Instant) -> Result<(), RequestError> {
        self.begin(|engine| &mut engine.poll, now)
    }

    pub(crate) fn on_poll_lost(&mut self, now: Instant) {
        self.tick(now);
        if !self.is_on_socket() {
            self.poll = false;
            self.end(SessionEnd::Lost);
        }
    }

    pub(crate) fn on_post_begin(&mut self, now: Instant) -> Result<(), RequestError> {
        self.begin(|engine| &mut engine.post, now)
    }

    pub(crate) fn on_post(&mut self, octets: bool, body: &Bytes, now: Instant) -> Result<(), RequestError> {
        self.tick(now);
        self.post = false;
        self.check_polling()?;
        if !self.is_open() {
            return Ok(());
        }
        match payload::decode(self.revision, octets, body, self.config.post) {
            Ok(packets) => {
                packets.into_iter().for_each(|packet| self.receive(packet));
                Ok(())
            }
            Err(Malformed::TooLarge) => Err(self.reject_large_post()),
            Err(_) => {
                self.end(SessionEnd::ByServer(Disconnect::NotTheProtocol));
                Err(RequestError::BadRequest)
            }
        }
    }

    pub(crate) fn on_post_too_large(&mut self, now: Instant) -> RequestError {
        self.tick(now);
        self.reject_large_post()
    }

    pub(crate) fn on_post_lost(&mut self, now: Instant) {
        self.tick(now);
        if std::mem::take(&mut self.post) && !self.is_on_socket() {
            self.end(SessionEnd::Lost);
        }
    }

    fn begin(&mut self, pending: fn(&mut Self) -> &mut bool, now: Instant) -> Result<(), RequestError> {
        self.tick(now);
        self.check_polling()?;
        if std::mem::replace(pending(self), true) {
            self.end(SessionEnd::ByServer(Disconnect::NotTheProtocol));
            return Err(RequestError::BadRequest);
        }
        Ok(())
    }

    fn reject_large_post(&mut self) -> RequestError {
        self.end(SessionEnd::ByServer(Disconnect::TooLarge));
        RequestError::TooLarge
    }

    fn check_polling(&self) -> Result<(), RequestError> {
        match (self.stage, self.carrier) {
            (Stage::Over, _) => Err(RequestError::UnknownSid),
            (_, Carrier::Socket(_)) => Err(RequestError::BadRequest),
            _ => Ok(()),
        }
    }
}
