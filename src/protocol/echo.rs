//! An echo on the production socket code, for conformance suites. Only with the cargo feature `conformance`, which is never in
//! a release.

use std::time::Instant;

use crate::domain::{Dialect, RequestId};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step};
use crate::websocket::frame;

pub(crate) struct Echo;

impl Protocol for Echo {
    fn dialect(&self) -> Dialect {
        Dialect::Native
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Sync
    }

    fn is_public(&self) -> bool {
        true
    }

    fn receive(&mut self, frame: ClientFrame<'_>, _: FrameContext<'_>) -> Option<Vec<Step>> {
        let (is_binary, payload) = match frame {
            ClientFrame::Text(text) => (false, text.as_bytes()),
            ClientFrame::Binary(bytes) => (true, bytes),
            ClientFrame::Event(_) => return None,
        };
        Some(vec![Step::SendFrame(frame::data(is_binary, payload))])
    }

    fn start(&mut self, _: Option<&RequestId>, _: InitialState<'_>, _: Instant) -> Vec<Step> {
        Vec::new()
    }

    fn respond(&mut self, _: Option<&RequestId>, _: Response<'_>) -> Vec<Step> {
        Vec::new()
    }
}
