//! The native dialect: one JSON object per text frame, tagged by `type`.

mod decode;
mod document;
mod encode;
mod protocol;
mod ready;
mod schema;
mod words;

pub use decode::decode_as;
pub use document::schemas;
pub use encode::{Listing, error, event};
pub use protocol::{Native, beginning_frame, response_frame};
pub use ready::{Ready, Server};
pub use words::{Say, Tell};
