//! The native dialect: one JSON object per text frame, tagged by `type`.

mod commands;
mod decode;
mod document;
mod encode;
mod frame_types;
mod protocol;
mod ready;
mod schema;

pub(crate) use decode::decode_named;
pub(crate) use document::schemas;
pub(crate) use encode::{ListPage, error, event};
pub(crate) use protocol::{NativeProtocol, initial_frame, response_frame};
pub(crate) use ready::{Ready, ServerInfo};
