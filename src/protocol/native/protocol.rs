//! The native dialect as a [`Protocol`], over WebSocket.

use std::time::Instant;

use super::decode::decode;
use super::encode::{answer, listing, resync};
use crate::domain::{Refusal, RequestId, Tongue};
use crate::protocol::{Beginning, CatchUp, ClientFrame, Protocol, Received, Response, Step};

/// A connection that speaks it.
pub(crate) struct Native;

impl Protocol for Native {
    fn dialect(&self) -> Tongue {
        Tongue::Native
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Sync
    }

    fn receive(&mut self, frame: ClientFrame<'_>, received: Received<'_>) -> Option<Vec<Step>> {
        let step = match frame {
            ClientFrame::Text(text) => match decode(text, received.limits) {
                Ok((id, command)) => Step::Do(id, command),
                Err(malformed) => Step::Wrong(malformed.reference, malformed.refusal),
            },
            ClientFrame::Binary(_) => Step::Wrong(None, Refusal::invalid("binary frames are not supported; send text")),
            ClientFrame::Event(_) => return None,
        };
        Some(vec![step])
    }

    fn begin(&mut self, request: Option<&RequestId>, beginning: Beginning<'_>, _: Instant) -> Vec<Step> {
        beginning_frame(request, beginning).map(Step::Send).into_iter().collect()
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        response_frame(request, response).map(Step::Send).into_iter().collect()
    }
}

/// The frame that an arrival begins with.
pub(crate) fn beginning_frame(request: Option<&RequestId>, beginning: Beginning<'_>) -> Option<Vec<u8>> {
    let Beginning::Snapshot(mut ready, cursor) = beginning else { return None };
    let mut frame = Vec::new();
    ready.encode(request, cursor, &mut frame);
    Some(frame)
}

/// The frame of a response; `None` where nobody waits for it.
pub(crate) fn response_frame(request: Option<&RequestId>, response: Response<'_>) -> Option<Vec<u8>> {
    let mut frame = Vec::new();
    match response {
        Response::Outcome(outcome) => return answer(request, outcome, &mut frame).then_some(frame),
        Response::Listing(page) => listing(request, page, &mut frame),
        Response::Resync(session) => resync(session, &mut frame),
    }
    Some(frame)
}
