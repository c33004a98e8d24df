//! How requests to `/socket.io/` are rejected.

use actix_web::{HttpResponse, ResponseError};
use actix_web_actors::ws::HandshakeError;

use super::polling;
use crate::domain::Refusal;
use crate::edge::problem::{Problem, handshake_required};
use crate::socketio::codec::request::RequestError;

/// The response to a rejected request: in the format of Engine.IO, or a problem document.
pub(super) struct Rejection(pub HttpResponse);

impl From<RequestError> for Rejection {
    fn from(refused: RequestError) -> Self {
        Self(polling::refused(refused))
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self(Problem(refusal).error_response())
    }
}

impl From<HandshakeError> for Rejection {
    fn from(error: HandshakeError) -> Self {
        Self(handshake_required(&error))
    }
}
