//! Sends back what it receives, on the production socket code, so that protocol suites can be run against it. Only with the
//! cargo feature `conformance`, which is never in a release.

use std::time::Instant;

use crate::domain::{RequestId, Tongue};
use crate::protocol::{Beginning, CatchUp, ClientFrame, Protocol, Received, Response, Step};
use crate::websocket::frame;

/// An echo.
pub(crate) struct Echo;

impl Protocol for Echo {
    fn dialect(&self) -> Tongue {
        Tongue::Native
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Sync
    }

    fn is_open_to_all(&self) -> bool {
        true
    }

    fn receive(&mut self, frame: ClientFrame<'_>, _: Received<'_>) -> Option<Vec<Step>> {
        let (is_binary, payload) = match frame {
            ClientFrame::Text(text) => (false, text.as_bytes()),
            ClientFrame::Binary(bytes) => (true, bytes),
            ClientFrame::Event(_) => return None,
        };
        Some(vec![Step::SendFrame(frame::data(is_binary, payload))])
    }

    fn begin(&mut self, _: Option<&RequestId>, _: Beginning<'_>, _: Instant) -> Vec<Step> {
        Vec::new()
    }

    fn respond(&mut self, _: Option<&RequestId>, _: Response<'_>) -> Vec<Step> {
        Vec::new()
    }
}
