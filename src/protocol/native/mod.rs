//! The native dialect: one JSON object per text frame, tagged by `type`.

mod decode;
mod document;
mod encode;
mod protocol;
mod ready;
mod schema;
mod words;

pub(crate) use decode::decode_as;
pub(crate) use document::schemas;
pub(crate) use encode::{Listing, error, event};
pub(crate) use protocol::{Native, beginning_frame, response_frame};
pub(crate) use ready::{Ready, Server};
