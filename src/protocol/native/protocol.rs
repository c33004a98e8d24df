//! The native dialect as a [`Protocol`], over WebSocket.

use std::time::Instant;

use super::decode::decode;
use super::encode::{answer, listing, resync};
use crate::domain::{Dialect, Refusal, RequestId};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step};

pub(crate) struct NativeProtocol;

impl Protocol for NativeProtocol {
    fn dialect(&self) -> Dialect {
        Dialect::Native
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Sync
    }

    fn receive(&mut self, frame: ClientFrame<'_>, context: FrameContext<'_>) -> Option<Vec<Step>> {
        let step = match frame {
            ClientFrame::Text(text) => match decode(text, context.limits) {
                Ok((id, command)) => Step::Execute(id, command),
                Err(malformed) => Step::RejectMalformed(malformed.request, malformed.refusal),
            },
            ClientFrame::Binary(_) => {
                Step::RejectMalformed(None, Refusal::invalid("binary frames are not supported; send text"))
            }
            ClientFrame::Event(_) => return None,
        };
        Some(vec![step])
    }

    fn start(&mut self, request: Option<&RequestId>, state: InitialState<'_>, _: Instant) -> Vec<Step> {
        initial_frame(request, state).map(Step::Send).into_iter().collect()
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        response_frame(request, response).map(Step::Send).into_iter().collect()
    }
}

/// The `ready` frame; `None` without a snapshot.
pub(crate) fn initial_frame(request: Option<&RequestId>, state: InitialState<'_>) -> Option<Vec<u8>> {
    let InitialState::Snapshot(mut ready, cursor) = state else { return None };
    let mut frame = Vec::new();
    ready.encode(request, cursor, &mut frame);
    Some(frame)
}

/// The frame of a response; `None` where the client expects none.
pub(crate) fn response_frame(request: Option<&RequestId>, response: Response<'_>) -> Option<Vec<u8>> {
    let mut frame = Vec::new();
    match response {
        Response::Outcome(outcome) => return answer(request, outcome, &mut frame).then_some(frame),
        Response::ListPage(page) => listing(request, page, &mut frame),
        Response::Resync(session) => resync(session, &mut frame),
    }
    Some(frame)
}
